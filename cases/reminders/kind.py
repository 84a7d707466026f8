"""What the loop and the notices ask of a kind of limit: a clock, a sign-off, a proof, a limit of the judgement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet

from cases.models import Pause, Reminder
from cases.models.reminder import Reminds
from zestech_aftersales.accounts.models import User

Row = TypeVar("Row", bound=Reminds)
Pauses = dict[int, list[Pause]]


class Hearers(ABC, Generic[Row]):
    """Who hears of the limits of one batch."""

    @abstractmethod
    def of(self, row: Row, step: int) -> list[User]:
        """Who is told of a step, each once."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a reminder says beside the limit itself: of what, what follows at the end, and where to act."""

    reference: str
    at_its_end: str
    url: str


class Kind(ABC, Generic[Row]):
    """Limits of one table, of which people are reminded."""

    # The kind of stream its events stand in, and the first part of their subject.
    stream: ClassVar[str]
    subject: ClassVar[str]
    # The states in which it reminds, as a literal of the partial index's condition.
    state: ClassVar[str] = "running"
    record: ClassVar[type[Reminder]]
    # The field with its due instant: one that is over has no step left, its end is told by the event of its miss.
    due: ClassVar[str] = "due_at"
    # The record's field that names the limit.
    link: ClassVar[str]
    # What of the limit a record keeps, named alike in it and in its event: another one reminds anew by its own steps.
    marks: ClassVar[tuple[str, ...]] = ("amount",)
    # Whose row a batch claims: the lock that every action on the limit takes.
    lock: ClassVar[str] = "self"

    @abstractmethod
    def rows(self) -> QuerySet[Row]:
        """All limits of the kind, with what `hearers` reads of them."""

    @abstractmethod
    def hearers(self, rows: Sequence[Row]) -> Hearers[Row]:
        """Who hears of some limits; so many statements whatever their number."""

    @abstractmethod
    def clock(self, row: Row) -> str:
        """Its name in `rulebook.limits`."""

    @abstractmethod
    def said(self, row: Row, person: User) -> Said | None:
        """What one person reads; None when there is nothing left to say."""

    def waiting(self, at: datetime) -> QuerySet[Row]:
        """The limits that have reached a step at an instant and are not over; the due instant is inside (T5)."""
        return self.rows().filter(state=self.state, next_reminder_at__lte=at, **{f"{self.due}__gte": at})

    def pauses(self, _rows: Sequence[Row]) -> Pauses:
        """The pauses of some limits that count; most limits know none."""
        return {}

    def about(self, _row: Row) -> dict[str, Any]:
        """What the event tells beside clock, step and due instant."""
        return {}

    def amount(self, row: Row) -> int:
        """How long it is, in its unit."""
        return int(getattr(row, "amount", 0))

    def marked(self, row: Row) -> dict[str, Any]:
        """The values of `marks` as the limit is now."""
        return {name: getattr(self, name)(row) for name in self.marks}

    def sent(self, **which: Any) -> QuerySet[Reminder]:
        """The reminders of the kind that were sent."""
        return self.record._default_manager.filter(**which)
