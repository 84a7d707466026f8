"""Our own CSV of orders: a row for each order line; docs/import.md names the columns."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.importing.fields import FieldError
from cases.importing.lines import Lines
from cases.importing.records import NEEDED_OF_LINE, NEEDED_OF_ORDER, OF_LINE, OF_ORDER, line_of, order_of
from cases.importing.tables import Group, Row, RowFaultError, groups, rows, with_line
from cases.importing.told import Read, Rejection, Told


def read(lines: Lines) -> Iterator[Read]:
    """The orders of the file, one after the other; the order's cells stand on its first row at least."""
    table = rows(lines, needed=(*NEEDED_OF_ORDER, *NEEDED_OF_LINE), known=(*OF_ORDER, *OF_LINE))
    for group in groups(table, by="number"):
        yield _told(group)


def _told(group: Group) -> Read:
    try:
        group.must_be_whole()
        first, *others = group.rows
        for row in others:
            _must_agree(first, row)
        placed = [with_line(row, line_of) for row in group.rows]
        return Told(group.line, order_of(first.cells, placed))
    except FieldError as fault:
        return Rejection.of(fault, group.line, group.number)


def _must_agree(first: Row, row: Row) -> None:
    for column in OF_ORDER:
        if row[column].strip() not in ("", first[column].strip()):
            raise RowFaultError(
                row.line,
                _("%(column)s: “%(here)s” here, “%(there)s” in the order's first row.")
                % {"column": column, "here": row[column], "there": first[column]},
            )
