"""Public answers that are the same for everybody, so that any cache may keep them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

COOKIELESS = ("/marks/",)


class CookielessMiddleware:
    """Takes the cookies off such a request and off its answer: no session is opened, nobody is recognised.

    What the inner middleware says about varying by cookie or by the browser's language is taken off
    as well; these answers differ by their address alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(COOKIELESS):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = self.get_response(request)
        response.cookies.clear()
        response.headers.pop("Vary", None)
        return response
