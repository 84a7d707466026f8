"""A loss of the platform is claimed of the seller: drafted by finance, approved by two, answered, made final (3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from cases.deadlines import settle
from cases.events import instant_text
from complaints import deadlines, hearing
from complaints.currencies import is_amount
from complaints.events import is_repeat, kept_before, record_change
from complaints.locks import locked_violation
from complaints.losses import (
    CLAUSE,
    Head,
    apply_silence,
    locked_claim,
    must_be_claimable,
    must_stand,
    told_of,
    without_file,
)
from complaints.models import JudgementClock, LossClaim, LossItem, LossState, Violation, Voucher
from complaints.permissions import AUDITORS, FINANCE, must_answer_for, must_be, must_be_another, must_say
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from complaints.vouchers import VoucherFile
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

LOSS = "loss"
BOTH = (*FINANCE, *AUDITORS)


@action
def draft(violation: Violation, heads: Sequence[Head], *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Draft a claim on a confirmed breach; nobody but the staff sees a draft.

    RuleBroken: breach_not_confirmed (409), reason_required and those of `must_be_claimable` (422).
    PermissionDenied for anybody but finance.
    """
    person = must_be(FINANCE, by)
    violation = locked_violation(violation)
    written = earlier(by)
    if written is not None and written.kind == "loss.drafted":
        return LossClaim.objects.get(pk=int(written.subject.partition("/")[2]))
    must_stand(violation)
    must_be_claimable(heads)
    claim = LossClaim.objects.create(
        seller_id=violation.seller_id,
        violation=violation,
        reason=must_say(reason, CLAUSE),
        drafted_by=person,
        drafted_at=at,
    )
    _write(claim, heads, at=at)
    detail = {"violation": violation.pk, "reason": claim.reason, **told_of(claim)}
    record_change(claim, "loss.drafted", clause=CLAUSE, by=by, at=at, before="", detail=detail)
    return claim


@action
def redraft(claim: LossClaim, heads: Sequence[Head], *, by: Actor, at: datetime) -> LossClaim:
    """Put other heads in the place of a draft's. RuleBroken: not_a_draft (409) and those of `must_be_claimable`."""
    must_be(FINANCE, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.redrafted", by):
        return claim
    _must_be_draft(claim)
    must_be_claimable(heads, set(claim.vouchers.values_list("pk", flat=True)))
    claim.items.all().delete()
    _write(claim, heads, at=at)
    record_change(claim, "loss.redrafted", clause=CLAUSE, by=by, at=at, before=claim.state, detail=told_of(claim))
    return claim


@action
def put_up(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Propose a draft for approval, as finance or as an auditor; one of the other role then decides.

    RuleBroken: not_a_draft, breach_not_confirmed (409), reason_required, voucher_file_missing (422).
    PermissionDenied for other roles.
    """
    person = must_be(BOTH, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.put_up", by):
        return claim
    _must_be_draft(claim)
    must_stand(claim.violation)
    if claim.items.filter(file=None).exists():
        raise without_file()
    claim.decision = put_forward(
        kind=LOSS, subject=claim.subject, reason=must_say(reason, CLAUSE), clause=CLAUSE, by=by.with_key(""), at=at
    )
    claim.save(update_fields=["decision"])
    detail = {"role": person.platform_role, **told_of(claim)}
    record_change(claim, "loss.put_up", clause=CLAUSE, by=by, at=at, before=claim.state, detail=detail)
    return claim


@action
def approve(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Approve what the other role has put up; the seller is notified and has 14 natural days from `at`.

    RuleBroken: not_put_up, breach_not_confirmed (409). PermissionDenied for whoever put it up and for the same role.
    """
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.notified", by):
        return claim
    _decide(claim, approved=True, reason=reason, by=by, at=at)
    must_stand(claim.violation)
    claim.approve()
    claim.save(update_fields=["state"])
    quiet = by.with_key("")
    record_change(claim, "loss.approved", clause=CLAUSE, by=quiet, at=at, before=LossState.DRAFT, detail=told_of(claim))
    claim.notify(at)
    claim.save(update_fields=["state", "notified_at"])
    law = hearing.law_of(claim.violation, at)
    limit = deadlines.start(JudgementClock.LOSS_ANSWER, at=at, law=law, loss_claim=claim)
    clock = {"clock": str(limit.clock), "due_at": instant_text(limit.due_at) if limit.due_at else None}
    detail = {**told_of(claim), "reason": claim.reason, "limit": clock}
    record_change(claim, "loss.notified", clause=CLAUSE, by=by, at=at, before=LossState.APPROVED, detail=detail)
    return claim


@action
def decline(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Send back what the other role has put up: it is a draft again. Errors as of `approve`."""
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.declined", by):
        return claim
    _decide(claim, approved=False, reason=must_say(reason, CLAUSE), by=by, at=at)
    claim.decision = None
    claim.save(update_fields=["decision"])
    detail = {"reason": reason.strip()}
    record_change(claim, "loss.declined", clause=CLAUSE, by=by, at=at, before=claim.state, detail=detail)
    return claim


@action
def answer(claim: LossClaim, text: str, *, contests: bool, by: Actor, at: datetime) -> LossClaim | RuleBroken:
    """The seller accepts the claim or contests it, inside 14 natural days; received in time counts (T10).

    RuleBroken: answer_missing (422) for one who contests without saying why, already_answered (409), and
    answer_over (409, committed): silence has made it uncontested. PermissionDenied but for the owner, staff and client.
    """
    claim = locked_claim(claim)
    must_answer_for(claim.seller_id, by)
    kind = "loss.contested" if contests else "loss.accepted"
    if kept_before(claim, "loss.answer_late", by, words=text.strip(), contests=contests):
        raise _answer_over()
    if is_repeat(claim, kind, by):
        return claim
    said = must_say(text, CLAUSE, "answer_missing") if contests else text.strip()
    if claim.state not in (LossState.NOTIFIED, LossState.UNCONTESTED):
        raise RuleBroken(CLAUSE, "already_answered", detail=_("This claim has been answered."))
    limit = deadlines.latest(JudgementClock.LOSS_ANSWER, loss_claim=claim)
    if limit is None or not deadlines.in_time(limit, at):
        apply_silence(claim, by=by, at=at)
        detail = {"words": said, "contests": contests}
        record_change(claim, "loss.answer_late", clause=CLAUSE, by=by, at=at, before=claim.state, detail=detail)
        return _answer_over()
    deadlines.meet(limit, at=at)
    before = claim.state
    if contests:
        claim.contest(said, at)
    else:
        claim.accept(said, at)
    claim.save(update_fields=["state", "answer", "answered_at", "was_contested"])
    record_change(claim, kind, clause=CLAUSE, by=by, at=at, before=before, detail={"words": said})
    return claim


@action
def discard(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Give up a draft made by mistake; the seller never hears of it, and another one can be drafted.

    RuleBroken: not_a_draft (409: what was put up is sent back first), reason_required (422). PermissionDenied for
    anybody but finance.
    """
    must_be(FINANCE, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.discarded", by):
        return claim
    _must_be_draft(claim)
    why, before = must_say(reason, CLAUSE), claim.state
    claim.withdraw(at, why)
    claim.save(update_fields=["state", "ended_at", "end_reason"])
    record_change(claim, "loss.discarded", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    return claim


@action
def adjust(claim: LossClaim, amounts: Mapping[int, Decimal], *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Lower what is owed on some heads (by their ids), once the seller has answered or was silent.

    RuleBroken: amount_invalid (422) for more than was claimed, less than zero or an unknown head; reason_required,
    answer_open (409) for a moment after the limit.
    PermissionDenied for anybody but finance and auditors, and on a contested claim for who put it up or approved it.
    """
    person = must_be(BOTH, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.adjusted", by):
        return claim
    why = _may_settle(claim, person, reason, by=by, at=at)
    items = {item.pk: item for item in claim.items.all()}
    wrong = [
        key for key, amount in amounts.items()
        if key not in items or not 0 <= amount <= items[key].amount or not is_amount(amount, items[key].currency)
    ]  # fmt: skip
    if wrong or not amounts:
        raise RuleBroken(
            CLAUSE, "amount_invalid", status=422, detail=_("Lower amounts that were claimed, to nothing at least.")
        )
    before = claim.state
    claim.adjust()
    for key, amount in amounts.items():
        items[key].adjusted_amount, items[key].adjusted_reason = amount, why
        items[key].save(update_fields=["adjusted_amount", "adjusted_reason"])
    claim.save(update_fields=["state"])
    detail = {"reason": why, **told_of(claim)}
    record_change(claim, "loss.adjusted", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return claim


@action
def make_final(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Say that it is owed as it stands. Errors as of `adjust`; TransitionNotAllowed while the seller may answer."""
    person = must_be(BOTH, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.final", by):
        return claim
    why = _may_settle(claim, person, reason, by=by, at=at)
    must_stand(claim.violation)
    before = claim.state
    claim.make_final(at)
    claim.save(update_fields=["state", "settled_at"])
    detail = {"reason": why, **told_of(claim)}
    record_change(claim, "loss.final", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return claim


@action
def recover(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Note that the seller has paid; `reason` names the receipt. PermissionDenied for anybody but finance."""
    return _ended(claim, "loss.recovered", reason, by=by, at=at)


@action
def write_off(claim: LossClaim, *, reason: str, by: Actor, at: datetime) -> LossClaim:
    """Give a final claim up, with the reason. PermissionDenied for anybody but finance."""
    return _ended(claim, "loss.written_off", reason, by=by, at=at)


@action
def pay_back(claim: LossClaim, *, paid_on: date, reference: str, by: Actor, at: datetime) -> LossClaim:
    """Note that what the seller had paid on a breach that counts no longer was paid back to him.

    `paid_on` is a date of the platform's zone. RuleBroken: nothing_owed_back (409), reference_missing,
    paid_on_invalid (422: before it was owed back, or ahead). PermissionDenied for anybody but finance.
    """
    must_be(FINANCE, by)
    claim = locked_claim(claim)
    if is_repeat(claim, "loss.paid_back", by):
        return claim
    named = must_say(reference, CLAUSE, "reference_missing")
    if claim.state != LossState.WITHDRAWN or not claim.is_owed_back or claim.ended_at is None:
        raise RuleBroken(CLAUSE, "nothing_owed_back", detail=_("Nothing of this claim is owed back to the seller."))
    zone = edition_in_force(at).law.zone_info
    if not claim.ended_at.astimezone(zone).date() <= paid_on <= at.astimezone(zone).date():
        words = _("Give the date of the repayment: not ahead, and not before it was owed.")
        raise RuleBroken(CLAUSE, "paid_on_invalid", status=422, detail=words, context={"missing": ["paid_on"]})
    claim.note_repayment(paid_on, named)
    claim.save(update_fields=["is_owed_back", "paid_back_on", "paid_back_reference"])
    detail = {"paid_on": paid_on.isoformat(), "reference": named, **told_of(claim)}
    record_change(claim, "loss.paid_back", clause=CLAUSE, by=by, at=at, before=claim.state, detail=detail)
    return claim


def _ended(claim: LossClaim, kind: str, reason: str, *, by: Actor, at: datetime) -> LossClaim:
    must_be(FINANCE, by)
    claim = locked_claim(claim)
    if is_repeat(claim, kind, by):
        return claim
    why, before = must_say(reason, CLAUSE), claim.state
    end = claim.recover if kind == "loss.recovered" else claim.write_off
    end(at, why)
    claim.save(update_fields=["state", "ended_at", "end_reason"])
    detail = {"reason": why, **told_of(claim)}
    record_change(claim, kind, clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return claim


def _decide(claim: LossClaim, *, approved: bool, reason: str, by: Actor, at: datetime) -> None:
    """Four eyes of two roles: finance and an auditor."""
    person = must_be(BOTH, by)
    if claim.state != LossState.DRAFT or claim.decision is None:
        raise RuleBroken(CLAUSE, "not_put_up", detail=_("Nobody has put this claim up for approval."))
    first = claim.decision.proposer.platform_role
    # What somebody put up who has another role by now may be sent back; approved it is by one of each role.
    if person.platform_role == first or (approved and not is_put_up_by_its_role(claim)):
        raise PermissionDenied(_("One of finance and one auditor decide together: the other role has to."))
    decide(claim.decision, approved=approved, reason=reason.strip(), by=by.with_key(""), at=at)


def is_put_up_by_its_role(claim: LossClaim) -> bool:
    """Whether who put it up still has the role in which he did: what he has become since makes no second one."""
    if claim.decision is None:
        return False
    told, now = events_of(claim.subject).filter(kind="loss.put_up").last(), claim.decision.proposer.platform_role
    return now in BOTH and now == ((told and told.detail) or {}).get("role", now)


def _may_settle(claim: LossClaim, person: User, reason: str, *, by: Actor, at: datetime) -> str:
    """The reasons; a contested claim is settled by somebody who has neither drafted, put up nor approved it."""
    _must_be_answered(claim, at=at)
    apply_silence(claim, by=by, at=at)
    if claim.was_contested and claim.decision is not None:
        must_be_another(person, claim.drafted_by_id, claim.decision.proposer_id, claim.decision.approver_id)
    return must_say(reason, CLAUSE)


def _answer_over() -> RuleBroken:
    return RuleBroken(CLAUSE, "answer_over", detail=_("The time to answer is over; what you wrote is kept as late."))


def _must_be_answered(claim: LossClaim, *, at: datetime) -> None:
    """RuleBroken while an answer that was received in time can still be on its way (T10)."""
    limit = deadlines.latest(JudgementClock.LOSS_ANSWER, loss_claim=claim)
    if claim.state not in (LossState.NOTIFIED, LossState.UNCONTESTED) or limit is None or limit.due_at is None:
        return
    if limit.due_at < at <= limit.due_at + settle():
        raise RuleBroken(CLAUSE, "answer_open", detail=_("An answer in time may still be on its way: wait a minute."))


def _must_be_draft(claim: LossClaim) -> None:
    if claim.state != LossState.DRAFT or claim.decision_id is not None:
        raise RuleBroken(CLAUSE, "not_a_draft", detail=_("Only a draft that nobody has put up can be changed."))


def _write(claim: LossClaim, heads: Sequence[Head], *, at: datetime) -> None:
    for head in heads:
        LossItem.objects.create(
            claim=claim,
            head=head.head,
            amount=head.amount,
            currency=head.currency,
            voucher=head.voucher.strip(),
            note=head.note.strip(),
            file_id=head.kept if head.file is None else _stored(claim, head.file, at=at).pk,
        )


def _stored(claim: LossClaim, file: VoucherFile, *, at: datetime) -> Voucher:
    voucher = Voucher(
        claim=claim,
        name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        received_at=at,
    )
    voucher.file.save(file.name, ContentFile(file.content), save=False)
    voucher.save()
    return voucher
