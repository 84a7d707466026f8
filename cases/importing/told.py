"""What a reader gives: an order with the line it begins at, or what could not be taken over and why."""

from __future__ import annotations

from dataclasses import dataclass

from cases.importing.fields import FieldError
from cases.importing.tables import RowFaultError
from cases.terms import OrderRecord


@dataclass(frozen=True, slots=True)
class Told:
    """An order as the file tells it."""

    line: int
    order: OrderRecord

    @property
    def number(self) -> str:
        """The shop's order number."""
        return self.order.number


@dataclass(frozen=True, slots=True)
class Rejection:
    """An order that is not taken over: the line that is at fault, a stable code and the reason."""

    line: int
    number: str
    code: str
    reason: str

    @classmethod
    def of(cls, fault: FieldError, line: int, number: str) -> Rejection:
        """What a reader could not read; a row's fault names its own line, any other the order's first."""
        return cls(fault.line if isinstance(fault, RowFaultError) else line, number, "unreadable", str(fault))


Read = Told | Rejection
