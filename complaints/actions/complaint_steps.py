"""The steps that every action on a complaint shares: lock, recognise a repeat, apply what has passed (T9, T10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions.messages import put_in_thread
from cases.models import DeadlineState, Message, ServiceCase
from complaints import deadlines
from complaints.events import kept_before, key_reused, record_change, tells
from complaints.models import Complaint, ComplaintState, JudgementClock, JudgementDeadline
from complaints.permissions import ANSWERING_SEATS, SUPPORT
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor

BUYER, SELLER, PLATFORM = "buyer", "seller", "platform"


def hold_case(complaint: Complaint) -> ServiceCase:
    """Lock the case of a complaint until the action ends; always before the complaint."""
    return ServiceCase.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.case_id)


def locked(pk: int) -> Complaint:
    """The complaint as it is now, its row locked until the action ends."""
    rows = Complaint.objects.select_related("case__cover__edition", "buyer", "seller")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)


def opened(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint:
    """The complaint under its lock, with every limit applied that has passed."""
    fresh = locked(complaint.pk)
    for limit in _running(fresh):
        if limit.is_passed(at):
            EFFECTS[limit.clock](fresh, limit, by, at)
    return fresh


def is_repeat(complaint: Complaint, by: Actor, *kinds: str, **said: object) -> bool:
    """Whether this very command was done before; RuleBroken if its key was spent on another one."""
    event = earlier(by)
    if event is None:
        return False
    if event.kind not in kinds or event.subject != complaint.subject or not tells(event, said):
        raise key_reused()
    return True


def note(
    complaint: Complaint, kind: str, *, by: Actor, at: datetime, before: str, clause: str = "3.3",
    effective_at: datetime | None = None, detail: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the one event of a change."""
    record_change(
        complaint, kind, clause=clause, by=by, at=at, before=before, effective_at=effective_at,
        detail={"case": complaint.case_id, **(detail or {})},
    )  # fmt: skip


def keep_late(
    complaint: Complaint, kind: str, words: str, photos: Sequence[Photo], *, by: Actor, at: datetime, **told: object
) -> None:
    """Nothing that a side sent is lost: put words and photos in the thread, and write down that they came late."""
    message = put_in_thread(complaint.case, words, photos, by=by, at=at)
    note(complaint, kind, by=by, at=at, before=complaint.state, detail={"message": message.pk, **told})


def was_kept_late(
    complaint: Complaint, kind: str, words: str, photos: Sequence[Photo], *, by: Actor, **told: object
) -> bool:
    """Whether this very command came before, too late, and `keep_late` kept it: it is refused alike.

    RuleBroken (422 idempotency_key_reused) where it says anything else than what was kept.
    """
    event = kept_before(complaint, kind, by, **told)
    if event is None:
        return False
    message = Message.objects.get(pk=(event.detail or {})["message"])
    kept = list(message.attachments.order_by("id").values_list("sha256", flat=True))
    if (message.body, kept) != (words.strip(), [photo.sha256 for photo in photos]):
        raise key_reused()
    return True


def side_in(complaint: Complaint, by: Actor) -> str:
    """The side somebody acts for: buyer, seller, or support for the platform; PermissionDenied for anybody else."""
    if by.seller_id is not None:
        if by.seller_id == complaint.seller_id and by.seat in ANSWERING_SEATS:
            return SELLER
    elif by.acting_for is None and by.user_id is not None and by.user_id == complaint.buyer_id:
        return BUYER
    elif by.acting_for is None and by.platform_role in SUPPORT:
        return PLATFORM
    raise PermissionDenied(_("Only the two sides and the platform’s support take part in a complaint."))


def must_be_a_party(complaint: Complaint, by: Actor) -> str:
    """The side of a buyer or a seller; PermissionDenied for anybody else."""
    side = side_in(complaint, by)
    if side == PLATFORM:
        raise PermissionDenied(_("Only the two sides of the complaint can do this."))
    return side


def must_be_its_buyer(complaint: Complaint, by: Actor) -> None:
    """PermissionDenied for anybody but the buyer."""
    if side_in(complaint, by) != BUYER:
        raise PermissionDenied(_("Only the buyer who complained can do this."))


def moved_on() -> RuleBroken:
    """The refusal of a step that no longer follows; returned, so that an applied limit stays written."""
    return RuleBroken(
        "", "illegal_transition", detail=_("The complaint has moved on meanwhile. Reload to see where it stands.")
    )


def take_escalation_back(complaint: Complaint, *, by: Actor, at: datetime) -> None:
    """Something that came in time was committed after the escalation by time: it has not escalated (T10)."""
    limit = deadlines.latest(JudgementClock.AUTO_ESCALATION, complaint=complaint)
    if limit is None or limit.state != DeadlineState.MISSED or complaint.state != ComplaintState.ESCALATED:
        return
    if deadlines.in_time(limit, at):
        before = complaint.state
        complaint.take_escalation_back()
        complaint.save(update_fields=["state", "escalated_at"])
        limit.restore()
        limit.save(update_fields=["state", "ended_at"])
        note(complaint, "complaint.escalation_rescinded", by=system(by.channel), at=at, before=before)


def void_limits(complaint: Complaint, *, at: datetime) -> None:
    """The complaint has ended or is decided: nothing of it runs on."""
    for limit in _running(complaint):
        limit.void(at)
        limit.save(update_fields=["state", "ended_at", "next_reminder_at"])


def limit_passed(limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    """What the sweep calls: lock the complaint, look again, write down what follows."""
    request = limit.evidence_request
    complaint = locked(limit.complaint_id if request is None else request.complaint_id)  # type: ignore[arg-type]
    fresh = JudgementDeadline.objects.select_related("evidence_request").get(pk=limit.pk)
    if fresh.is_passed(at):
        EFFECTS[fresh.clock](complaint, fresh, by, at)


def _running(complaint: Complaint) -> list[JudgementDeadline]:
    its = Q(complaint=complaint) | Q(evidence_request__complaint=complaint)
    found = JudgementDeadline.objects.filter(its, state="running").select_related("evidence_request")
    return list(found.order_by("due_at", "id"))


def _escalated_by_time(complaint: Complaint, limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    due_at = _missed(limit)
    before = complaint.state
    complaint.escalate(due_at)
    complaint.save(update_fields=["state", "escalated_at"])
    note(
        complaint, "complaint.escalated", by=system(by.channel), at=at, before=before, effective_at=due_at,
        detail={"because": "limit"},
    )  # fmt: skip


def _silent(complaint: Complaint, limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    due_at, request = _missed(limit), limit.evidence_request
    note(
        complaint, "complaint.evidence_silent", by=system(by.channel), at=at, before=complaint.state,
        effective_at=due_at, detail={"request": request.pk, "side": request.side} if request else None,
    )  # fmt: skip


def _final(complaint: Complaint, limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    due_at = _missed(limit)
    before = complaint.state
    complaint.close(due_at)
    complaint.save(update_fields=["state", "ended_at"])
    note(complaint, "complaint.closed", by=system(by.channel), at=at, before=before, effective_at=due_at)


def _missed(limit: JudgementDeadline) -> datetime:
    """Miss a limit; its due instant, at which everything that follows takes effect (T8)."""
    due_at = limit.due_at
    if due_at is None:
        raise ValueError("A limit without a due instant cannot pass.")
    deadlines.miss(limit)
    return due_at


EFFECTS: dict[str, Callable[[Complaint, JudgementDeadline, Actor, datetime], None]] = {
    JudgementClock.AUTO_ESCALATION: _escalated_by_time,
    JudgementClock.EVIDENCE: _silent,
    JudgementClock.OBJECTION: _final,
}
