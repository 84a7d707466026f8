"""Comma-separated files whose orders spread over several rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from django.utils.translation import gettext as _

from cases.importing.fields import FieldError
from cases.importing.lines import Lines, UnreadableFileError

Record = TypeVar("Record")
# More rows than any order has; the rest of a longer one is not kept in memory.
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, and the line of the file at which it begins."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(slots=True)
class Group:
    """The rows of one order, as they follow each other."""

    number: str
    rows: list[Row] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line at which the order begins."""
        return self.rows[0].line

    def must_be_whole(self) -> None:
        """RowFaultError for a row that has not the header's cells, or too many rows."""
        for row in self.rows:
            if row.fault:
                raise RowFaultError(row.line, row.fault)
        if len(self.rows) > MOST_ROWS:
            raise RowFaultError(self.line, _("The order has more than %(most)d rows.") % {"most": MOST_ROWS})


class RowFaultError(FieldError):
    """A fault of one row of an order; the order as a whole is not taken over."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def with_line(row: Row, reading: Callable[[Mapping[str, str]], Record]) -> Record:
    """What `reading` makes of the row's cells; its FieldError gets the row's line."""
    try:
        return reading(row.cells)
    except FieldError as fault:
        raise RowFaultError(row.line, str(fault)) from fault


def rows(lines: Lines, *, needed: Iterable[str], known: Iterable[str] | None = None) -> Iterator[Row]:
    """The rows below the header; columns are known by their names in lower case, in any order.

    UnreadableFileError: no header, a needed column is missing, one stands twice, one is not `known`
    (a mistyped column would otherwise be overlooked), or the quoting is broken.
    """
    table = csv.reader(lines, strict=True)
    try:
        header = [name.strip().lower() for name in next(table, [])]
        _must_fit(header, list(needed), None if known is None else set(known))
        end = table.line_num
        for cells in table:
            line, end = end + 1, table.line_num
            if any(cell.strip() for cell in cells):
                yield Row(line, dict(zip(header, cells, strict=False)), _fault(header, cells))
    except csv.Error as broken:
        raise UnreadableFileError(
            _("Line %(line)d: %(why)s. Is a quotation mark missing?") % {"line": table.line_num, "why": broken}
        ) from broken


def groups(table: Iterable[Row], *, by: str) -> Iterator[Group]:
    """The rows grouped into orders: neighbours with the same number belong together."""
    for number, neighbours in groupby(table, key=lambda row: row[by].strip()):
        if not number:
            yield from (Group("", [row]) for row in neighbours)
            continue
        group = Group(number)
        for row in neighbours:
            if len(group.rows) <= MOST_ROWS:
                group.rows.append(row)
        yield group


def _must_fit(header: list[str], needed: list[str], known: set[str] | None) -> None:
    if not any(header):
        raise UnreadableFileError(_("The file is empty: a first line with the columns' names is needed."))
    if missing := [name for name in needed if name not in header]:
        hint = _(" Separate the columns by commas.") if len(header) == 1 and ";" in header[0] else ""
        raise UnreadableFileError(_("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)} + hint)
    used = needed if known is None else known
    if twice := sorted({name for name in used if header.count(name) > 1}):
        raise UnreadableFileError(_("These columns stand twice: %(columns)s.") % {"columns": ", ".join(twice)})
    if known is not None and (strange := [name for name in header if name not in known]):
        raise UnreadableFileError(
            _("These columns are not known: %(columns)s. Known are: %(known)s.")
            % {"columns": ", ".join(strange), "known": ", ".join(sorted(known))}
        )


def _fault(header: list[str], cells: list[str]) -> str:
    if len(cells) == len(header):
        return ""
    return _("The row has %(cells)d cells, the header %(columns)d.") % {"cells": len(cells), "columns": len(header)}
