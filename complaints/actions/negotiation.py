"""The two sides settle first: proposals side by side, acceptance of one and the same text, escalation (3.4, 4.2)."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.events import instant_text
from complaints import deadlines
from complaints.actions.complaint_steps import (
    BUYER,
    SELLER,
    is_repeat,
    moved_on,
    must_be_a_party,
    must_be_its_buyer,
    note,
    opened,
    side_in,
    take_escalation_back,
    void_limits,
)
from complaints.models import OPEN_COMPLAINTS, Complaint, ComplaintState, JudgementClock, Proposal
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

SETTLED = "complaint.settled"


def text_hash(text: str) -> str:
    """The SHA-256 of a proposal's text, whatever line ends and composed letters it was typed with."""
    same = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    return hashlib.sha256(same.encode()).hexdigest()


@action
def propose(complaint: Complaint, text: str, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """Put a way to settle beside the others, replacing one's own; buyer and seller accept theirs by that.

    The same text from both sides settles at once. RuleBroken: proposal_required (422), illegal_transition (409).
    PermissionDenied for anybody but the two sides and support.
    """
    complaint = opened(complaint, by=by, at=at)
    side = side_in(complaint, by)
    if is_repeat(complaint, by, "complaint.proposed", SETTLED):
        return complaint
    if not text.strip():
        return RuleBroken(
            "3.4", "proposal_required", status=422,
            detail=_("Say how it should be settled."), context={"missing": ["text"]},
        )  # fmt: skip
    if complaint.state not in OPEN_COMPLAINTS:
        return moved_on()
    standing = complaint.proposals.filter(side=side, replaced_at=None)
    if standing.filter(text_hash=text_hash(text)).exists():
        # The same words again change nothing: whoever has accepted them has accepted what stands.
        return complaint
    for mine in standing:
        mine.replaced_at = at
        mine.save(update_fields=["replaced_at"])
    made = Proposal.objects.create(
        complaint=complaint,
        side=side,
        author=by.user,
        text=text.strip(),
        text_hash=text_hash(text),
        put_at=at,
        buyer_accepted_at=at if side == BUYER else None,
        seller_accepted_at=at if side == SELLER else None,
    )
    _settle_or_note(complaint, "complaint.proposed", made, side=side, by=by, at=at)
    return complaint


@action
def accept_proposal(
    complaint: Complaint, *, of: str, text_hash: str, by: Actor, at: datetime
) -> Complaint | RuleBroken:
    """Accept the standing proposal of a side, naming the hash of the text that was read; both on it settle.

    RuleBroken: proposal_changed (409, with the text that stands now), own_proposal (422), illegal_transition (409).
    PermissionDenied for anybody but buyer and seller.
    """
    complaint = opened(complaint, by=by, at=at)
    side = must_be_a_party(complaint, by)
    if is_repeat(complaint, by, "complaint.proposal_accepted", SETTLED):
        return complaint
    if complaint.state not in OPEN_COMPLAINTS:
        return moved_on()
    if of == side:
        return RuleBroken("3.4", "own_proposal", status=422, detail=_("Your own proposal waits for the other side."))
    standing = complaint.proposals.filter(side=of, replaced_at=None).first()
    if standing is None or standing.text_hash != text_hash:
        return _changed(of, standing)
    field = "buyer_accepted_at" if side == BUYER else "seller_accepted_at"
    if side == BUYER:
        standing.buyer_accepted_at = standing.buyer_accepted_at or at
    else:
        standing.seller_accepted_at = standing.seller_accepted_at or at
    standing.save(update_fields=[field])
    _settle_or_note(complaint, "complaint.proposal_accepted", standing, side=side, by=by, at=at)
    return complaint


@action
def escalate(complaint: Complaint, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """The buyer hands the complaint to the platform, from the instant after the 3 natural days of negotiation.

    RuleBroken: too_early (409, with the last instant of the negotiation), already_escalated (409),
    illegal_transition (409). PermissionDenied for anybody but the buyer.
    """
    complaint = opened(complaint, by=by, at=at)
    must_be_its_buyer(complaint, by)
    if is_repeat(complaint, by, "complaint.escalated"):
        return complaint
    until = complaint.negotiation_ends_at
    if complaint.state == ComplaintState.NEGOTIATING and until is not None and on_time(at, until):
        return RuleBroken(
            "3.4",
            "too_early",
            detail=_("The two sides negotiate first. You can escalate as soon as the time for that is over."),
            context={"until": instant_text(until)},
        )
    take_escalation_back(complaint, by=by, at=at)
    if complaint.state in (ComplaintState.ESCALATED, ComplaintState.EVIDENCE):
        return RuleBroken("3.3", "already_escalated", detail=_("The platform has taken the complaint up already."))
    if complaint.state != ComplaintState.NEGOTIATING:
        return moved_on()
    before = complaint.state
    complaint.escalate(at)
    complaint.save(update_fields=["state", "escalated_at"])
    limit = deadlines.running(JudgementClock.AUTO_ESCALATION, complaint=complaint)
    if limit is not None:
        deadlines.meet(limit, at=at)
    note(complaint, "complaint.escalated", by=by, at=at, before=before, detail={"because": "buyer"})
    return complaint


@action
def withdraw(complaint: Complaint, reason: str, *, by: Actor, at: datetime) -> Complaint | RuleBroken:
    """The buyer takes the complaint back, up to the determination; he may file it anew while that is in time.

    RuleBroken: illegal_transition (409). PermissionDenied for anybody but the buyer.
    """
    complaint = opened(complaint, by=by, at=at)
    must_be_its_buyer(complaint, by)
    if is_repeat(complaint, by, "complaint.withdrawn"):
        return complaint
    take_escalation_back(complaint, by=by, at=at)
    if complaint.state not in OPEN_COMPLAINTS:
        return moved_on()
    before = complaint.state
    complaint.withdraw(at)
    complaint.reason = reason.strip()
    complaint.save(update_fields=["state", "ended_at", "reason"])
    void_limits(complaint, at=at)
    note(complaint, "complaint.withdrawn", by=by, at=at, before=before, detail={"reason": reason.strip()})
    return complaint


def _settle_or_note(complaint: Complaint, kind: str, proposal: Proposal, *, side: str, by: Actor, at: datetime) -> None:
    """Both sides on one text settle the complaint; otherwise the step alone is written down."""
    detail = {"proposal": proposal.pk, "of": proposal.side, "side": side, "text_hash": proposal.text_hash}
    if not _both_accept(complaint, proposal.text_hash):
        note(complaint, kind, clause="3.4", by=by, at=at, before=complaint.state, detail=detail)
        return
    take_escalation_back(complaint, by=by, at=at)
    before = complaint.state
    complaint.settle(at)
    complaint.save(update_fields=["state", "ended_at"])
    void_limits(complaint, at=at)
    note(complaint, SETTLED, clause="3.4", by=by, at=at, before=before, detail=detail)


def _both_accept(complaint: Complaint, text_hash: str) -> bool:
    same = list(complaint.proposals.filter(replaced_at=None, text_hash=text_hash))
    return any(each.buyer_accepted_at for each in same) and any(each.seller_accepted_at for each in same)


def _changed(of: str, standing: Proposal | None) -> RuleBroken:
    return RuleBroken(
        "3.4",
        "proposal_changed",
        detail=_("The proposal was changed or taken away meanwhile. Read what stands now before you accept it."),
        context={
            "of": of,
            "text": standing.text if standing else "",
            "text_hash": standing.text_hash if standing else "",
        },
    )
