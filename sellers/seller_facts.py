"""What higher apps tell of a seller on its page at the staff desk: each registers a line, read-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from sellers.models import Seller


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the page: what it is called, and what it says of a seller at an instant."""

    label: str | Promise
    tell: Callable[[Seller, datetime], str]


_facts: list[Fact] = []


def register(fact: Fact) -> None:
    """Show a line on every seller's page; called in an app's admin."""
    if fact not in _facts:
        _facts.append(fact)


def facts() -> Sequence[Fact]:
    """All registered lines."""
    return tuple(_facts)
