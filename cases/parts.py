"""Parts of a visit: whole as told, and their charges held against what was told before (3.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from cases.models import Side
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.models import Disclosure
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


def untold(parts: Sequence[AnyCharge], disclosure: Disclosure | None) -> list[AnyCharge]:
    """The parts whose charge the told charging standard does not name; without one, no charge was told (3.1)."""
    return [part for part in parts if not _is_told_by(part, disclosure)]


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


def _is_told_by(charge: Charge, disclosure: Disclosure | None) -> bool:
    """By the figure of the service terms where they give one, else by their words."""
    if disclosure is None or disclosure.charges_at_most is None or charge.paid_by != Side.BUYER:
        return is_told(charge, disclosure.charging_standard if disclosure is not None else "")
    return charge.amount <= disclosure.charges_at_most and charge.currency == disclosure.charges_currency


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
