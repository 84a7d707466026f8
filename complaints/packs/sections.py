"""What a pack tells in words: the same sections are printed as PDF and written as JSON, so the two cannot differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a section: a heading, what is known of it, and its own words."""

    heading: str = ""
    facts: tuple[Fact, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the pack; one without entries is left out."""

    key: str
    title: str
    entries: list[Entry] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The section as the JSON file has it."""
        return {
            "key": self.key,
            "title": self.title,
            "entries": [
                {"heading": each.heading, "facts": [list(fact) for fact in each.facts], "text": each.text}
                for each in self.entries
            ],
        }


@dataclass(frozen=True, slots=True)
class Writing:
    """How instants are written: exact to the microsecond, in the platform's zone."""

    zone: ZoneInfo

    def instant(self, at: datetime | None) -> str:
        """2026-03-04 09:15:30+08:00; a fraction only where there is one. "" for none."""
        return "" if at is None else at.astimezone(self.zone).isoformat(sep=" ")

    def span(self, begins: datetime | None, ends: datetime | None) -> str:
        """From one instant to another, or to no end yet."""
        return f"{self.instant(begins)} – {self.instant(ends) or '…'}" if begins or ends else ""


def facts(*told: tuple[str | Promise, object]) -> tuple[Fact, ...]:
    """What is known, in words; what is empty is left out."""
    return tuple((str(label), str(value)) for label, value in told if value not in (None, ""))


def filled(sections: Iterable[Section]) -> list[Section]:
    """The sections that tell something."""
    return [section for section in sections if section.entries]
