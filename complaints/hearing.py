"""Which numbers the hearing and the appeal of a violation run by, and what follows when their time is over (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.deadlines import settle
from cases.events import instant_text
from complaints import deadlines
from complaints.candidates import CLAUSE
from complaints.events import record_change
from complaints.locks import locked_violation
from complaints.models import JudgementClock, JudgementDeadline, Violation
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import edition_in_force, law_for_order

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.rulebook.models import RuleEdition

OVER = {JudgementClock.HEARING: "violation.hearing_over", JudgementClock.APPEAL: "violation.appeal_over"}


def edition_of(violation: Violation, at: datetime) -> RuleEdition:
    """The edition of the order that the breach is about; without one the edition in force."""
    appointment = violation.appointment
    return edition_in_force(at) if appointment is None else appointment.case.cover.edition


def law_of(violation: Violation, at: datetime) -> EditionNumbers:
    """The law that its hearing or appeal is counted by, if it begins at an instant."""
    return law_for_order(edition_of(violation, at), at)


def start(clock: JudgementClock, violation: Violation, *, at: datetime) -> dict[str, object]:
    """Start the hearing or the time to appeal; what the event says of it."""
    limit = deadlines.start(clock, at=at, law=law_of(violation, at), violation=violation)
    return {"clock": str(clock), "due_at": instant_text(limit.due_at) if limit.due_at else None}


def apply_over(violation: Violation, clock: JudgementClock, *, by: Actor, at: datetime) -> None:
    """Write down, at its due instant, that nobody used the time, if it is over at `at` (T8, T9); the row is locked."""
    limit = deadlines.latest(clock, violation=violation)
    if limit is None or limit.due_at is None or not limit.is_passed(at):
        return
    deadlines.miss(limit)
    record_change(
        violation,
        OVER[clock],
        clause=CLAUSE,
        by=system(by.channel),
        at=at,
        effective_at=limit.due_at,
        before=violation.state,
        detail={"clock": str(clock), "due_at": instant_text(limit.due_at)},
    )


def is_heard(violation: Violation, *, at: datetime) -> bool:
    """Whether the seller has answered, or an answer in time can no longer be on its way (T10)."""
    if violation.answered_at is not None:
        return True
    limit = deadlines.latest(JudgementClock.HEARING, violation=violation)
    return limit is not None and limit.due_at is not None and at > limit.due_at + settle()


def time_is_over(limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    """The effect of a passed hearing or appeal of a violation (see `complaints.actions.passed`)."""
    if limit.violation is None:
        return
    violation = locked_violation(limit.violation)
    apply_over(violation, JudgementClock(limit.clock), by=by, at=at)
