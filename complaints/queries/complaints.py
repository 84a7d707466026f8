"""Complaints, and what was decided in earlier ones, through the person who asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404

from cases.queries import one
from complaints.breaches import breaches_of
from complaints.models import (
    OPEN_COMPLAINTS,
    Complaint,
    ComplaintState,
    Determination,
    EvidenceRequest,
    JudgementDeadline,
    Objection,
)
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.accounts.models import PlatformRole, User

if TYPE_CHECKING:
    from cases.models import ServiceCase
    from zestech_aftersales.accounts.actors import Actor

REFERENCE = re.compile(r"^ZC-(?P<year>\d{4})-(?P<pk>\d{6,18})$")
# Still something to be done in it, by somebody.
UNDER_WAY = [*OPEN_COMPLAINTS, ComplaintState.DETERMINED, ComplaintState.OBJECTED]
SELLERS_SEATS = (Seat.OWNER, Seat.STAFF, Seat.CLIENT)


def complaints_for(by: Actor) -> QuerySet[Complaint]:
    """The complaints a person may see: the buyer his own, the seller those that were taken up, staff all."""
    found = Complaint.objects.select_related(
        "case__cover__order", "case__cover__edition", "case__cover__line", "appointment", "seller", "buyer"
    )
    if by.seller_id is not None:
        mine = found.filter(seller=by.seller_id).exclude(state=ComplaintState.REJECTED)
        return mine if by.seat in SELLERS_SEATS else found.none()
    if by.platform_role and by.acting_for is None:
        return found
    buyer = by.acting_for.pk if by.acting_for is not None else by.user_id
    return found.filter(buyer=buyer) if buyer is not None else found.none()


def complaint_by_reference(reference: str, by: Actor) -> Complaint:
    """The complaint with that reference (ZC-2026-000004), if the person may see it; Http404 otherwise."""
    match = REFERENCE.match(reference)
    if match is None:
        raise Http404
    complaint = one(complaints_for(by), int(match["pk"]), by)
    if complaint.reference != reference:
        raise Http404
    return complaint


def complaints_found(complaints: QuerySet[Complaint], words: str) -> QuerySet[Complaint]:
    """The complaints that a search means: a reference, an order number, or words of what happened."""
    words = words.strip()
    if match := REFERENCE.match(words.upper()):
        return complaints.filter(pk=int(match["pk"]))
    return complaints.filter(Q(statement__icontains=words) | Q(case__cover__order__number__iexact=words))


def limits_of(complaint: Complaint) -> QuerySet[JudgementDeadline]:
    """The limits of a complaint and of its requests for evidence, oldest first."""
    its = Q(complaint=complaint) | Q(evidence_request__complaint=complaint)
    return JudgementDeadline.objects.filter(its).select_related("evidence_request").order_by("id")


def objection_of(complaint: Complaint) -> Objection | None:
    """The one objection against the decision, with its evidence and the photos of that."""
    found = Objection.objects.filter(determination__complaint=complaint).select_related("evidence")
    return found.prefetch_related("evidence__attachments").first()


def may_review(complaint: Complaint, person: User) -> bool:
    """Whether this person did not decide the complaint first."""
    return not complaint.determinations.filter(decided_by=person, reviews=None).exists()


def breach_stands(complaint: Complaint) -> bool:
    """Whether the case still shows the fact that was complained of; five queries."""
    request = complaint.appointment_id
    fact = breaches_of([request]).get(complaint.breach) if request is not None else None
    return fact is not None and fact.is_fact


def requests_for(by: Actor) -> QuerySet[EvidenceRequest]:
    """The requests for evidence in the complaints a person may see."""
    return EvidenceRequest.objects.select_related("complaint", "answer").filter(
        complaint__in=complaints_for(by).order_by().values("pk")
    )


def determinations_in_force() -> QuerySet[Determination]:
    """The decisions that count: those that no review has followed. Open only to the staff's pages."""
    later = Determination.objects.filter(reviews=OuterRef("pk"))
    return Determination.objects.filter(~Exists(later)).select_related("complaint", "decided_by")


def about_clause(decisions: QuerySet[Determination], clause: str) -> QuerySet[Determination]:
    """The decisions that cite a clause."""
    return _naming(decisions, "clauses", clause)


def about_topic(decisions: QuerySet[Determination], topic: str) -> QuerySet[Determination]:
    """The decisions on a topic."""
    return _naming(decisions, "topics", topic)


def precedents(*, clause: str = "", topic: str = "", words: str = "", liability: str = "") -> QuerySet[Determination]:
    """The decisions that count, by clause, topic, outcome, and each word of their reasons or of what had happened."""
    found = determinations_in_force()
    if clause:
        found = about_clause(found, clause)
    if topic:
        found = about_topic(found, topic)
    if liability:
        found = found.filter(liability=liability)
    for word in words.split():
        found = found.filter(Q(reason__icontains=word) | Q(complaint__statement__icontains=word))
    return found.order_by("-id")


def similar_decisions(complaint: Complaint, *, most: int) -> list[Determination]:
    """The latest decisions on the same clause in other complaints."""
    return list(precedents(clause=complaint.clause).exclude(complaint=complaint)[:most])


def supporters() -> QuerySet[User]:
    """Who can be handed a complaint."""
    return User.objects.filter(platform_role=PlatformRole.SUPPORT, is_active=True)


def _naming(decisions: QuerySet[Determination], field: str, value: str) -> QuerySet[Determination]:
    # The lists hold codes only; as text they read alike in both databases.
    return decisions.annotate(**{f"{field}_text": Cast(field, TextField())}).filter(
        **{f"{field}_text__contains": f'"{value}"'}
    )


def complaints_of(case: ServiceCase, by: Actor) -> list[Complaint]:
    """The complaints about a case, or a duplicate merged into it, that a person may see; the latest first."""
    return list(complaints_for(by).filter(Q(case=case) | Q(case__merged_into=case)).order_by("-id"))
