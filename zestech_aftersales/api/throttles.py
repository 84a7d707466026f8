"""How many requests a client may send in a minute."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60


class Throttled(exceptions.APIException):
    """The client sent more than its share; `wait` whole seconds until it may go on."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "throttled"
    default_detail = _("Too many requests. Wait as long as the Retry-After header says.")

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class ClientThrottle(BaseThrottle):
    """Counts a client's requests per minute of the clock; 0 in the settings switches it off.

    The count lives in the cache: in each web process for itself unless a shared cache is configured.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Raises Throttled when the client's share of this minute is used up."""
        token: Any = request.auth
        if token is None or not settings.API_REQUESTS_PER_MINUTE:
            return True
        second = request.received_at.timestamp()  # type: ignore[attr-defined]  # the middleware read it
        key = f"api-requests-{token.application_id}-{int(second // WINDOW_SECONDS)}"
        if cache.add(key, 1, timeout=2 * WINDOW_SECONDS) or cache.incr(key) <= settings.API_REQUESTS_PER_MINUTE:
            return True
        raise Throttled(ceil(WINDOW_SECONDS - second % WINDOW_SECONDS))
