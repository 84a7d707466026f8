"""A row of a products file as a record: every cell checked, nothing touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from sellers.terms import LARGEST, LISTS, UNLIMITED, Dimension, Promise, PromiseError
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

SEPARATOR = ";"
# Columns that promise something: they are named like the dimensions. Services and methods are what
# the product offers and have columns of their own.
PROMISES = tuple(each for each in Dimension if each not in (Dimension.SERVICE_TYPES, Dimension.METHODS))
NEEDED = ("sku", "seller", "name")
OPTIONAL = (
    "brand",
    "description",
    "service_types",
    "methods",
    "marked_from",
    "marked_until",
    "page_from",
    "page_statement",
    *(each.value for each in PROMISES),
)
COLUMNS = (*NEEDED, *OPTIONAL)


class RowError(ValueError):
    """A row that cannot be read; the text says which cell and how to write it."""


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """A product as the shop tells it; `terms` are what its page promises beyond the rules."""

    sku: str
    seller: str
    name: str
    brand: str = ""
    description: str = ""
    service_types: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    marked_from: datetime | None = None
    marked_until: datetime | None = None
    page_from: datetime | None = None
    statement: str = ""
    terms: tuple[Promise, ...] = ()

    @property
    def page(self) -> dict[str, int | str | list[str]]:
        """What the page says, as the product keeps it."""
        said: dict[str, int | str | list[str]] = {"statement": self.statement} if self.statement else {}
        for term in self.terms:
            if term.dimension in LISTS:
                said[term.dimension.value] = [
                    str(each.value) for each in self.terms if each.dimension == term.dimension
                ]
            else:
                said[term.dimension.value] = term.value
        return said


def read_row(row: Mapping[str, str]) -> ProductRecord:
    """The record of a row. Errors: RowError."""
    cells = {name: _text(name, cell) for name, cell in row.items()}
    for name in NEEDED:
        if not cells[name]:
            raise RowError(_("%(column)s: is empty.") % {"column": name})
    record = ProductRecord(
        sku=cells["sku"],
        seller=cells["seller"],
        name=cells["name"],
        brand=cells.get("brand", ""),
        description=cells.get("description", ""),
        service_types=_names("service_types", cells, ServiceType.values),
        methods=_names("methods", cells, ServiceMethod.values),
        marked_from=_instant("marked_from", cells),
        marked_until=_instant("marked_until", cells),
        page_from=_instant("page_from", cells),
        statement=cells.get("page_statement", ""),
        terms=_terms(cells),
    )
    if record.marked_until is not None and record.marked_from is None:
        raise RowError(_("marked_until: needs marked_from beside it."))
    return record


def _text(name: str, cell: str) -> str:
    cell = cell.strip()
    if any(ord(sign) < ord(" ") and sign not in "\t\r\n" for sign in cell):
        raise RowError(_("%(column)s: a control character stands in it.") % {"column": name})
    return cell


def _split(name: str, cells: Mapping[str, str]) -> list[str]:
    parts = [part.strip() for part in cells.get(name, "").split(SEPARATOR)]
    return list(dict.fromkeys(part for part in parts if part))


def _names(name: str, cells: Mapping[str, str], known: list[str]) -> tuple[str, ...]:
    found = _split(name, cells)
    strangers = [each for each in found if each not in known]
    if strangers:
        raise RowError(
            _("%(column)s: %(names)s is not known. Known are: %(known)s.")
            % {"column": name, "names": ", ".join(strangers), "known": ", ".join(known)}
        )
    return tuple(found)


def _instant(name: str, cells: Mapping[str, str]) -> datetime | None:
    cell = cells.get(name, "")
    if not cell:
        return None
    try:
        read = datetime.fromisoformat(cell)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    # Without an offset nobody knows which instant is meant, and covers are judged by instants.
    raise RowError(
        _("%(column)s: “%(cell)s” is no instant with its offset like 2026-03-02T09:15:30+08:00.")
        % {"column": name, "cell": cell}
    )


def _terms(cells: Mapping[str, str]) -> tuple[Promise, ...]:
    found: list[Promise] = []
    for dimension in PROMISES:
        parts = _split(dimension.value, cells)
        if len(parts) > 1 and dimension not in LISTS:
            raise RowError(_("%(column)s: one value only.") % {"column": dimension.value})
        for part in parts:
            is_number = dimension in LARGEST and part != UNLIMITED and part.isascii() and part[:9].isdigit()
            try:
                found.append(Promise(dimension, int(part[:9]) if is_number else part))
            except PromiseError as wrong:
                raise RowError(f"{dimension.value}: {wrong}") from wrong
    return tuple(found)
