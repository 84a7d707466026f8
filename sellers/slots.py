"""Slots of a service point: pure arithmetic on opening hours, in the point's zone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT_AFTER = 24 * 60
_WALL_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")

# Minutes after local midnight at which a window opens and closes, by weekday (Monday is 0).
Hours = Mapping[int, Sequence[tuple[int, int]]]


class HoursError(ValueError):
    """Opening hours that cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A bookable stretch of time at a service point; both instants in UTC, the end not included."""

    starts_at: datetime
    ends_at: datetime


def _minutes(text: Any) -> int:
    if text == "24:00":
        return _MIDNIGHT_AFTER
    shape = _WALL_TIME.fullmatch(text) if isinstance(text, str) else None
    if shape is None:
        raise HoursError(f"{text!r} is no time like 09:00")
    return int(shape[1]) * 60 + int(shape[2])


def read_hours(opening: Any) -> Hours:
    """Read `{"mon": [["09:00", "17:00"]], ...}`; a window may end at 24:00.

    Errors: HoursError for an unknown day, an unreadable time, a window that is empty, runs
    backwards or overlaps another of its day.
    """
    if not isinstance(opening, Mapping):
        raise HoursError("days with their windows are needed")
    hours: dict[int, list[tuple[int, int]]] = {}
    for day, windows in opening.items():
        if day not in DAYS:
            raise HoursError(f"{day!r} is no day")
        if not isinstance(windows, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in windows):
            raise HoursError(f"{day} needs a list of pairs")
        read = sorted((_minutes(opens), _minutes(closes)) for opens, closes in windows)
        if any(opens >= closes for opens, closes in read):
            raise HoursError(f"a window of {day} ends before it begins")
        if any(later[0] < earlier[1] for earlier, later in pairwise(read)):
            raise HoursError(f"windows of {day} overlap")
        hours[DAYS.index(day)] = read
    return hours


def instant_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the wall clock of `zone` first shows this time or a later one.

    An hour that comes twice counts the first time. An hour that is skipped stands for the moment
    of the jump, so that later wall-clock times are never earlier instants.
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after


def _of_day(day: date, hours: Hours, minutes: int, zone: ZoneInfo) -> Iterator[Slot]:
    length = timedelta(minutes=minutes)
    for opens, closes in hours.get(day.weekday(), ()):
        starts_at, closes_at = instant_of(day, opens, zone), instant_of(day, closes, zone)
        # Elapsed time from the opening: on a night with a clock change a slot keeps its length.
        while starts_at + length <= closes_at:
            yield Slot(starts_at, starts_at + length)
            starts_at += length


def slots(
    hours: Hours, closed: frozenset[date], minutes: int, zone: ZoneInfo, begin: datetime, end: datetime
) -> list[Slot]:
    """The slots that start at or after `begin` and before `end`, in order.

    Hours and closed days are read in the point's `zone`; slots are `minutes` of elapsed time
    long, count from each opening and never run past its closing.
    """
    if minutes <= 0:
        return []
    day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    found: list[Slot] = []
    while day <= last:
        if day not in closed:
            found += [slot for slot in _of_day(day, hours, minutes, zone) if begin <= slot.starts_at < end]
        day += timedelta(days=1)
    return found
