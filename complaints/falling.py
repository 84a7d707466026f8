"""What happens to clearances when a violation counts no longer: they fall, or their two auditors review them (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from complaints import clearing
from complaints.clearing import CLAUSE
from complaints.events import record_change
from complaints.models import STANDING_CLEARANCES, Clearance, ClearanceState, Violation
from sellers.actions.locks import lock_sellers
from zestech_aftersales.accounts.actors import Actor, system

if TYPE_CHECKING:
    from django.db.models import QuerySet


def follow(violation: Violation, *, by: Actor, at: datetime) -> None:
    """A consequence (see `complaints.consequences`): each standing clearance that cites it falls or is reviewed.

    The seller and the violation are locked. A clearance whose last ground is gone is lifted from the start, by the
    system: nobody has to decide what already follows. One that is only proposed waits for its decliner.
    """
    for clearance in _citing(violation):
        _follow(clearance, by=system(by.channel), at=at)


def _citing(violation: Violation) -> QuerySet[Clearance]:
    rows = Clearance.objects.select_related("seller", "enrolment__seller", "decision", "review_decision")
    cited = rows.filter(violations=violation, state__in=STANDING_CLEARANCES).order_by("pk")
    return cited.select_for_update(of=("self",), no_key=True)


def _follow(clearance: Clearance, *, by: Actor, at: datetime) -> None:
    if not clearing.cited_in_standing(clearance):
        # Its own seller is locked; the entity's other accounts and the applicants turned down are locked now.
        lock_sellers(seller.pk for seller in clearing.all_concerned(clearance, at))
        clearing.lift(clearance, because=clearing.fallen_words(), by=by, at=at)
    elif clearance.state == ClearanceState.IN_FORCE:
        before = clearance.state
        clearance.begin_review(at)
        clearance.save(update_fields=["state", "review_since"])
        record_change(clearance, "clearance.under_review", clause=CLAUSE, by=by, at=at, before=before)
