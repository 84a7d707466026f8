"""The parts of the page on what is judged: each kind of thing has its own list of the same shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from complaints.models import JudgementDeadline
from zestech_aftersales.accounts.actors import Actor

# More of one kind the page does not show.
SHOWN = 50


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
    """A list of the page. `rows` takes a bounded number of queries and at most SHOWN rows; () hides the section."""

    name: str
    title: str | Promise
    lead: str | Promise
    rows: Callable[[Actor], list[JudgedRow]]
