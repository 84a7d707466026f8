"""The parts of the page on what is judged: each kind of thing has its own list of the same shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from complaints.models import JudgementDeadline
from zestech_aftersales.accounts.actors import Actor

# How many of one kind a page shows; the next page of its list has more.
SHOWN = 25


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One line: the thing with its state, what it is about, and the limit that runs for the seller."""

    thing: object
    url: str
    title: str | Promise
    clause: str
    at: datetime
    limit: JudgementDeadline | None = None
    under: str | Promise = ""
    badges: tuple[tuple[str | Promise, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A list of the page: what there is of its kind in its order, and a page of it as lines, by few queries."""

    name: str
    title: str | Promise
    lead: str | Promise
    found: Callable[[Actor], QuerySet[Any]]
    lines: Callable[[Sequence[Any], Actor], list[JudgedRow]]
