"""What happens when a limit of the judgement has passed; effective at the due instant, whoever notices first (T8, T9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from complaints import audit_hearing, hearing, losses
from complaints.actions import complaint_steps
from complaints.models import JudgementClock, JudgementDeadline
from zestech_aftersales.action import action

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def _hearing_over(limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    """Of a violation or of an audit, whichever the seller was heard on."""
    over = hearing.time_is_over if limit.audit_id is None else audit_hearing.time_is_over
    over(limit, by, at)


Effect = Callable[[JudgementDeadline, "Actor", datetime], None]
# By clock: locks the thing, looks again whether the limit has passed, and writes what follows from it.
EFFECTS: dict[str, Effect] = {
    JudgementClock.HEARING: _hearing_over,
    JudgementClock.APPEAL: hearing.time_is_over,
    JudgementClock.AUTO_ESCALATION: complaint_steps.limit_passed,
    JudgementClock.EVIDENCE: complaint_steps.limit_passed,
    JudgementClock.OBJECTION: complaint_steps.limit_passed,
    JudgementClock.LOSS_ANSWER: losses.time_is_over,
}


@action
def apply_passed(limit: JudgementDeadline, *, by: Actor, at: datetime) -> None:
    """Write down what follows from a limit that has passed; nothing when it was met meanwhile."""
    EFFECTS[limit.clock](limit, by, at)
