"""Shopify's order export: a row for each line item, the order's own cells on its first row only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from cases.importing import fields
from cases.importing.fields import FieldError
from cases.importing.lines import Lines
from cases.importing.records import line_of, order_of
from cases.importing.tables import Group, Row, groups, rows, with_line
from cases.importing.told import Read, Rejection, Told
from cases.models import Protection
from cases.terms import OrderLineRecord

NEEDED = (
    "name", "email", "financial status", "paid at", "currency", "total", "created at",
    "lineitem quantity", "lineitem name", "lineitem sku",
)  # fmt: skip

# "Fully paid" is what a cover begins with; what was given back later had been paid before.
FULLY_PAID = frozenset({"paid", "partially_refunded", "refunded"})
NOT_FULLY_PAID = frozenset({"pending", "authorized", "partially_paid", "unpaid", "voided", "expired"})

# Words of Payment Method, which names the provider, or several joined by "+". The first that fits decides.
PROTECTION_BY_WORDS = (
    (Protection.TRADE_ASSURANCE, ("trade assurance",)),
    (Protection.BANK_TRANSFER, ("bank", "wire", "sepa", "pix", "boleto", "money order")),
    (Protection.CARD, ("shopify payments", "card", "stripe", "adyen", "visa", "mastercard", "amex", "unionpay")),
)


def read(lines: Lines) -> Iterator[Read]:
    """The orders of the export, one after the other."""
    for group in groups(rows(lines, needed=NEEDED), by="name"):
        yield _told(group)


def _told(group: Group) -> Read:
    try:
        group.must_be_whole()
        first = group.rows[0]
        is_paid, is_refunded = _payment(first)
        placed = [
            with_line(row, lambda cells: _line(cells, is_refunded=is_refunded)) for row in group.rows if _is_item(row)
        ]
        return Told(group.line, order_of(_cells(first, is_paid=is_paid), placed))
    except FieldError as fault:
        return Rejection.of(fault, group.line, group.number)


def _is_item(row: Row) -> bool:
    """Rows without an item carry more taxes, payments or notes of the order."""
    return any(row[f"lineitem {name}"].strip() for name in ("quantity", "name", "sku"))


def _payment(first: Row) -> tuple[bool, bool]:
    """Whether the order was fully paid, and whether all of it was given back."""
    status = "_".join(fields.needed("Financial Status", first["financial status"]).lower().split())
    if status not in FULLY_PAID | NOT_FULLY_PAID:
        raise FieldError(
            _("Financial Status: “%(status)s” is not known. Known are: %(known)s.")
            % {"status": status, "known": ", ".join(sorted(FULLY_PAID | NOT_FULLY_PAID))}
        )
    if status in FULLY_PAID and not first["paid at"].strip():
        raise FieldError(_("Paid at: is empty though the order was paid; the cover begins at that instant."))
    return status in FULLY_PAID, status == "refunded"


def _line(cells: Mapping[str, str], *, is_refunded: bool) -> OrderLineRecord:
    """The export does not tell which items were given back; only a full refund reaches every line."""
    quantity = cells["lineitem quantity"]
    return line_of(
        {
            "sku": cells["lineitem sku"],
            "title": cells["lineitem name"],
            "quantity": quantity,
            "refunded_quantity": quantity if is_refunded else "",
            "unit_price": cells.get("lineitem price", ""),
        }
    )


def _cells(first: Row, *, is_paid: bool) -> dict[str, str]:
    """The first row under the names of our own fields."""
    place = "shipping" if first["shipping name"].strip() or first["shipping city"].strip() else "billing"
    street = first[f"{place} street"].strip() or ", ".join(
        part for name in ("address1", "address2") if (part := first[f"{place} {name}"].strip())
    )
    phones = (first[f"{place} phone"], first["phone"], first["billing phone"])
    return {
        "number": first["name"],
        "buyer_email": first["email"],
        "buyer_name": first["billing name"] or first["shipping name"],
        "placed_at": first["created at"],
        "paid_at": first["paid at"] if is_paid else "",
        "cancelled_at": first["cancelled at"] or first["canceled at"],
        "currency": first["currency"],
        "total": first["total"],
        "refunded_amount": first["refunded amount"],
        "protection": _protection(first["payment method"]),
        # Sold over the counter: no online order.
        "is_online": "no" if first["source"].strip().lower() == "pos" else "yes",
        "ship_name": first[f"{place} name"],
        "ship_address": ", ".join(part for part in (street, _plain(first[f"{place} zip"])) if part),
        "ship_city": first[f"{place} city"],
        "ship_country": first[f"{place} country"],
        "phone": next((plain for phone in phones if (plain := _plain(phone))), ""),
    }


def _plain(cell: str) -> str:
    """Shopify puts an apostrophe before digits so that a spreadsheet leaves them alone."""
    return cell.strip().removeprefix("'")


def _protection(method: str) -> str:
    words = " ".join(method.lower().replace("_", " ").replace("-", " ").split())
    return next((kind.value for kind, known in PROTECTION_BY_WORDS if any(word in words for word in known)), "other")
