"""The platform decides with reasons and clauses; one objection with new evidence, reviewed by another officer (3.3, 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions.messages import put_in_thread
from cases.deadlines import settle
from cases.events import instant_text
from complaints import deadlines
from complaints.actions.complaint_steps import (
    hold_case,
    is_repeat,
    keep_late,
    moved_on,
    must_be_a_party,
    note,
    opened,
    was_kept_late,
)
from complaints.actions.evidence import BEING_JUDGED
from complaints.breaches import breaches_of
from complaints.complaint_words import OBJECTION_LATE
from complaints.grounds import follow_review
from complaints.models import (
    SELLERS_FAULT,
    BreachKind,
    Complaint,
    ComplaintState,
    Determination,
    EvidenceRequest,
    JudgementClock,
    JudgementDeadline,
    Liability,
    Objection,
    Topic,
    Violation,
)
from complaints.opening import open_violation
from complaints.permissions import SUPPORT, must_be, must_be_another, must_say
from complaints.queries.filing import law_of
from sellers.actions.locks import lock_seller
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import CLAUSES, RuleBroken

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User


KINDS = {"deadline": BreachKind.MISSED_LIMIT, "refusal": BreachKind.EXPRESS_REFUSAL, "visit": BreachKind.NO_SHOW}


@dataclass(frozen=True, slots=True)
class Ruling:
    """Who is liable, why, by which clauses, and what it is about, for those who look for similar ones."""

    liability: str
    reason: str
    clauses: Sequence[str]
    topics: Sequence[str] = ()


@action
def determine(complaint: Complaint, ruling: Ruling, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """Decide the complaint, once every request for evidence is answered or its time is over.

    RuleBroken: reason_required, clauses_required, liability_unknown, topic_unknown (422), evidence_open (409, with
    `until`), illegal_transition (409). PermissionDenied for anybody but support.
    """
    officer = must_be(SUPPORT, by)
    lock_seller(complaint.seller_id)
    complaint = opened(complaint, by=by, at=at)
    if is_repeat(complaint, by, "complaint.determined"):
        return complaint
    reason = _must_be_reasoned(ruling)
    if complaint.state not in BEING_JUDGED:
        return moved_on()
    if awaited := awaited_evidence(complaint, at=at):
        until = max(each.deadline.due_at for each in awaited if each.deadline.due_at)
        return RuleBroken(
            "3.3",
            "evidence_open",
            detail=_("A side still has time to answer what it was asked for."),
            context={"until": instant_text(until)},
        )
    before = complaint.state
    complaint.determine()
    complaint.officer = complaint.officer or officer
    complaint.reason = reason
    if ruling.liability in SELLERS_FAULT:
        complaint.violation = violation_of(complaint, reason, officer, by=by, at=at)
    complaint.save(update_fields=["state", "officer", "reason", "violation"])
    made = _decided(complaint, ruling, reason, officer, at=at)
    limit = deadlines.start(JudgementClock.OBJECTION, at=at, law=law_of(complaint, at), complaint=complaint)
    _note_ruling(complaint, "complaint.determined", made, before=before, by=by, at=at, limit=limit)
    return complaint


@action
def object_to(
    complaint: Complaint, text: str, evidence: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime
) -> Complaint | RuleBroken:
    """The one objection of either side against the determination, with new evidence, within 7 natural days.

    RuleBroken: objection_required, evidence_required, idempotency_key_reused (422), already_objected,
    illegal_transition (409), objection_over (409, committed: both are kept as late). PermissionDenied for anybody but
    buyer and seller.
    """
    hold_case(complaint)
    complaint = opened(complaint, by=by, at=at)
    side = must_be_a_party(complaint, by)
    said = {"side": side, "text": text.strip()}
    if was_kept_late(complaint, OBJECTION_LATE, evidence, photos, by=by, **said):
        return _objection_over()
    if is_repeat(complaint, by, "complaint.objected"):
        return complaint
    if not text.strip():
        return RuleBroken(
            "3.3", "objection_required", status=422,
            detail=_("Say what is wrong with the decision."), context={"missing": ["text"]},
        )  # fmt: skip
    if not evidence.strip() and not photos:
        return RuleBroken(
            "3.3", "evidence_required", status=422,
            detail=_("An objection needs new evidence: describe it or add a photo."), context={"missing": ["evidence"]},
        )  # fmt: skip
    determination = complaint.determinations.order_by("id").first()
    if determination is None:
        return moved_on()
    if Objection.objects.filter(determination=determination).exists():
        return RuleBroken("3.3", "already_objected", detail=_("There is one objection, and it has been made."))
    limit = deadlines.latest(JudgementClock.OBJECTION, complaint=complaint)
    if deadlines.is_over(limit, at):
        keep_late(complaint, OBJECTION_LATE, evidence, photos, by=by, at=at, **said)
        return _objection_over()
    if limit is None or not deadlines.in_time(limit, at):
        return moved_on()
    before = complaint.state
    complaint.object_to()
    complaint.save(update_fields=["state", "ended_at"])
    deadlines.meet(limit, at=at)
    message = put_in_thread(complaint.case, evidence, photos, by=by, at=at)
    Objection.objects.create(
        determination=determination, side=side, author=by.user, text=text.strip(), evidence=message, received_at=at
    )
    note(complaint, "complaint.objected", by=by, at=at, before=before, detail={"side": side, "message": message.pk})
    return complaint


@action
def review(complaint: Complaint, ruling: Ruling, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """Another officer decides anew on an objection; the complaint ends with that.

    Where the seller is cleared now, a violation that only the first decision had founded loses its ground.
    RuleBroken: as for `determine`, without evidence_open. PermissionDenied for anybody but support, and for the
    officer who decided first.
    """
    officer = must_be(SUPPORT, by)
    lock_seller(complaint.seller_id)
    complaint = opened(complaint, by=by, at=at)
    if is_repeat(complaint, by, "complaint.reviewed"):
        return complaint
    first = complaint.determinations.order_by("id").first()
    if complaint.state != ComplaintState.OBJECTED or first is None:
        return moved_on()
    must_be_another(officer, first.decided_by_id)
    reason = _must_be_reasoned(ruling)
    before = complaint.state
    complaint.review(at)
    complaint.reason = reason
    if ruling.liability in SELLERS_FAULT and complaint.violation is None:
        complaint.violation = violation_of(complaint, reason, officer, by=by, at=at)
    complaint.save(update_fields=["state", "ended_at", "reason", "violation"])
    made = _decided(complaint, ruling, reason, officer, at=at, reviews=first)
    _note_ruling(complaint, "complaint.reviewed", made, before=before, by=by, at=at)
    follow_review(complaint, made, by=by, at=at)
    return complaint


def _objection_over() -> RuleBroken:
    return RuleBroken(
        "3.3",
        "objection_over",
        detail=_("The time for an objection is over and the decision stands; what you wrote is kept as late."),
    )


def violation_of(complaint: Complaint, reason: str, officer: User, *, by: Actor, at: datetime) -> Violation:
    """The violation that auditors judge: the one of the fact complained of, or one found by the complaint itself."""
    pk = complaint.appointment_id
    fact = breaches_of([pk]).get(complaint.breach) if pk is not None else None
    is_fact = fact is not None and fact.is_fact
    return open_violation(
        seller=complaint.seller,
        kind=KINDS[complaint.breach.partition("/")[0]] if is_fact else BreachKind.COMPLAINT,
        clause=complaint.clause,
        breach=complaint.breach if is_fact else complaint.subject,
        appointment=complaint.appointment,
        occurred_at=complaint.breach_at,
        finding=reason,
        person=officer,
        by=by,
        at=at,
    )


def awaited_evidence(complaint: Complaint, *, at: datetime) -> list[EvidenceRequest]:
    """The requests that a side may still answer, or to which an answer in time may be on its way (T10)."""
    asked = complaint.evidence_requests.select_related("deadline").filter(answered_at=None)
    late = Q(deadline__state="missed", deadline__due_at__gte=at - settle())
    return list(asked.filter(Q(deadline__state="running") | late))


def _decided(
    complaint: Complaint, ruling: Ruling, reason: str, officer: User, *, at: datetime,
    reviews: Determination | None = None,
) -> Determination:  # fmt: skip
    return Determination.objects.create(
        complaint=complaint,
        liability=ruling.liability,
        reason=reason,
        clauses=[clause for clause in CLAUSES if clause in ruling.clauses],
        topics=[topic for topic in Topic.values if topic in ruling.topics],
        decided_by=officer,
        decided_at=at,
        reviews=reviews,
    )


def _note_ruling(
    complaint: Complaint, kind: str, made: Determination, *, before: str, by: Actor, at: datetime,
    limit: JudgementDeadline | None = None,
) -> None:  # fmt: skip
    note(
        complaint, kind, by=by, at=at, before=before,
        detail={
            "determination": made.pk, "liability": made.liability, "clauses": made.clauses, "topics": made.topics,
            "violation": complaint.violation_id,
        } | ({"limit": deadlines.told_of(limit)} if limit else {}),
    )  # fmt: skip


def _must_be_reasoned(ruling: Ruling) -> str:
    """The reasons; RuleBroken (422) without them, without a clause, or with words that are none of ours."""
    faults = {
        "liability_unknown": (ruling.liability not in Liability.values, _("Say who is liable."), "liability"),
        "clauses_required": (
            not ruling.clauses or not set(ruling.clauses) <= set(CLAUSES), _("Name the clauses it rests on."), "clauses",
        ),
        "topic_unknown": (not set(ruling.topics) <= set(Topic.values), _("Choose topics of the list."), "topics"),
    }  # fmt: skip
    for code, (is_fault, words, field) in faults.items():
        if is_fault:
            raise RuleBroken("3.3", code, status=422, detail=words, context={"missing": [field]})
    return must_say(ruling.reason, "3.3")
