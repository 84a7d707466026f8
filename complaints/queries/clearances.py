"""Clearances as people read them: who may sign, what one would do, what a seller sees of its own (3.2, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Prefetch, Q, QuerySet

from cases.cover_ends import end_for, last_to_end, still_owed, with_longest_months
from cases.models import Cover, CoverState, ServiceAppointment
from cases.models.appointment import OPEN_STATES
from cases.queries import covers_for
from complaints import clearing
from complaints.models import STANDING_CLEARANCES, STANDING_VIOLATIONS, Clearance, ClearanceState, Violation
from complaints.queries.assignments import auditors
from sellers import bars
from sellers.models import Enrolment, EnrolmentState, MarkPeriod, Seller
from zestech_aftersales.accounts.models import User

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# How far a count goes: more are shown as "1000+".
COUNTED = 1000
# A restricted cover binds on: what is open goes on, and the restriction ends.
OWED = [CoverState.ACTIVE, CoverState.RESTRICTED]


def clearances_for(by: Actor) -> QuerySet[Clearance]:
    """The clearances somebody may see: staff all, a seller those that took effect on one of its enrolments."""
    found = Clearance.objects.select_related("seller", "enrolment", "decision__proposer", "decision__approver")
    if by.platform_role:
        return found
    if by.seller_id is None:
        return found.none()
    # What is only proposed is the auditors' affair, and a pending application turned down for an affiliate's
    # clearance does not open that clearance.
    own = Q(effects__enrolment__seller_id=by.seller_id) & ~Q(effects__state_before=EnrolmentState.APPLIED)
    shown = found.exclude(state__in=[ClearanceState.PROPOSED, ClearanceState.DECLINED])
    return shown.filter(own).distinct()


def standing_clearance_for(by: Actor) -> Clearance | None:
    """The clearance under which a seller is out of the programme now, with the violations it cites."""
    cited = Prefetch("violations", Violation.objects.order_by("pk"))
    return clearances_for(by).filter(state__in=STANDING_CLEARANCES).prefetch_related(cited).order_by("-id").first()


def who_may_sign(clearance: Clearance) -> list[User]:
    """Who can take the next step of a clearance: the second signature, or a part in its review."""
    if clearance.state == ClearanceState.PROPOSED:
        return list(auditors().exclude(pk=clearance.decision.proposer_id))
    if clearance.state != ClearanceState.UNDER_REVIEW:
        return []
    proposed = clearance.review_decision if clearance.review_outcome else None
    everybody = auditors() if proposed is None else auditors().exclude(pk=proposed.proposer_id)
    return [person for person in everybody if may_review(clearance, person)]


def may_review(clearance: Clearance, person: User) -> bool:
    """Whether somebody is one of its two auditors, or answers, in the place of one who is no auditor any more, the other."""
    decision = clearance.decision
    two = {key for key in (decision.proposer_id, decision.approver_id) if key is not None}
    remaining = set(auditors().filter(pk__in=two).values_list("pk", flat=True))
    if person.pk in two or not remaining:
        return True
    # One stands in for the one who left; the other of the two is always among those who decide.
    proposed = clearance.review_decision
    first = proposed.proposer_id if proposed is not None and clearance.review_outcome else None
    return len(remaining) < len(two) and first in remaining


def cleared_sellers(clearance: Clearance) -> list[Seller]:
    """The accounts of the entity that it cleared; whose application was turned down is not among them."""
    cleared = clearance.effects.exclude(state_before=EnrolmentState.APPLIED).select_related("enrolment__seller")
    return list({effect.enrolment.seller_id: effect.enrolment.seller for effect in cleared}.values())


def clearable_enrolments() -> list[Enrolment]:
    """The enrolments that could be cleared: some violation of the seller stands, and nothing is in hand."""
    standing = Violation.objects.filter(state__in=STANDING_VIOLATIONS, groundless_since__isnull=True)
    found = Enrolment.objects.filter(
        seller__in=standing.values("seller"), state__in=[EnrolmentState.ACTIVE, EnrolmentState.WITHDRAWN]
    ).exclude(clearances__state=ClearanceState.PROPOSED)
    return [
        each for each in found.select_related("seller").order_by("seller__name", "-id") if clearing.can_be_cleared(each)
    ]


def citable_violations(enrolment: Enrolment) -> QuerySet[Violation]:
    """The violations of the enrolment's seller that can be cited."""
    return Violation.objects.filter(
        seller_id=enrolment.seller_id, state__in=STANDING_VIOLATIONS, groundless_since__isnull=True
    ).order_by("occurred_at", "pk")


@dataclass(frozen=True, slots=True)
class RunOff:
    """What a seller still owes: covers that have not ended, and cases under way."""

    covers: int
    last_until: datetime | None
    open_appointments: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a clearance would do if it took effect at an instant."""

    enrolments: list[Enrolment]
    marks: int
    bar_ends_at: datetime
    # Of the entity and its affiliates: for auditors' eyes alone.
    applications: list[Enrolment]
    run_off: RunOff


def foreseen(clearance: Clearance, at: datetime) -> Foreseen:
    """What a proposed clearance would do now; it writes nothing."""
    enrolments = clearing.enrolments_to_clear(clearance)
    sellers = {each.seller_id for each in enrolments}
    standing = MarkPeriod.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=at), begins_at__lte=at)
    return Foreseen(
        enrolments=enrolments,
        marks=standing.filter(product__seller__in=sellers).count(),
        bar_ends_at=bars.bar_end(at),
        applications=clearing.applications_to_reject(clearance, at),
        run_off=run_off(sellers, at),
    )


def run_off_covers(by: Actor, at: datetime) -> QuerySet[Cover]:
    """The covers that a seller still owes at an instant, each with how many of its appointments are under way."""
    under_way = Count("cases__appointments", filter=Q(cases__appointments__state__in=OPEN_STATES))
    owed = covers_for(by).filter(still_owed(at), state__in=OWED)
    return with_longest_months(owed, at=at).annotate(under_way=under_way)


def run_off(sellers: set[int], at: datetime) -> RunOff:
    """What these sellers owe to the end of each cover, cleared or not (4.3)."""
    owed = Cover.objects.select_related("edition").filter(still_owed(at), seller__in=sellers, state__in=OWED)
    under_way = ServiceAppointment.objects.filter(seller__in=sellers, state__in=OPEN_STATES)
    return RunOff(
        covers=owed[: COUNTED + 1].count(),
        last_until=end_for(last, at) if (last := last_to_end(owed, at=at)) else None,
        open_appointments=under_way[: COUNTED + 1].count(),
    )
