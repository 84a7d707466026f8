"""Another date for a visit: which one can be answered, and what it does to the seller's limit (2.3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.models import (
    AppointmentState,
    Clock,
    DateProposal,
    ProposalState,
    ServiceAppointment,
    Side,
    Visit,
    VisitState,
)

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from cases.terms import Window

MOVABLE = (VisitState.PLANNED, VisitState.SELLER_NO_SHOW, VisitState.BUYER_NO_SHOW)
# What somebody did about a date after the limit, as its event keeps it.
DID_PROPOSE, DID_ACCEPT, DID_DECLINE = "proposed", "accepted", "declined"


def standing_date(appointment: ServiceAppointment) -> DateProposal | None:
    """The proposal that can be answered: about the latest visit of a confirmed appointment."""
    if appointment.state != AppointmentState.CONFIRMED:
        return None
    latest = appointment.visits.order_by("-number").first()
    return appointment.proposals.filter(state=ProposalState.STANDING, visit=latest).first()


def move_clock(clocks: Clocks, visit: Visit, side: Side, *, at: datetime) -> None:
    """The seller's date meets his limit; the buyer's other wish starts it afresh, if the seller missed the visit."""
    if side == Side.SELLER:
        clocks.meet(Clock.NEW_DATE, at=at)
    elif visit.state == VisitState.SELLER_NO_SHOW and clocks.running(Clock.NEW_DATE) is None:
        clocks.start(Clock.NEW_DATE, at=at)


def planned_anew(old: Visit, window: Window) -> Visit:
    """The visit that stands in for another one, by the same people at the same place."""
    return Visit.objects.create(
        appointment_id=old.appointment_id,
        number=old.number + 1,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        engineer=old.engineer,
        contact_name=old.contact_name,
        point=old.point,
        video_url=old.video_url,
    )
