"""What the actions on a loss claim share: its heads as they are typed, its rows under lock, its answer limit (3.4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.events import instant_text
from complaints import deadlines
from complaints.currencies import CURRENCIES, decimals, in_units, is_amount
from complaints.events import record_change
from complaints.models import (
    OPEN_LOSSES,
    JudgementClock,
    JudgementDeadline,
    LossClaim,
    LossHead,
    LossItem,
    LossState,
    Violation,
)
from complaints.vouchers import VoucherFile
from sellers.actions.locks import lock_seller
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

CLAUSE = "3.4"


@dataclass(frozen=True, slots=True)
class Head:
    """One head of a loss as it is claimed: an exact amount, its currency, its voucher, how the breach caused it."""

    head: str
    amount: Decimal
    currency: str
    voucher: str
    note: str
    # The file of the bill: a new one, or the key of one that the claim has already.
    file: VoucherFile | None = None
    kept: int | None = None


def must_be_claimable(heads: Sequence[Head], vouchers: Collection[int] = ()) -> None:
    """RuleBroken heads_missing, head_unknown, amount_invalid, currency_unknown, voucher_missing, note_missing, and
    voucher_file_missing for one without the file of its bill (422).
    """
    if not heads:
        raise _wrong("heads_missing", _("Name at least one head of the loss."), "head")
    for head in heads:
        if head.head not in LossHead.values:
            raise _wrong("head_unknown", _("Choose what the money was spent on."), "head")
        if head.amount <= 0:
            raise _wrong("amount_invalid", _("Give an amount above zero."), "amount")
        if head.currency not in CURRENCIES:
            raise _wrong("currency_unknown", _("Give a currency of ISO 4217, like CNY."), "currency")
        if not is_amount(head.amount, head.currency):
            raise _wrong("amount_invalid", _too_fine(head.currency), "amount")
        if not head.voucher.strip():
            raise _wrong("voucher_missing", _("Name the voucher: no loss is claimed without one."), "voucher")
        if head.file is None and head.kept not in vouchers:
            raise without_file()
        if not head.note.strip():
            raise _wrong("note_missing", _("Say how the breach caused it."), "note")


def _too_fine(currency: str) -> str:
    if decimals(currency) == 0:
        return _("This currency has no decimals: give a whole amount.")
    return _("Give an amount with at most %(n)d decimals.") % {"n": decimals(currency)}


def without_file() -> RuleBroken:
    """The refusal of a head that has no file of its bill."""
    return _wrong("voucher_file_missing", _("Add the bill itself, as PDF or photo: the seller is shown it."), "file")


def must_stand(violation: Violation) -> None:
    """RuleBroken breach_not_confirmed (409) unless the breach is confirmed, has its ground, and nobody overturned it."""
    if not violation.stands or violation.groundless_since is not None:
        raise RuleBroken(CLAUSE, "breach_not_confirmed", detail=_("A loss rests only on a confirmed breach."))


def locked_claim(claim: LossClaim) -> LossClaim:
    """The claim, fetched anew under the locks of its seller, its violation and itself."""
    lock_seller(claim.seller_id)
    list(Violation.objects.select_for_update(of=("self",), no_key=True).filter(pk=claim.violation_id))
    rows = LossClaim.objects.select_related("seller", "decision", "violation__appointment__case__cover__edition")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=claim.pk)


def told_of(claim: LossClaim) -> dict[str, object]:
    """What an event says of the money: each total, and the heads as they stand."""
    return {
        "totals": [str(money) for money in claim.totals],
        "heads": [
            {
                "head": item.head,
                "amount": str(in_units(item.owed, item.currency)),
                "currency": item.currency,
                "voucher": item.voucher,
                "sha256": item.file.sha256 if item.file else "",
            }
            for item in LossItem.objects.filter(claim=claim).select_related("file")
        ],
    }


def apply_silence(claim: LossClaim, *, by: Actor, at: datetime) -> None:
    """A seller who has said nothing until the limit is over does not contest it, effective then (T8, T9); locked."""
    limit = deadlines.latest(JudgementClock.LOSS_ANSWER, loss_claim=claim)
    if limit is None or limit.due_at is None or not limit.is_passed(at):
        return
    deadlines.miss(limit)
    before = claim.state
    claim.pass_in_silence()
    claim.save(update_fields=["state"])
    record_change(
        claim, "loss.uncontested", clause=CLAUSE, by=system(by.channel), at=at, effective_at=limit.due_at,
        before=before, detail={"due_at": instant_text(limit.due_at)},
    )  # fmt: skip


def time_is_over(limit: JudgementDeadline, by: Actor, at: datetime) -> None:
    """The effect of a passed answer limit (see `complaints.actions.passed`)."""
    if limit.loss_claim is not None:
        apply_silence(locked_claim(limit.loss_claim), by=by, at=at)


def withdraw_with(violation: Violation, *, by: Actor, at: datetime) -> None:
    """A breach that counts no longer takes its loss claims with it; what was paid is owed back (3.4).

    Called under the locks of seller and violation (see `complaints.consequences`).
    """
    ended = [LossState.RECOVERED, LossState.WRITTEN_OFF]
    resting = LossClaim.objects.filter(violation=violation, state__in=[*OPEN_LOSSES, *ended])
    for claim in resting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        before, reason = claim.state, _("The breach that it rested on counts no longer.")
        if claim.state == LossState.RECOVERED:
            claim.take_back(at, reason)
        else:
            claim.withdraw(at, reason)
        claim.save(update_fields=["state", "ended_at", "end_reason", "is_owed_back"])
        deadlines.void_running(at=at, loss_claim=claim)
        detail = {"violation": violation.pk, "owed_back": claim.is_owed_back, **told_of(claim)}
        record_change(claim, "loss.withdrawn", clause=CLAUSE, by=by, at=at, before=before, detail=detail)


def _wrong(code: str, detail: str, field: str) -> RuleBroken:
    return RuleBroken(CLAUSE, code, status=422, detail=detail, context={"missing": [field]})
