"""When a mail may reach somebody: quiet hours and daily digest, by the wall clock of their own zone.

Neither moves a limit: a clock runs on while its mail waits.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User


def mail_time(person: User, at: datetime) -> datetime:
    """The first instant from `at` on at which this person wants mail: the next digest, or the end of the quiet hours."""
    if person.digest_at is not None:
        return next_wall_time(person.digest_at, person.zone, at)
    if person.quiet_from is None or person.quiet_until is None:
        return at
    if is_between(at.astimezone(person.zone).time(), person.quiet_from, person.quiet_until):
        return next_wall_time(person.quiet_until, person.zone, at)
    return at


def is_between(wall: time, begin: time, end: time) -> bool:
    """Whether a time of day lies from `begin` on and before `end`; an end before its begin is on the next day."""
    if begin <= end:
        return begin <= wall < end
    return wall >= begin or wall < end


def next_wall_time(wall: time, zone: ZoneInfo, at: datetime) -> datetime:
    """The first instant from `at` on at which the clocks of a zone show a time of day.

    What a clock change skips counts by the offset before the change; what it repeats counts at each time.
    """
    today = at.astimezone(zone).date()
    strokes: list[datetime] = []
    for day in (today, today + timedelta(days=1)):
        first, second = (datetime.combine(day, wall, tzinfo=zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        strokes += [first, max(first, second)]
    return min(stroke for stroke in strokes if stroke >= at)
