"""One cell of a file as a value of an order; what cannot be read says why."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Model
from django.utils.translation import gettext as _

from cases.models import Order, OrderLine, Protection

AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")
CENT = Decimal("0.01")
# What a whole number of the database holds, and more than anybody orders of one thing.
MOST = 1_000_000
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class FieldError(ValueError):
    """A cell that cannot be read; the text says why and how to write it."""


def _longest(model: type[Model], name: str) -> int:
    return int(getattr(model._meta.get_field(name), "max_length", None) or 0)


def text(name: str, cell: str, model: type[Model] = Order, *, stored_as: str = "") -> str:
    """A cell as it stands, trimmed; FieldError when the database cannot hold it."""
    cell = cell.strip()
    if any(ord(sign) < ord(" ") and sign not in "\t\r\n" for sign in cell):
        raise FieldError(_("%(name)s: a control character stands in it.") % {"name": name})
    longest = _longest(model, stored_as or name)
    if len(cell) > longest:
        raise FieldError(_("%(name)s: longer than %(longest)d characters.") % {"name": name, "longest": longest})
    return cell


def title(cell: str) -> str:
    """A product's title; it is only shown, so a long one is cut."""
    cell, longest = " ".join(cell.split()), _longest(OrderLine, "title")
    return cell if len(cell) <= longest else cell[: longest - 1] + "…"


def needed(name: str, cell: str) -> str:
    """A cell that must not be empty."""
    if not cell.strip():
        raise FieldError(_("%(name)s: is empty.") % {"name": name})
    return cell.strip()


def email(name: str, cell: str) -> str:
    """An e-mail address, in lower case."""
    try:
        validate_email(needed(name, cell))
    except ValidationError as wrong:
        raise FieldError(_("%(name)s: “%(cell)s” is no e-mail address.") % {"name": name, "cell": cell}) from wrong
    return cell.strip().lower()


def instant(name: str, cell: str) -> datetime | None:
    """An instant with its offset from UTC, None for an empty cell.

    Without an offset nobody knows which instant is meant, and covers are judged by instants.
    """
    cell = cell.strip()
    if not cell:
        return None
    try:
        read = datetime.fromisoformat(cell)
    except ValueError as wrong:
        raise FieldError(
            _("%(name)s: “%(cell)s” is no instant like 2026-03-02T09:15:30+08:00.") % {"name": name, "cell": cell}
        ) from wrong
    if read.tzinfo is None:
        raise FieldError(
            _("%(name)s: “%(cell)s” does not tell its offset from UTC, as in 2026-03-02T09:15:30+08:00.")
            % {"name": name, "cell": cell}
        )
    try:
        return read.astimezone(UTC)
    except OverflowError as wrong:
        raise FieldError(_("%(name)s: “%(cell)s” is out of range.") % {"name": name, "cell": cell}) from wrong


def amount(name: str, cell: str) -> Decimal:
    """An amount of money, 0 for an empty cell; kept to two decimals."""
    cell = cell.strip()
    if not cell:
        return Decimal(0)
    if not AMOUNT.fullmatch(cell):
        raise FieldError(_("%(name)s: “%(cell)s” is no amount like 1234.50.") % {"name": name, "cell": cell})
    return Decimal(cell).quantize(CENT)


def number(name: str, cell: str, *, lowest: int = 0) -> int:
    """A whole number from `lowest` to a million."""
    cell = needed(name, cell)
    if not (cell.isascii() and cell.isdigit() and lowest <= int(cell[:10]) <= MOST):
        raise FieldError(
            _("%(name)s: “%(cell)s” is no whole number from %(lowest)d to %(most)d.")
            % {"name": name, "cell": cell, "lowest": lowest, "most": MOST}
        )
    return int(cell)


def letters(name: str, cell: str, count: int) -> str:
    """A code of so many letters, such as EUR or DE, in capitals."""
    code = cell.strip().upper()
    if not (code.isascii() and code.isalpha() and len(code) == count):
        raise FieldError(
            _("%(name)s: “%(cell)s” is no code of %(count)d letters.") % {"name": name, "cell": cell, "count": count}
        )
    return code


def flag(name: str, cell: str, *, otherwise: bool) -> bool:
    """Yes or no; `otherwise` for an empty cell."""
    word = cell.strip().lower()
    if not word:
        return otherwise
    if word not in WORDS:
        raise FieldError(_("%(name)s: “%(cell)s” is neither true nor false.") % {"name": name, "cell": cell})
    return WORDS[word]


def protection(name: str, cell: str) -> str:
    """How the payment was protected; `other` for an empty cell."""
    word = cell.strip().lower()
    if word and word not in Protection.values:
        raise FieldError(
            _("%(name)s: “%(cell)s” is not known. Known are: %(known)s.")
            % {"name": name, "cell": cell, "known": ", ".join(Protection.values)}
        )
    return word or Protection.OTHER.value
