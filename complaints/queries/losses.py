"""Loss claims as people may see them, and the ledger of a seller: totals by currency, never added up across (3.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.currencies import in_units
from complaints.models import LossClaim, LossItem, LossState, Money, Voucher
from complaints.permissions import ANSWERING_SEATS, AUDITORS, FINANCE
from sellers.models import Seller
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

# What the ledger adds up, in the order in which a claim goes through it.
COLUMNS: tuple[tuple[str, str | Promise, Q], ...] = (
    ("claimed", _("claimed, not final yet"), Q(claim__state__in=["notified", "accepted", "contested", "uncontested", "adjusted"])),
    ("final", _("final, to be paid"), Q(claim__state=LossState.FINAL)),
    ("recovered", _("recovered"), Q(claim__state=LossState.RECOVERED)),
    ("written_off", _("written off"), Q(claim__state=LossState.WRITTEN_OFF)),
    ("owed_back", _("owed back to the seller"), Q(claim__state=LossState.WITHDRAWN, claim__is_owed_back=True)),
    ("paid_back", _("paid back to the seller"), Q(claim__state=LossState.WITHDRAWN, claim__paid_back_on__isnull=False)),
)  # fmt: skip
# The staff's own steps before the seller is told.
NOT_FOR_SELLERS = ("loss.drafted", "loss.redrafted", "loss.put_up", "loss.declined", "loss.approved", "loss.discarded")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One currency of a seller's ledger; `sums` stand under the columns."""

    currency: str
    sums: list[Money]

    @property
    def labelled(self) -> list[tuple[str | Promise, Money]]:
        """Each sum with the words of its column."""
        return [(label, money) for (_name, label, _where), money in zip(COLUMNS, self.sums, strict=True)]

    @property
    def written(self) -> dict[str, str]:
        """Each sum under the name of its column, with the decimals of the currency and without its code."""
        columns = zip(COLUMNS, self.sums, strict=True)
        return {name: str(in_units(money.amount, self.currency)) for (name, _label, _where), money in columns}


def losses_for(by: Actor) -> QuerySet[LossClaim]:
    """The loss claims within somebody's reach: staff all, a seller those that he was told of; the newest first."""
    found = LossClaim.objects.select_related("seller", "violation", "decision").prefetch_related("items__file")
    if by.platform_role:
        return found.order_by("-id")
    if by.seller_id is None or by.seat not in ANSWERING_SEATS:
        return found.none()
    return found.filter(seller=by.seller_id, notified_at__isnull=False).order_by("-id")


def vouchers_for(by: Actor) -> QuerySet[Voucher]:
    """The files of bills within somebody's reach: finance and auditors all, a seller those of claims he was told of.

    Of a draft's earlier versions the seller reads only what his claim rests on.
    """
    found = Voucher.objects.order_by("pk")
    if by.platform_role:
        judges = by.acting_for is None and by.platform_role in (*FINANCE, *AUDITORS)
        return found if judges else found.none()
    return found.filter(items__claim__in=losses_for(by).order_by().values("pk")).distinct()


def ledger(seller_id: int) -> list[LedgerLine]:
    """A seller's losses by currency; one query, drafts left out."""
    return ledgers([seller_id])[seller_id]


def ledger_for(by: Actor) -> list[LedgerLine]:
    """The ledger of the seller whom somebody speaks for; nothing for everybody else."""
    return ledger(by.seller_id) if by.seller_id is not None and by.seat in ANSWERING_SEATS else []


def took_part(claim: LossClaim, person: User) -> bool:
    """Whether this person drafted it, put it up or approved it: a contested claim is settled by others."""
    decision = claim.decision
    signed = () if decision is None else (decision.proposer_id, decision.approver_id)
    return person.pk in (claim.drafted_by_id, *signed)


def sellers_with_losses() -> QuerySet[Seller]:
    """The sellers who were told of a loss, by their names."""
    told = LossClaim.objects.filter(notified_at__isnull=False)
    return Seller.objects.filter(pk__in=told.values("seller")).order_by("name", "pk")


def ledgers(sellers: Collection[int]) -> dict[int, list[LedgerLine]]:
    """The ledgers of several sellers by their keys, each currency a line; one query, drafts left out."""
    owed = Coalesce("adjusted_amount", "amount")
    sums = {name: Sum(owed, filter=where) for name, _label, where in COLUMNS}
    told = LossItem.objects.filter(claim__seller__in=sellers, claim__notified_at__isnull=False)
    found = told.order_by("claim__seller", "currency").values("claim__seller", "currency").annotate(**sums)
    lines: dict[int, list[LedgerLine]] = {seller: [] for seller in sellers}
    for row in cast("Iterable[dict[str, Any]]", found):
        currency = row["currency"]
        money = [Money(row[name] or Decimal(0), currency) for name, _label, _where in COLUMNS]
        lines[row["claim__seller"]].append(LedgerLine(currency, money))
    return lines


def history_for(claim: LossClaim, by: Actor) -> QuerySet[Event]:
    """What happened to it, oldest first; the staff's own steps are for the staff."""
    events = events_of(claim.subject)
    return events if by.platform_role else events.exclude(kind__in=NOT_FOR_SELLERS)
