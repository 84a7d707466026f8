"""What the end of an appointment means for its visits, and what taking that end back means (2.3.1).

Plain pieces of the actions, after the lock of the appointment; the sweep's SQL has the same rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases.models import AppointmentState, VisitState

if TYPE_CHECKING:
    from cases.models import ServiceAppointment

UNDER_WAY = (VisitState.PLANNED, VisitState.CHECKED_IN)
IS_SERVED = (AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE)


def cancel_visits(appointment: ServiceAppointment) -> None:
    """Nobody goes to a visit of an appointment that has ended; a date proposed for it can no longer be answered."""
    for visit in appointment.visits.filter(state__in=UNDER_WAY):
        visit.cancel()
        visit.save(update_fields=["state"])


def restore_visits(appointment: ServiceAppointment) -> None:
    """The end was taken back: the visit that was to be made, or was being made, is that again."""
    latest = appointment.visits.order_by("-number").first()
    if appointment.state in IS_SERVED and latest is not None and latest.state == VisitState.CANCELLED:
        latest.restore()
        latest.save(update_fields=["state"])
