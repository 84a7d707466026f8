"""When a clock reminds: at shares of its own running time, pauses left out.

The end of a limit has no step here: it is told by the event of its miss, after due + settle, to buyer and seller.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from cases.models.deadline import Clock, Deadline, DeadlineState, Pause
from zestech_aftersales.rulebook import periods

SELLERS_CLOCKS = (Clock.RESPONSE, Clock.SOLUTION, Clock.CONFIRMATION, Clock.COUNTER, Clock.NEW_DATE)
BUYERS_CLOCKS = (Clock.BUYER_SILENCE,)
REMINDED_CLOCKS = frozenset({*SELLERS_CLOCKS, *BUYERS_CLOCKS})


def steps() -> list[int]:
    """The steps in percent of a limit, rising."""
    return list(settings.REMINDER_PERCENTS)


def last_step() -> int:
    """The step after which the platform watches, too."""
    return steps()[-1]


def step_instant(row: Deadline, step: int, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When a step of a clock is reached; None while the clock stands."""
    if row.due_at is None:
        return None
    stood = [periods.Pause(pause.begins_at, pause.ends_at) for pause in pauses]
    return periods.share_instant(row.started_at, row.due_at, step, stood)


def next_reminder_at(row: Deadline, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When the first step that was not reminded of is reached; None if none is left, or the clock stands or ended.

    A pure function of the row and its pauses that count, like the due instant; it may lie in the past.
    """
    if row.state != DeadlineState.RUNNING or row.clock not in REMINDED_CLOCKS:
        return None
    left = next((step for step in steps() if step > row.reminded_step), None)
    return None if left is None else step_instant(row, left, pauses)


def reached_step(row: Deadline, pauses: Iterable[Pause], *, at: datetime) -> int | None:
    """The latest step that was reached by `at` and not reminded of; None if there is none or the limit is over."""
    if row.state != DeadlineState.RUNNING or row.due_at is None or not periods.on_time(at, row.due_at):
        return None
    stood = list(pauses)
    reached = [
        step
        for step in steps()
        if step > row.reminded_step and (instant := step_instant(row, step, stood)) is not None and instant <= at
    ]
    return max(reached, default=None)
