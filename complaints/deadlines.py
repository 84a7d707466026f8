"""The limits of the judgement: started, met, voided and passed, always under the lock of the thing they belong to.

What happens when one passes stands in `complaints.actions.passed`, whoever notices first: the sweep or the next command.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.events import instant_text
from cases.models import DeadlineState
from cases.reminders.schedule import next_reminder_at
from complaints.models import JudgementClock, JudgementDeadline
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.limits import LIMITS, limit_due


def start(clock: JudgementClock, *, at: datetime, law: EditionNumbers, **thing: Any) -> JudgementDeadline:
    """Start a limit of one thing (`violation=...`, `complaint=...`) under the numbers of a law."""
    limit = LIMITS[clock]
    made = JudgementDeadline(
        clock=clock,
        clause=limit.clause,
        started_at=at,
        amount=limit.amount(law),
        due_at=limit_due(clock, at, law),
        **thing,
    )
    made.next_reminder_at = next_reminder_at(made)
    made.save()
    return made


def told_of(limit: JudgementDeadline) -> dict[str, object]:
    """What the event says that started a limit."""
    return {"clock": str(limit.clock), "due_at": instant_text(limit.due_at) if limit.due_at else None}


def latest(clock: JudgementClock, **thing: Any) -> JudgementDeadline | None:
    """The last limit of that kind, whatever became of it."""
    return JudgementDeadline.objects.filter(clock=clock, **thing).order_by("-id").first()


def running(clock: JudgementClock, **thing: Any) -> JudgementDeadline | None:
    """The running limit of that kind."""
    found = latest(clock, **thing)
    return found if found is not None and found.is_running else None


def in_time(limit: JudgementDeadline | None, at: datetime) -> bool:
    """Whether something received at an instant is inside the limit, however late it is committed (T5, T10)."""
    return (
        limit is not None
        and limit.due_at is not None
        and limit.state in (DeadlineState.RUNNING, DeadlineState.MISSED)
        and periods.on_time(at, limit.due_at)
    )


def is_over(limit: JudgementDeadline | None, at: datetime) -> bool:
    """Whether the time had run out, and something received at an instant comes too late for it."""
    return limit is not None and limit.state == DeadlineState.MISSED and not in_time(limit, at)


def meet(limit: JudgementDeadline, *, at: datetime) -> None:
    """The right was used in time; a silence that was written down before is taken back (T10)."""
    if limit.state == DeadlineState.MISSED:
        limit.restore()
    limit.meet(at)
    limit.save(update_fields=["state", "ended_at", "next_reminder_at"])


def miss(limit: JudgementDeadline) -> None:
    """The time ran out, at the due instant (T8)."""
    limit.miss()
    limit.save(update_fields=["state", "ended_at", "next_reminder_at"])


def void_running(*, at: datetime, **thing: Any) -> None:
    """The thing has ended or gone another way: none of its limits runs on."""
    for limit in JudgementDeadline.objects.filter(state="running", **thing).order_by("id"):
        limit.void(at)
        limit.save(update_fields=["state", "ended_at", "next_reminder_at"])
