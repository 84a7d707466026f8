"""Pages by keyset: each goes on after the last row of the one before, however deep, whatever came in meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from zestech_aftersales.api.fields import instant_text

LARGEST_ID = 2**63 - 1


class CursorBroken(Exception):
    """A cursor that no page of this order ever gave out."""


@dataclass(frozen=True, slots=True)
class Order:
    """A unique order of rows: by `id`, or by an instant and then the id."""

    name: str
    instant: str = ""
    descending: bool = False

    def page(self, things: QuerySet[Any, Any], columns: Sequence[str], limit: int, cursor: str) -> Page:
        """At most `limit` rows after the cursor ("" for the first page), and where the next page begins."""
        wanted = things.order_by(*self._sorting())
        if self.instant:
            wanted = wanted.filter(**{f"{self.instant}__isnull": False})
        if cursor:
            wanted = wanted.filter(self._after(cursor))
        rows = list(
            wanted.values(*dict.fromkeys([*columns, "id", *([self.instant] if self.instant else [])]))[: limit + 1]
        )
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(rows, self._cursor(rows[-1]) if more else "")

    def _sorting(self) -> list[str]:
        names = [self.instant, "id"] if self.instant else ["id"]
        return [f"-{name}" for name in names] if self.descending else names

    def _after(self, cursor: str) -> Q:
        """The row comparison (instant, id) > (a, b), in the form that an index range can serve."""
        instant, pk = self._read(cursor)
        beyond = "lt" if self.descending else "gt"
        after = Q(**{f"id__{beyond}": pk})
        if not self.instant:
            return after
        return Q(**{f"{self.instant}__{beyond}e": instant}) & (Q(**{f"{self.instant}__{beyond}": instant}) | after)

    def _cursor(self, row: dict[str, Any]) -> str:
        place = [self.name, row["id"], *([instant_text(row[self.instant])] if self.instant else [])]
        return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> tuple[datetime | None, int]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            name, pk, *instants = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            instant = parse_datetime(instants[0]) if instants else None
        except (ValueError, TypeError, IndexError, RecursionError) as broken:
            raise CursorBroken from broken
        if name != self.name or type(pk) is not int or not 0 < pk <= LARGEST_ID:
            raise CursorBroken
        if bool(self.instant) != (instant is not None and instant.tzinfo is not None):
            raise CursorBroken
        return instant, pk


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursor of the page after them ("" at the end)."""

    rows: list[dict[str, Any]]
    next_cursor: str


NEWEST = Order("newest", descending=True)


def by_due(column: str) -> Order:
    """The order of what is due next."""
    return Order("due", instant=column)
