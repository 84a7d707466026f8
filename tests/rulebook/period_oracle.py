"""The periods told a second time, another way: by walking a clock and by looking at wall clocks."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Span = tuple[datetime, datetime | None]


def walked_hours(start: datetime, hours: int, spans: Sequence[Span]) -> datetime | None:
    """Let a stop-watch run from the start, standing in every span, until the hours are used up."""
    now, left = start, timedelta(hours=hours)
    while True:
        standing = [end for begin, end in spans if begin <= now and (end is None or now < end)]
        if None in standing:
            return None
        ends = [end for end in standing if end is not None]
        if ends:
            now = min(ends)
        elif not left:
            return now
        else:
            step = min([left, *(begin - now for begin, _ in spans if begin > now)])
            now, left = now + step, left - step


def seen_day_end(day: date, zone: ZoneInfo) -> datetime:
    """Look at the zone's wall clock minute by minute: one past the last that shows the day or less."""
    return _seen_day_end(day, zone.key)


@cache
def _seen_day_end(day: date, key: str) -> datetime:
    zone = ZoneInfo(key)
    now = datetime.combine(day, time(8), tzinfo=UTC)
    last = now
    for _ in range(40 * 60):
        if now.astimezone(zone).date() <= day:
            last = now
        now += MINUTE
    return last + MINUTE


def counted_days(start: datetime, days: int, zone: ZoneInfo, spans: Sequence[Span]) -> datetime | None:
    """Tear off calendar leaves; then move until the pauses that begin by the end no longer change it."""
    leaf = start.astimezone(zone).date()
    for _ in range(days):
        leaf += timedelta(days=1)
    unmoved = due = seen_day_end(leaf, zone)
    while True:
        length = _covered(start, due, spans)
        if length is None:
            return None
        moved = _next_day_end(unmoved + length, zone)
        if moved == due:
            return due
        due = moved


def corresponding_day(first: date, months: int) -> date:
    """Turn the calendar month by month; step back from a day that the last month has not got."""
    year, month = first.year, first.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = first.day
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def _covered(start: datetime, due: datetime, spans: Sequence[Span]) -> timedelta | None:
    """The time from the start on that lies in a span reached, by standing or touching, until the due instant."""
    total, cursor = timedelta(), start
    while True:
        reachable = [span for span in spans if span[1] is None or span[1] > cursor]
        if not reachable:
            return total
        begin, end = min(reachable, key=lambda span: max(span[0], cursor))
        # From here on the cursor is the end of a counted span: what touches it goes with it.
        if begin > due and not (begin <= cursor != start):
            return total
        if end is None:
            return None
        total += end - max(begin, cursor)
        cursor = end


def _next_day_end(instant: datetime, zone: ZoneInfo) -> datetime:
    day = instant.astimezone(zone).date() - timedelta(days=2)
    while seen_day_end(day, zone) < instant:
        day += timedelta(days=1)
    return seen_day_end(day, zone)
