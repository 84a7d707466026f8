"""The packs that were made: of a thing by somebody, and the one with a given manifest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

MADE = "pack.made"
# Each takes the machine a second or two; nobody reads more of them.
MOST_AN_HOUR = 6


def pack_stream(about: str) -> str:
    """Where the packs of a thing are recorded: a stream of its own, so that no pack changes what the next one tells."""
    return f"pack/{about}"


def must_not_be_too_many(about: str, by: Actor, *, at: datetime) -> None:
    """RuleBroken (409) for somebody who made several packs of the same thing within the hour."""
    mine = Event.objects.filter(stream=pack_stream(about), kind=MADE, actor=by.user_id)
    if mine.filter(recorded_at__gt=at - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        detail = _("You have taken this several times within the hour. Use one of those files, or come back later.")
        raise RuleBroken("", "too_many_packs", detail=detail)


def pack_made(about: str, manifest: str) -> Event | None:
    """The event of the pack with that manifest (SHA-256); None if no such pack was made here."""
    made = Event.objects.filter(stream=pack_stream(about), kind=MADE).order_by("pk")
    return next((event for event in made.iterator() if (event.detail or {}).get("manifest") == manifest), None)
