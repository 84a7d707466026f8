"""A difference between a stored row and what the events give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cases.events import instant_text


@dataclass(frozen=True, slots=True)
class Difference:
    """Where it is, which thing, what of it; what is stored, and what is counted from the events."""

    place: str
    thing: str
    what: str
    stored: str
    counted: str


def differing(place: str, thing: str, **pairs: tuple[object, object]) -> Iterator[Difference]:
    """A difference for each pair (stored, counted) that is not equal."""
    for what, (stored, counted) in pairs.items():
        if stored != counted:
            yield Difference(place, thing, what.replace("_", " "), written(stored), written(counted))


def written(value: object) -> str:
    """A value for the table: instants in UTC with microseconds, nothing as a dash."""
    if isinstance(value, datetime):
        return instant_text(value)
    return "-" if value in (None, "") else str(value)
