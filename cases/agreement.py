"""What an accepted offer brings with it: its method with that method's clocks, and the seats of its time (2.2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.models import Clock, Offer, ServiceAppointment
from cases.seats import seat_appointment
from cases.terms import Window
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.deadlines import Clocks


def take_over_method(appointment: ServiceAppointment, accepted: Offer, clocks: Clocks, *, at: datetime) -> None:
    """What is agreed may be another method than was asked for: its own clocks run from the acceptance.

    A cured door visit has 14 natural days from the acceptance too; the first clocks keep their history.
    """
    appointment.method = accepted.method
    if not appointment.is_door:
        clocks.void(Clock.CONFIRMATION, at=at)
    elif clocks.running(Clock.CONFIRMATION) is None:
        clocks.start(Clock.CONFIRMATION, at=at)


def take_seats(appointment: ServiceAppointment, accepted: Offer, *, at: datetime) -> None:
    """Take the slots of the agreed time at its point; RuleBroken slot_taken, hold_expired (409)."""
    point = accepted.point or appointment.point if appointment.method == ServiceMethod.POINT else None
    seat_appointment(appointment, point, _agreed_time(appointment, accepted, at=at), at=at)


def _agreed_time(appointment: ServiceAppointment, accepted: Offer, *, at: datetime) -> list[Window]:
    """The chosen window, or the slot that the buyer booked where the offer names no time of its own."""
    if accepted.windows:
        return [Window.from_json(accepted.windows[accepted.accepted_window or 0])]
    booked = appointment.slot_starts_at
    return [Window(booked, booked)] if booked is not None and booked > at else []
