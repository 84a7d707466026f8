"""Support asks a side for evidence; what a side does not answer is decided on file (3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.actions.messages import put_in_thread
from complaints import deadlines
from complaints.actions.complaint_steps import (
    BUYER,
    SELLER,
    hold_case,
    is_repeat,
    keep_late,
    moved_on,
    must_be_a_party,
    note,
    opened,
    was_kept_late,
)
from complaints.complaint_words import EVIDENCE_LATE
from complaints.models import Complaint, ComplaintState, EvidenceRequest, JudgementClock
from complaints.permissions import SUPPORT, must_be, must_say
from complaints.queries.filing import law_of
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor

BEING_JUDGED = (ComplaintState.ESCALATED, ComplaintState.EVIDENCE)


@action
def ask_for_evidence(
    complaint: Complaint, *, side: str, question: str, by: Actor, at: datetime
) -> Complaint | RuleBroken:
    """Ask one side for something; it has 3 natural days.

    RuleBroken: reason_required, side_unknown (422), illegal_transition (409). PermissionDenied for anybody but support.
    """
    officer = must_be(SUPPORT, by)
    complaint = opened(complaint, by=by, at=at)
    if is_repeat(complaint, by, "complaint.evidence_asked"):
        return complaint
    words = must_say(question, "3.3")
    if side not in (BUYER, SELLER):
        return RuleBroken("3.3", "side_unknown", status=422, detail=_("Ask the buyer or the seller."))
    if complaint.state not in BEING_JUDGED:
        return moved_on()
    before = complaint.state
    complaint.ask_for_evidence()
    complaint.officer = complaint.officer or officer
    complaint.save(update_fields=["state", "officer"])
    asked = EvidenceRequest.objects.create(
        complaint=complaint, side=side, question=words, asked_by=officer, asked_at=at
    )
    limit = deadlines.start(JudgementClock.EVIDENCE, at=at, law=law_of(complaint, at), evidence_request=asked)
    detail = {"request": asked.pk, "side": side, "limit": deadlines.told_of(limit)}
    note(complaint, "complaint.evidence_asked", by=by, at=at, before=before, detail=detail)
    return complaint


@action
def give_evidence(
    request: EvidenceRequest, words: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime
) -> Complaint | RuleBroken:
    """Answer a request, in words and photos; the answer stands in the case's thread.

    RuleBroken: evidence_required, idempotency_key_reused (422), already_answered, illegal_transition (409),
    evidence_over (409, committed: the answer is kept as late). PermissionDenied for anybody but the side that was asked.
    """
    hold_case(request.complaint)
    complaint = opened(request.complaint, by=by, at=at)
    request = complaint.evidence_requests.get(pk=request.pk)
    if must_be_a_party(complaint, by) != request.side:
        raise PermissionDenied(_("The other side was asked for this."))
    asked = {"request": request.pk, "side": request.side}
    if was_kept_late(complaint, EVIDENCE_LATE, words, photos, by=by, **asked):
        return _over()
    if is_repeat(complaint, by, "complaint.evidence_given", request=request.pk):
        return complaint
    if not words.strip() and not photos:
        return RuleBroken(
            "3.3", "evidence_required", status=422,
            detail=_("Write an answer or add a photo."), context={"missing": ["words"]},
        )  # fmt: skip
    if request.answered_at is not None:
        return RuleBroken("3.3", "already_answered", detail=_("This was answered. Add more in the conversation."))
    limit = deadlines.latest(JudgementClock.EVIDENCE, evidence_request=request)
    if deadlines.is_over(limit, at):
        keep_late(complaint, EVIDENCE_LATE, words, photos, by=by, at=at, **asked)
        return _over()
    if complaint.state != ComplaintState.EVIDENCE or limit is None or not deadlines.in_time(limit, at):
        return moved_on()
    deadlines.meet(limit, at=at)
    request.answer = put_in_thread(complaint.case, words, photos, by=by, at=at)
    request.answered_at = at
    request.save(update_fields=["answer", "answered_at"])
    note(
        complaint, "complaint.evidence_given", by=by, at=at, before=complaint.state,
        detail={**asked, "message": request.answer.pk},
    )  # fmt: skip
    return complaint


def _over() -> RuleBroken:
    return RuleBroken(
        "3.3",
        "evidence_over",
        detail=_("The time for this answer is over; what you wrote stands in the conversation and is kept as late."),
    )
