"""Parts of a visit: whole as told, and their charges held against what was told before (3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from cases.models import Side
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.models import Disclosure, Offer, UsedPart
    from cases.terms import PartTerms

NUMBER = re.compile(r"\d+(?:[.,]\d{1,2})?(?!\d)")


class Charge(Protocol):
    """Anything that the buyer may be charged for, with a name or a part number."""

    @property
    def name(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def paid_by(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


AnyCharge = TypeVar("AnyCharge", bound=Charge)


def must_be_whole(parts: Sequence[PartTerms]) -> None:
    """Raises RuleBroken parts_incomplete (422) naming each missing field with the part's number, like amount_2."""
    missing = [f"{name}_{n}" for n, part in enumerate(parts, start=1) for name in part.missing()]
    if missing:
        raise RuleBroken(
            "3.1",
            "parts_incomplete",
            status=422,
            detail=_("Name each part and how many. What the buyer pays for needs its charge and currency."),
            context={"missing": missing},
        )


def untold(
    parts: Sequence[AnyCharge], disclosure: Disclosure | None, *, spent: Decimal = Decimal(0)
) -> list[AnyCharge]:
    """The parts whose charge the told charging standard does not name; without one, no charge was told (3.1).

    A figure told as the most bounds the sum: of what is `spent` of it already, and of the parts in their order, those
    that no longer fit under it are outside. Another currency was not told.
    """
    if disclosure is None or disclosure.charges_at_most is None:
        standard = "" if disclosure is None else disclosure.charging_standard
        return [part for part in parts if not is_told(part, standard)]
    left, outside = disclosure.charges_at_most - spent, []
    for part in parts:
        if part.paid_by != Side.BUYER or not part.amount:
            continue
        if part.currency == disclosure.charges_currency and part.amount <= left:
            left -= part.amount
        else:
            outside.append(part)
    return outside


def spent(agreed: Offer | None, used: Iterable[UsedPart], disclosure: Disclosure | None) -> Decimal:
    """What is charged already of a figure told as the most: the agreed price, and the used parts that fitted under it."""
    if disclosure is None:
        return Decimal(0)
    parts = sum((part.amount for part in used if part.is_charged and not part.is_outside), Decimal(0))
    priced = agreed is not None and agreed.price_currency == disclosure.charges_currency
    return parts + (agreed.price_amount if agreed is not None and priced else Decimal(0))


def is_told(charge: Charge, charging_standard: str) -> bool:
    """Whether a charging standard names the charge: the part or its number, the amount, and the currency.

    What costs the buyer nothing needs no telling. It only flags: people judge.
    """
    if charge.paid_by != Side.BUYER or not charge.amount:
        return True
    standard = _plain(charging_standard)
    names_it = any(_plain(word) in standard for word in (charge.name, charge.number) if word.strip())
    amounts = {Decimal(text.replace(",", ".")) for text in NUMBER.findall(standard)}
    return names_it and charge.amount in amounts and charge.currency.casefold() in standard


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
