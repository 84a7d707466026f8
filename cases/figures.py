"""How a seller answers: figures of his newest cases, each a plain count of what the clocks tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median
from typing import TYPE_CHECKING

from cases import queries
from cases.excuses import without_excused
from cases.models import Clock, Deadline, DeadlineState

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# Numbers of the display, not of the rules: how far back the figures look, and from how many cases they are taken.
DAYS_BACK = 30
DAYS_CHARTED = 7
NEWEST_CASES = 500
LAST_HOURS = 6
ANSWERS = (Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER)
FIRST_ANSWERS = (Clock.RESPONSE, Clock.SOLUTION)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was owed: when it was begun, due and given (or missed)."""

    clock: str
    is_met: bool
    started_at: datetime
    ended_at: datetime
    due_at: datetime

    @property
    def took(self) -> timedelta:
        """How long the other side waited."""
        return self.ended_at - self.started_at

    @property
    def kind(self) -> str:
        """in_time, last_hours or missed."""
        if not self.is_met:
            return "missed"
        return "last_hours" if self.due_at - self.ended_at <= timedelta(hours=LAST_HOURS) else "in_time"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the answers of the last days add up to."""

    answers: list[Answer]

    @property
    def owed(self) -> int:
        """How many answers fell due or were given."""
        return len(self.answers)

    @property
    def in_time(self) -> int:
        """How many of them came in time."""
        return sum(answer.is_met for answer in self.answers)

    @property
    def median_first(self) -> timedelta | None:
        """The middle one of the times to a first effective response; None without any."""
        first = [answer for answer in self.answers if answer.is_met and answer.clock in FIRST_ANSWERS]
        return timedelta(seconds=median(answer.took.total_seconds() for answer in first)) if first else None

    def by_day(self, *, until: date, zone: tzinfo) -> list[tuple[date, tuple[int, int, int]]]:
        """For each of the last days, as the zone's calendar has them: in time, in the last hours, missed."""
        told = Counter((answer.ended_at.astimezone(zone).date(), answer.kind) for answer in self.answers)
        days = [until - timedelta(days=n) for n in range(DAYS_CHARTED - 1, -1, -1)]
        return [(day, (told[day, "in_time"], told[day, "last_hours"], told[day, "missed"])) for day in days]


def figures(by: Actor, *, at: datetime) -> Figures:
    """The answers of the last DAYS_BACK days in the newest NEWEST_CASES cases of a seller, but for those excused.

    One query.
    """
    newest = queries.cases_for(by).order_by("-pk").values("pk")[:NEWEST_CASES]
    decided = Deadline.objects.filter(
        appointment__case__in=newest,
        clock__in=ANSWERS,
        state__in=[DeadlineState.MET, DeadlineState.MISSED],
        ended_at__gte=at - timedelta(days=DAYS_BACK),
        due_at__isnull=False,
    )
    rows = without_excused(decided).values_list("clock", "state", "started_at", "ended_at", "due_at")
    return Figures(
        [
            Answer(clock, state == DeadlineState.MET, started, ended, due)
            for clock, state, started, ended, due in rows
            if ended is not None and due is not None
        ]
    )
