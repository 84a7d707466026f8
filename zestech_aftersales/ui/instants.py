"""Instants and spans of time in words, in a person's own zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def offset_words(instant: datetime) -> str:
    """The offset of an instant's own zone: UTC, UTC+1, UTC+5:30, UTC-3."""
    minutes = round((instant.utcoffset() or timedelta()).total_seconds() / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "-"
    return f"UTC{sign}{hours}:{rest:02d}" if rest else f"UTC{sign}{hours}"


def zone_words(zone: tzinfo, at: datetime) -> str:
    """A zone by name with the offset it has at an instant: Europe/Berlin (UTC+1)."""
    offset = offset_words(at.astimezone(zone))
    name = str(zone)
    return name if name == offset else f"{name} ({offset})"


def instant_words(instant: datetime, form: str = "full", zone: tzinfo | None = None) -> str:
    """An instant in a zone (the viewer's when none is given).

    full: with year and offset; wall: with year, where the offset is said beside it; short: day, month and time; day: the date alone; time: HH:MM.
    ValueError for another form.
    """
    local = instant.astimezone(zone or timezone.get_current_timezone())
    match form:
        case "full":
            return f"{instant_words(instant, 'wall', zone)} ({offset_words(local)})"
        case "wall":
            return date_format(local, pgettext("instant", "D j M Y, H:i"))
        case "short":
            return date_format(local, pgettext("instant", "D j M, H:i"))
        case "day":
            return date_format(local, pgettext("instant", "D j M Y"))
        case "time":
            return date_format(local, "H:i")
    raise ValueError(f"no such form of an instant: {form}")


def duration_words(span: timedelta) -> str:
    """A span of time in its two largest useful units, rounded down: 31 h 12 min, 9 days 4 h, 12 min."""
    minutes = max(0, span // timedelta(minutes=1))
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return _("%(days)d days %(hours)d h") % {"days": hours // 24, "hours": hours % 24}
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d min") % {"minutes": minutes}


def left_words(span: timedelta) -> str:
    """What is left of a limit: 31 h 12 min left."""
    return _("%(left)s left") % {"left": duration_words(span)}
