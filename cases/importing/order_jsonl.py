"""JSON lines: one order a line, its order lines in `lines`; docs/import.md names the fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from cases.importing.fields import FieldError
from cases.importing.lines import Lines
from cases.importing.records import OF_LINE, OF_ORDER, line_of, order_of
from cases.importing.tables import MOST_ROWS
from cases.importing.told import Read, Rejection, Told


def read(lines: Lines) -> Iterator[Read]:
    """The orders of the file, one after the other; empty lines are passed over."""
    for text in lines:
        if text.strip():
            yield _told(lines.number, text)


def _told(line: int, text: str) -> Read:
    number = ""
    try:
        order = _object(text)
        told = order.pop("lines", None)
        cells = _cells(order, OF_ORDER)
        number = cells.get("number", "").strip()[:64]
        return Told(line, order_of(cells, [line_of(each) for each in _lines(told)]))
    except FieldError as fault:
        return Rejection.of(fault, line, number)


def _lines(told: Any) -> list[dict[str, str]]:
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told) or len(told) > MOST_ROWS:
        raise FieldError(_("lines: a list of at most %(most)d objects is needed.") % {"most": MOST_ROWS})
    return [_cells(each, OF_LINE) for each in told]


def _object(text: str) -> dict[str, Any]:
    try:
        # Numbers stay as they are written: 0.1 as a float would be another amount.
        read = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as broken:
        raise FieldError(_("This is no JSON: %(why)s.") % {"why": broken}) from broken
    if not isinstance(read, dict):
        raise FieldError(_("An object like {…} is needed on each line."))
    return read


def _cells(told: dict[str, Any], known: Iterable[str]) -> dict[str, str]:
    if strange := sorted(told.keys() - set(known)):
        raise FieldError(_("Not known: %(fields)s.") % {"fields": ", ".join(strange)})
    return {name: _cell(name, value) for name, value in told.items()}


def _cell(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            raise FieldError(_("%(name)s: a text or a number is needed.") % {"name": name})
