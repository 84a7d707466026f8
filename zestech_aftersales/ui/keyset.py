"""Pages of a long list by key: newest first, never an OFFSET, never a full count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Thing = TypeVar("Thing", bound=Model)
PAGE = 25


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Thing]):
    """One page of things, and the addresses of its neighbours."""

    things: list[Thing]
    older_url: str = ""
    newer_url: str = ""


def keyset_page(request: HttpRequest, things: QuerySet[Thing], *, size: int = PAGE) -> KeysetPage[Thing]:
    """The page that `?before=` or `?after=` asks for, of things ordered by descending id; other words count as none."""
    before, after = _key(request, "before"), _key(request, "after")
    if after is not None:
        rows = list(things.filter(pk__gt=after).order_by("pk")[: size + 1])
        has_newer, rows = len(rows) > size, rows[:size][::-1]
        return _page(request, rows, has_newer=has_newer, has_older=True)
    if before is not None:
        things = things.filter(pk__lt=before)
    rows = list(things.order_by("-pk")[: size + 1])
    return _page(request, rows[:size], has_newer=before is not None, has_older=len(rows) > size)


def _key(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page(request: HttpRequest, rows: list[Any], *, has_newer: bool, has_older: bool) -> KeysetPage[Any]:
    if not rows:
        return KeysetPage([])
    return KeysetPage(
        rows,
        older_url=_address(request, before=rows[-1].pk) if has_older else "",
        newer_url=_address(request, after=rows[0].pk) if has_newer else "",
    )


def _address(request: HttpRequest, **key: int) -> str:
    asked = request.GET.copy()
    for name in ("before", "after"):
        asked.pop(name, None)
    asked.update({name: str(value) for name, value in key.items()})
    return f"?{asked.urlencode()}"
