"""Pure date arithmetic of the rules, T2 to T7: limits in hours, days, months and years."""

import calendar
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload
from zoneinfo import ZoneInfo

#: The SQL twin of on_time(): the instant goes in as a parameter, SQL reads no clock (T1, T5).
ON_TIME_SQL = "%(received_at)s <= due_at"


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """A time in which a clock stands, from begin to end; end None means it still stands.

    ValueError when an instant has no offset or the end lies before the begin.
    """

    begin: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        _require_aware(self.begin)
        if self.end is not None:
            _require_aware(self.end)
            if self.end < self.begin:
                raise ValueError("A pause cannot end before it begins.")


def on_time(received_at: datetime, due_at: datetime) -> bool:
    """Whether something came in time: the last instant is inside (T5)."""
    return received_at <= due_at


@overload
def hours_limit(start: datetime, hours: int) -> datetime: ...
@overload
def hours_limit(start: datetime, hours: int, pauses: Iterable[Pause]) -> datetime | None: ...
def hours_limit(start: datetime, hours: int, pauses: Iterable[Pause] = ()) -> datetime | None:
    """The due instant of an hour limit: exact elapsed time plus the pauses (T2, T7).

    None while a pause that counts is open.
    """
    begin = _utc(start)
    due = begin + timedelta(hours=_positive(hours))
    for pause in merged(pauses, since=begin):
        if pause.begin > due:
            break
        if pause.end is None:
            return None
        due += pause.end - pause.begin
    return due


@overload
def days_limit(start: datetime, days: int, zone: ZoneInfo) -> datetime: ...
@overload
def days_limit(start: datetime, days: int, zone: ZoneInfo, pauses: Iterable[Pause]) -> datetime | None: ...
def days_limit(start: datetime, days: int, zone: ZoneInfo, pauses: Iterable[Pause] = ()) -> datetime | None:
    """The due instant of a limit in natural days: 24:00 of day n in the zone (T3, T7, 5.1).

    The start day is not counted. The pauses that count are added up, and the moved instant is
    rounded up to 24:00 once: two pauses of an hour cost one day, not two. Whether a pause still
    counts is asked of the due instant as it stood then, which is always a 24:00; so a pause
    that opens on the last, rounded-up day stops the clock as well.
    None while a pause that counts is open.
    """
    begin = _utc(start)
    last_day = begin.astimezone(zone).date() + timedelta(days=_positive(days))
    unmoved = due = day_end(last_day, zone)
    total = timedelta()
    for pause in merged(pauses, since=begin):
        if pause.begin > due:
            break
        if pause.end is None:
            return None
        total += pause.end - pause.begin
        due = _round_up(unmoved + total, zone)
    return due


def days_before(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The first start from which a limit of so many natural days is not over at an instant: `days_limit` turned round."""
    last = (_utc(instant) - datetime.resolution).astimezone(zone).date()
    return day_end(last - timedelta(days=_positive(days) + 1), zone)


def months_limit(start: datetime, months: int, zone: ZoneInfo) -> datetime:
    """24:00 of the corresponding date after so many months (a promised cover, 2.3.3).

    A month without that date ends the limit on its own last day.
    """
    first = _utc(start).astimezone(zone).date()
    years, month = divmod(first.month - 1 + _positive(months), 12)
    year, month = first.year + years, month + 1
    day = min(first.day, calendar.monthrange(year, month)[1])
    return day_end(date(year, month, day), zone)


def months_start(instant: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The first start from which a limit of so many months is not over at an instant: `months_limit` turned round."""
    last = _utc(instant).astimezone(zone).date()
    year, month = divmod(last.year * 12 + last.month - 1 - _positive(months), 12)
    # A month without that date ends a limit on its own last day: the first day to fit lies near.
    day = date(year, month + 1, 1) - timedelta(days=5)
    while not on_time(instant, months_limit(start := day_end(day - timedelta(days=1), zone), months, zone)):
        day += timedelta(days=1)
    return start


def years_limit(start: datetime, years: int, zone: ZoneInfo) -> datetime:
    """24:00 of the corresponding date; 29 February ends on 28 February of a common year (T4)."""
    return months_limit(start, 12 * _positive(years), zone)


def merged(pauses: Iterable[Pause], *, since: datetime | None = None) -> list[Pause]:
    """The pauses in order of start, overlapping and touching ones made one (T7).

    What lies before `since` is cut off; empty pauses vanish.
    """
    joined: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.begin):
        begin, end = _utc(pause.begin), None if pause.end is None else _utc(pause.end)
        if since is not None and begin < since:
            begin = since
        if end is not None and end <= begin:
            continue
        if joined and (joined[-1].end is None or begin <= joined[-1].end):
            last = joined[-1].end
            later = None if last is None or end is None else max(last, end)
            joined[-1] = Pause(joined[-1].begin, later)
        else:
            joined.append(Pause(begin, end))
    return joined


def paused_total(pauses: Iterable[Pause], *, since: datetime | None = None) -> timedelta | None:
    """How long the pauses last together, overlaps once; None while one of them is open."""
    total = timedelta()
    for pause in merged(pauses, since=None if since is None else _utc(since)):
        if pause.end is None:
            return None
        total += pause.end - pause.begin
    return total


def share_instant(start: datetime, due: datetime, percent: int, pauses: Iterable[Pause] = ()) -> datetime:
    """When so many percent of a limit's own running time are over; pauses do not count (T7).

    start, due and the pauses that moved it: as the limit has them. Rounded down to the microsecond.
    """
    begin, end = _utc(start), _utc(due)
    stood = [(pause.begin, pause.end) for pause in merged(pauses, since=begin) if pause.end and pause.begin <= end]
    running = end - begin - sum((until - since for since, until in stood), timedelta())
    instant = begin + running * percent // 100
    for since, until in stood:
        if since >= instant:
            break
        instant += until - since
    return instant


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a date in a zone, in UTC: the first instant from which its date is past.

    Where the wall clock jumps over midnight that is the jump; where it strikes midnight twice,
    the second stroke.
    """
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    first, second = (midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second
    # A gap: the wall clock never shows this midnight. Zones change on whole seconds.
    gap = range(int((first - second).total_seconds()) + 1)
    return second + timedelta(
        seconds=bisect_left(
            gap,
            True,
            key=lambda passed: (second + timedelta(seconds=passed)).astimezone(zone).date() > day,
        )
    )


def _round_up(instant: datetime, zone: ZoneInfo) -> datetime:
    today = instant.astimezone(zone).date()
    begun = day_end(today - timedelta(days=1), zone)
    return begun if instant <= begun else day_end(today, zone)


def _positive(amount: int) -> int:
    if amount < 1:
        raise ValueError("A limit lasts at least one unit.")
    return amount


def _require_aware(instant: datetime) -> None:
    if instant.utcoffset() is None:
        raise ValueError("An instant needs its offset from UTC.")


def _utc(instant: datetime) -> datetime:
    _require_aware(instant)
    return instant.astimezone(UTC)
