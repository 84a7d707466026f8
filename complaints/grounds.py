"""What the review of a complaint does to the violation that its first decision had led to (3.2, 3.3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from complaints.candidates import CLAUSE, without_ground
from complaints.events import record_change
from complaints.models import (
    FOUND_BY_COMPLAINT,
    OPEN_VIOLATIONS,
    SELLERS_FAULT,
    Complaint,
    Determination,
    DismissalCode,
    Violation,
)

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def follow_review(complaint: Complaint, review: Determination, *, by: Actor, at: datetime) -> None:
    """Tell the violation that the seller was cleared; where nothing else had founded it, it loses its ground.

    Under the locks of seller and complaint. A missed limit or another fact of the case stays what it is: its
    violation only says what was decided, for the auditors who judge it. One that was judged against is let fall by
    the loop, with its losses and clearances.
    """
    if review.liability in SELLERS_FAULT or complaint.violation_id is None:
        return
    rows = Violation.objects.select_for_update(of=("self",), no_key=True)
    violation = rows.get(pk=complaint.violation_id)
    if not (violation.stands or violation.state in OPEN_VIOLATIONS):
        return
    has_ground = not violation.breach.startswith(FOUND_BY_COMPLAINT)
    record_change(
        violation,
        "violation.complaint_reviewed",
        clause=CLAUSE,
        by=by.with_key(""),
        at=at,
        before=violation.state,
        detail={
            "complaint": complaint.pk,
            "reference": complaint.reference,
            "liability": str(review.liability),
            "has_ground": has_ground,
        },
    )
    if not has_ground:
        without_ground(violation, DismissalCode.REVIEWED, at=at)
