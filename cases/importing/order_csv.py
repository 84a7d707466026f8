"""Our own CSV of orders: a row for each order line; docs/import.md names the columns."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.importing import fields
from cases.importing.fields import FieldError
from cases.importing.lines import Lines
from cases.importing.tables import Group, Row, RowFaultError, groups, rows
from cases.importing.told import Read, Rejection, Told
from cases.terms import OrderLineRecord, OrderRecord

NEEDED_OF_ORDER = ("number", "buyer_email", "placed_at", "currency", "total")
NEEDED_OF_LINE = ("sku", "title", "quantity")
OF_ORDER = (
    *NEEDED_OF_ORDER, "buyer_name", "paid_at", "refunded_at", "cancelled_at", "refunded_amount", "protection",
    "is_online", "ship_name", "ship_address", "ship_city", "ship_country", "phone",
)  # fmt: skip
OF_LINE = (*NEEDED_OF_LINE, "refunded_quantity", "unit_price")


def read(lines: Lines) -> Iterator[Read]:
    """The orders of the file, one after the other."""
    table = rows(lines, needed=(*NEEDED_OF_ORDER, *NEEDED_OF_LINE), known=(*OF_ORDER, *OF_LINE))
    for group in groups(table, by="number"):
        yield _told(group)


def _told(group: Group) -> Read:
    try:
        group.must_be_whole()
        first, *others = group.rows
        for row in others:
            _must_agree(first, row)
        placed = [_line(row) for row in group.rows]
        return Told(group.line, order_of(first.cells, placed))
    except RowFaultError as fault:
        return Rejection(fault.line, group.number, "unreadable", str(fault))
    except FieldError as fault:
        return Rejection(group.line, group.number, "unreadable", str(fault))


def _must_agree(first: Row, row: Row) -> None:
    for column in OF_ORDER:
        if row[column].strip() not in ("", first[column].strip()):
            raise RowFaultError(
                row.line,
                _("%(column)s: “%(here)s” here, “%(there)s” in the order's first row.")
                % {"column": column, "here": row[column], "there": first[column]},
            )


def _line(row: Row) -> OrderLineRecord:
    try:
        return line_of(row.cells)
    except FieldError as fault:
        raise RowFaultError(row.line, str(fault)) from fault


def line_of(cells: Mapping[str, str]) -> OrderLineRecord:
    """An order line of its cells by name."""

    def cell(name: str) -> str:
        return cells.get(name, "")

    return OrderLineRecord(
        sku=fields.needed("sku", cell("sku")),
        title=fields.title(fields.needed("title", cell("title"))),
        quantity=fields.number("quantity", cell("quantity"), lowest=1),
        refunded_quantity=fields.number("refunded_quantity", cell("refunded_quantity") or "0"),
        unit_price=fields.amount("unit_price", cell("unit_price")),
    )


def order_of(cells: Mapping[str, str], placed: Sequence[OrderLineRecord]) -> OrderRecord:
    """An order of its cells by name, with its lines."""

    def cell(name: str) -> str:
        return cells.get(name, "")

    placed_at = fields.instant("placed_at", fields.needed("placed_at", cell("placed_at")))
    if placed_at is None:
        raise FieldError(_("%(name)s: is empty.") % {"name": "placed_at"})
    country = cell("ship_country")
    return OrderRecord(
        number=fields.text("number", fields.needed("number", cell("number"))),
        buyer_email=fields.email("buyer_email", cell("buyer_email")),
        buyer_name=fields.text("buyer_name", cell("buyer_name"), stored_as="ship_name"),
        placed_at=placed_at,
        paid_at=fields.instant("paid_at", cell("paid_at")),
        refunded_at=fields.instant("refunded_at", cell("refunded_at")),
        cancelled_at=fields.instant("cancelled_at", cell("cancelled_at")),
        currency=fields.letters("currency", cell("currency"), 3),
        total=fields.amount("total", fields.needed("total", cell("total"))),
        refunded_amount=fields.amount("refunded_amount", cell("refunded_amount")),
        protection=fields.protection("protection", cell("protection")),
        is_online=fields.flag("is_online", cell("is_online"), otherwise=True),
        ship_name=fields.text("ship_name", cell("ship_name")),
        ship_address=fields.text("ship_address", cell("ship_address")),
        ship_city=fields.text("ship_city", cell("ship_city")),
        ship_country=fields.letters("ship_country", country, 2) if country.strip() else "",
        phone=fields.text("phone", cell("phone")),
        lines=list(placed),
    )
