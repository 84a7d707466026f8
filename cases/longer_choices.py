"""What a person can do about a longer limit: the seller asks for one, the buyer answers (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cases.actions.longer_limits import EXTENDABLE
from cases.choices import Choice
from cases.models import Deadline, DeadlineState, LongerLimit, ServiceAppointment
from cases.permissions import is_buyer, is_seller

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def extendable(clocks: Iterable[Deadline]) -> list[Deadline]:
    """The running limits of the seller, the next to run out first."""
    return [row for row in clocks if row.state == DeadlineState.RUNNING and row.clock in EXTENDABLE]


def longer_limit_open(longer_limits: Iterable[LongerLimit], *, at: datetime) -> LongerLimit | None:
    """The proposal that the buyer can still answer."""
    return next((each for each in longer_limits if each.is_open_at(at)), None)


def answers_to_longer(
    appointment: ServiceAppointment, by: Actor, *, at: datetime, longer_limits: Sequence[LongerLimit]
) -> list[Choice]:
    """What the buyer can answer to a longer limit while it can be answered."""
    if is_buyer(appointment, by) and longer_limit_open(longer_limits, at=at):
        return [Choice("accept_longer", is_main=True), Choice("decline_longer")]
    return []


def asking_for_longer(
    appointment: ServiceAppointment, by: Actor, *, at: datetime, clocks: Sequence[Deadline]
) -> list[Choice]:
    """Whether the seller can ask for a longer limit; nothing once the limits are over."""
    runs = any(not row.is_passed(at) for row in extendable(clocks))
    return [Choice("propose_longer")] if is_seller(appointment, by) and runs else []
