"""What every request gets before a view sees it: its instant, and its viewer's zone and language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from zestech_aftersales import clock
from zestech_aftersales.accounts.models import User

# Static files have no instant, and the health pages must answer when the database that tells
# the time does not.
UNTIMED = ("/healthz", "/readyz")

Answer = Callable[[HttpRequest], HttpResponse]


class TimedRequest(HttpRequest):
    """A request as the views see it: `received_at` is the instant that decides on time or late."""

    received_at: datetime


class PersonRequest(TimedRequest):
    """A timed request of somebody who is logged in."""

    user: User


class ReceivedAtMiddleware:
    """Reads the clock once, first thing; nothing below may read it again (T1)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith((settings.STATIC_URL, *UNTIMED)):
            request.received_at = clock.now()  # type: ignore[attr-defined]  # it makes a TimedRequest
        return self.get_response(request)


class ViewerZoneMiddleware:
    """Shows a person who is logged in everything in their own zone and language (T11)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        language = request.user.language
        with timezone.override(ZoneInfo(request.user.time_zone)):
            translation.activate(language)
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response
