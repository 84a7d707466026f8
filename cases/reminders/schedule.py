"""When a limit reminds: at shares of its own running time, pauses left out.

The end of a limit has no step here: it is told by the event of its miss, after due + settle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from django.conf import settings

from cases.models.deadline import Pause
from zestech_aftersales.rulebook import periods


class Running(Protocol):
    """A limit as far as its reminders go: a clock, a sign-off, a proof, a limit of the judgement."""

    @property
    def started_at(self) -> datetime:
        """When it began."""

    @property
    def due_at(self) -> datetime | None:
        """When it ends; None while it stands."""

    @property
    def reminded_step(self) -> int:
        """The last step that is behind it."""

    @property
    def reminds(self) -> bool:
        """Whether it still runs and people are reminded of it."""


def steps() -> list[int]:
    """The steps in percent of a limit, rising."""
    return list(settings.REMINDER_PERCENTS)


def last_step() -> int:
    """The step after which the platform watches, too."""
    return steps()[-1]


def step_instant(row: Running, step: int, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When a step of a limit is reached; None while it stands."""
    if row.due_at is None:
        return None
    stood = [periods.Pause(pause.begins_at, pause.ends_at) for pause in pauses]
    return periods.share_instant(row.started_at, row.due_at, step, stood)


def next_reminder_at(row: Running, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When the first step that was not reminded of is reached; None if none is left, or the limit stands or ended.

    A pure function of the row and its pauses that count, like the due instant; it may lie in the past.
    """
    if not row.reminds:
        return None
    left = next((step for step in steps() if step > row.reminded_step), None)
    return None if left is None else step_instant(row, left, pauses)


def reached_step(row: Running, pauses: Iterable[Pause], *, at: datetime) -> int | None:
    """The latest step that was reached by `at` and not reminded of; None if there is none or the limit is over."""
    if not row.reminds or row.due_at is None or not periods.on_time(at, row.due_at):
        return None
    return max((step for step in _behind(row, pauses, at=at) if step > row.reminded_step), default=None)


def step_behind(row: Running, pauses: Iterable[Pause], *, at: datetime) -> int:
    """The latest step of a limit that lies behind it at an instant, reminded of or not; 0 before the first."""
    return max(_behind(row, pauses, at=at), default=0)


def _behind(row: Running, pauses: Iterable[Pause], *, at: datetime) -> list[int]:
    stood = list(pauses)
    return [step for step in steps() if (instant := step_instant(row, step, stood)) is not None and instant <= at]
