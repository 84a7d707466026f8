"""The hearing of a seller on the provisional findings of an audit, and what follows when its time is over (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.deadlines import settle
from cases.events import instant_text
from complaints import deadlines
from complaints.candidates import CLAUSE
from complaints.events import record_change
from complaints.locks import locked_audit
from complaints.models import Audit, JudgementClock, JudgementDeadline
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import edition_in_force

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def start(audit: Audit, *, at: datetime) -> dict[str, object]:
    """Start the hearing under the edition in force, as an audit is about many orders; what the event says of it."""
    limit = deadlines.start(JudgementClock.HEARING, at=at, law=edition_in_force(at).law, audit=audit)
    return {"clock": limit.clock, "due_at": instant_text(limit.due_at) if limit.due_at else None}


def limit_of(audit: Audit) -> JudgementDeadline | None:
    """The hearing, whatever became of it."""
    return deadlines.latest(JudgementClock.HEARING, audit=audit)


def apply_over(audit: Audit, *, by: Actor, at: datetime) -> None:
    """Write down, at its due instant, that nobody used the time, if it is over at `at` (T8, T9); the row is locked."""
    limit = limit_of(audit)
    if limit is None or limit.due_at is None or not limit.is_passed(at):
        return
    deadlines.miss(limit)
    record_change(
        audit,
        "audit.hearing_over",
        clause=CLAUSE,
        by=system(by.channel),
        at=at,
        effective_at=limit.due_at,
        before=audit.state,
        detail={"clock": limit.clock, "due_at": instant_text(limit.due_at)},
    )


def is_heard(audit: Audit, *, at: datetime) -> bool:
    """Whether the seller has answered, or an answer in time can no longer be on its way (T10)."""
    if audit.answered_at is not None:
        return True
    limit = limit_of(audit)
    return limit is not None and limit.due_at is not None and at > limit.due_at + settle()


def time_is_over(limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    """The effect of a passed hearing of an audit (see `complaints.actions.passed`)."""
    if limit.audit is not None:
        apply_over(locked_audit(limit.audit), by=by, at=at)
