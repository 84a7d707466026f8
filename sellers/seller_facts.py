"""What higher apps tell of a seller on its page at the staff desk: each registers a line, read-only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sellers.models import Seller

# A display of the admin: called with the seller, labelled by its `short_description`.
Fact = Callable[[Seller], str]
_facts: list[Fact] = []


def register(fact: Fact) -> None:
    """Show a line on every seller's page; called in an app's admin."""
    if fact not in _facts:
        _facts.append(fact)


def facts() -> Sequence[Fact]:
    """All registered lines."""
    return tuple(_facts)
