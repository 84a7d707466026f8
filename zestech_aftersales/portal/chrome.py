"""What the frame of every page shows: navigation, unread notices, the viewer's zone."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from zestech_aftersales.accounts.models import User
from zestech_aftersales.portal.audience import Link, audience_of
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.queries import UNREAD_SHOWN, unread_count
from zestech_aftersales.ui.instants import zone_words


class Chrome:
    """Asked lazily: a page that shows no frame (a part for htmx, a download) asks the database nothing."""

    def __init__(self, request: HttpRequest, served_at: datetime) -> None:
        self._request = request
        self._served_at = served_at

    @property
    def notices_url(self) -> str:
        return reverse("notices")

    @cached_property
    def links(self) -> list[Link]:
        return audience_of(self._request.user).links_at(self._request.path)

    @cached_property
    def unread(self) -> str:
        """The number on the bell; empty for none."""
        user = self._request.user
        count = unread_count(user) if isinstance(user, User) else 0
        return f"{UNREAD_SHOWN}+" if count > UNREAD_SHOWN else str(count or "")

    @cached_property
    def zone(self) -> str:
        return zone_words(timezone.get_current_timezone(), self._served_at)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `chrome`, and `platform_zone` (the zone of the edition in force) for the tag instant."""
    served_at = getattr(request, "received_at", None)
    if served_at is None:
        return {}
    return {
        "chrome": Chrome(request, served_at),
        "platform_zone": SimpleLazyObject(lambda: edition_in_force(served_at).law.zone),
    }
