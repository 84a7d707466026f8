"""The limits of the judgement: those that somebody may see, and those that run and wait for him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from complaints.models import JudgementClock, JudgementDeadline
from complaints.permissions import ANSWERING_SEATS
from complaints.queries.audits import audits_for
from complaints.queries.complaints import complaints_for
from complaints.queries.losses import losses_for
from complaints.queries.violations import violations_for

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def judged_limits_for(by: Actor) -> QuerySet[JudgementDeadline]:
    """The limits of what somebody may see, whatever became of them: of a complaint both sides see each other's."""
    complaints = complaints_for(by).order_by().values("pk")
    return JudgementDeadline.objects.filter(
        Q(violation__in=violations_for(by).order_by().values("pk"))
        | Q(audit__in=audits_for(by).order_by().values("pk"))
        | Q(loss_claim__in=losses_for(by).order_by().values("pk"))
        | Q(complaint__in=complaints)
        | Q(evidence_request__complaint__in=complaints)
    )


def clocks_of_buyer(by: Actor) -> QuerySet[JudgementDeadline]:
    """What a buyer can still answer or object to in his complaints, the next to end first: one query."""
    found = JudgementDeadline.objects.filter(state="running").order_by("due_at", "id")
    # Staff who buy for themselves have here what is theirs, not what they may read.
    mine = complaints_for(by).filter(buyer=by.user_id).order_by().values("pk")
    return found.select_related("complaint", "evidence_request__complaint").filter(
        Q(complaint__in=mine, clock=JudgementClock.OBJECTION)
        | Q(evidence_request__complaint__in=mine, evidence_request__side="buyer")
    )


def clocks_of_seller(by: Actor) -> QuerySet[JudgementDeadline]:
    """What a seller's owner and staff can still answer, the next to end first: one query."""
    found = JudgementDeadline.objects.filter(state="running").order_by("due_at", "id")
    found = found.select_related("violation", "audit", "complaint", "evidence_request__complaint", "loss_claim")
    if by.seller_id is None or by.seat not in ANSWERING_SEATS:
        return found.none()
    mine = by.seller_id
    return found.filter(
        Q(violation__seller=mine)
        | Q(audit__seller=mine)
        | Q(loss_claim__seller=mine)
        | Q(complaint__seller=mine, clock__in=[JudgementClock.AUTO_ESCALATION, JudgementClock.OBJECTION])
        | Q(evidence_request__complaint__seller=mine, evidence_request__side="seller")
    )
