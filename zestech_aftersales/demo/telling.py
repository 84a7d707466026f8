"""What the chapters of the tour share: how a step is told, how their times go together, and what must come out."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from zestech_aftersales.clock import StandingClock

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
NOW = timedelta(0)

# Monday 23 November 2026, 09:15:30 in Shanghai: the instant at which all requests are received.
REQUESTED = datetime.fromisoformat("2026-11-23T09:15:30+08:00")

# A chapter yields the instant at which it goes on, and goes on when the clock stands there.
Chapter = Iterator[datetime]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rules say must come out, worked out by hand from clause and instant."""

    case: str
    lesson: str
    state: str
    event: str
    effective_at: str
    clause: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the system must answer to a question of the tour, worked out by hand as well."""

    case: str
    lesson: str
    answer: str


class Say(Protocol):
    """Shows a step of a case, or of what is judged (`of`); what is `refused` is done, and must be refused.

    An `answer` of the system is shown instead of a state, and held against the reading of that name.
    """

    def __call__(
        self,
        name: str,
        words: str,
        *,
        refused: Callable[[], object] | None = None,
        of: object | None = None,
        answer: str = "",
    ) -> None: ...


def as_z(instant: datetime) -> str:
    """An instant in UTC, without a fraction that is zero."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def side_by_side(clock: StandingClock, *chapters: Chapter) -> None:
    """Play chapters whose times overlap: always the one that goes on next, by the one clock."""
    waiting: list[tuple[datetime, int]] = []

    def go_on(number: int) -> None:
        instant = next(chapters[number], None)
        if instant is not None:
            if instant < clock.instant:
                raise ValueError(f"A chapter goes back to {instant}.")
            heapq.heappush(waiting, (instant, number))

    for number in range(len(chapters)):
        go_on(number)
    while waiting:
        instant, number = heapq.heappop(waiting)
        clock.move_to(instant)
        go_on(number)
