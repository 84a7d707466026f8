"""Cells by their names as the records that the actions take; the names are those of `OrderRecord`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from cases.importing import fields
from cases.importing.fields import FieldError
from cases.terms import OrderLineRecord, OrderRecord
from zestech_aftersales.accounts.models import User

NEEDED_OF_ORDER = ("number", "buyer_email", "placed_at", "currency", "total")
NEEDED_OF_LINE = ("sku", "title", "quantity")
OF_ORDER = (
    *NEEDED_OF_ORDER, "buyer_name", "paid_at", "refunded_at", "cancelled_at", "refunded_amount", "protection",
    "is_online", "ship_name", "ship_address", "ship_city", "ship_country", "phone",
)  # fmt: skip
OF_LINE = (*NEEDED_OF_LINE, "refunded_quantity", "unit_price")


def line_of(cells: Mapping[str, str]) -> OrderLineRecord:
    """An order line; FieldError for a cell that cannot be read."""
    return OrderLineRecord(
        sku=fields.needed("sku", cells.get("sku", "")),
        title=fields.title(fields.needed("title", cells.get("title", ""))),
        quantity=fields.number("quantity", cells.get("quantity", ""), lowest=1),
        refunded_quantity=fields.number("refunded_quantity", cells.get("refunded_quantity", "").strip() or "0"),
        unit_price=fields.amount("unit_price", cells.get("unit_price", "")),
    )


def order_of(cells: Mapping[str, str], placed: Sequence[OrderLineRecord]) -> OrderRecord:
    """An order with its lines; FieldError for a cell that cannot be read."""
    told = {name: cells.get(name, "") for name in OF_ORDER}
    return OrderRecord(
        number=fields.text("number", fields.needed("number", told["number"])),
        buyer_email=fields.email("buyer_email", told["buyer_email"]),
        buyer_name=fields.text("buyer_name", told["buyer_name"], User, stored_as="name"),
        placed_at=instant_needed("placed_at", told["placed_at"]),
        paid_at=fields.instant("paid_at", told["paid_at"]),
        refunded_at=fields.instant("refunded_at", told["refunded_at"]),
        cancelled_at=fields.instant("cancelled_at", told["cancelled_at"]),
        currency=fields.letters("currency", told["currency"], 3),
        total=fields.amount("total", fields.needed("total", told["total"])),
        refunded_amount=fields.amount("refunded_amount", told["refunded_amount"]),
        protection=fields.protection("protection", told["protection"]),
        is_online=fields.flag("is_online", told["is_online"], otherwise=True),
        ship_country=fields.letters("ship_country", told["ship_country"], 2) if told["ship_country"].strip() else "",
        lines=list(placed),
        **{name: fields.text(name, told[name]) for name in ("ship_name", "ship_address", "ship_city", "phone")},
    )


def instant_needed(name: str, cell: str) -> datetime:
    """An instant that must not be missing."""
    read = fields.instant(name, cell)
    if read is None:
        raise FieldError(_("%(name)s: is empty.") % {"name": name})
    return read
