"""The date of a visit: until when it can be missed, who may propose another one, what that does to limits (2.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.models import (
    AppointmentState,
    Clock,
    DateProposal,
    Offer,
    OfferState,
    ProposalState,
    ServiceAppointment,
    Side,
    Visit,
    VisitState,
)
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from cases.terms import Window
    from zestech_aftersales.accounts.models import User

# The latest visit of a confirmed appointment can be moved, made up for or followed by another one.
MOVABLE = (
    VisitState.PLANNED,
    VisitState.SELLER_NO_SHOW,
    VisitState.BUYER_NO_SHOW,
    VisitState.BROKEN_OFF,
    VisitState.DONE,
)
# What somebody did about a date after the limit, as its event keeps it.
DID_PROPOSE, DID_ACCEPT, DID_DECLINE = "proposed", "accepted", "declined"


def check_in_opens_at(visit: Visit) -> datetime | None:
    """From when on the service can begin, CHECK_IN_HOURS_BEFORE the agreed begin; None: no time is agreed, any."""
    return visit.starts_at - timedelta(hours=settings.CHECK_IN_HOURS_BEFORE) if visit.has_date else None


def seller_missed_at(visit: Visit) -> datetime | None:
    """From when on nobody came: a visit may begin anywhere in its window, so the whole window and the grace count.

    None while no time is agreed: what has no date cannot be missed.
    """
    return None if visit.ends_at is None else max(visit.starts_at, visit.ends_at) + grace()


def buyer_missed_at(visit: Visit) -> datetime | None:
    """From when on the buyer was not there: he is to be there as soon as the window begins; then the grace counts."""
    return visit.starts_at + grace() if visit.has_date else None


def broken_off_at(visit: Visit) -> datetime | None:
    """From when on the buyer can say that the engineer has left; None before there was a check-in."""
    return None if visit.checked_in_at is None else visit.checked_in_at + grace()


def grace() -> timedelta:
    """How long everybody waits before somebody else is said not to be there."""
    return timedelta(minutes=settings.NO_SHOW_GRACE_MINUTES)


def to_move(appointment: ServiceAppointment) -> Visit | Offer | None:
    """What another date can be for: the latest visit; before the seller has confirmed, the agreed offer."""
    if appointment.state == AppointmentState.AGREED:
        return appointment.offers.filter(state=OfferState.ACCEPTED).order_by("-id").first()
    latest = appointment.visits.order_by("-number").first()
    if appointment.state != AppointmentState.CONFIRMED or latest is None or latest.state not in MOVABLE:
        return None
    return latest


def standing_date(appointment: ServiceAppointment) -> DateProposal | None:
    """The proposal that can be answered: about what can be moved now."""
    thing = to_move(appointment)
    if thing is None:
        return None
    about = {"visit": thing} if isinstance(thing, Visit) else {"offer": thing, "visit": None}
    return appointment.proposals.filter(state=ProposalState.STANDING, **about).first()


def put_forward(
    appointment: ServiceAppointment, thing: Visit | Offer, side: Side, windows: Sequence[Window], *,
    reason: str = "", engineer_id: int | None = None, contact_name: str = "", person: User | None, at: datetime,
) -> DateProposal:  # fmt: skip
    """Store a proposed date; a standing one of either side is replaced."""
    for standing in appointment.proposals.filter(state=ProposalState.STANDING):
        standing.replace()
        standing.save(update_fields=["state"])
    return DateProposal.objects.create(
        appointment=appointment,
        visit=thing if isinstance(thing, Visit) else None,
        offer=thing if isinstance(thing, Offer) else None,
        side=side,
        windows=[window.as_json() for window in windows],
        engineer_id=engineer_id,
        contact_name=contact_name.strip()[:120],
        reason=reason.strip()[:300],
        made_by=person,
        received_at=at,
    )


def must_lie_ahead(windows: Sequence[Window], *, at: datetime) -> None:
    """Raises RuleBroken windows_invalid (422) unless there is a time, and each lies in the future and has a length."""
    if not lie_ahead(windows, at=at):
        raise RuleBroken(
            "2.3.1",
            "windows_invalid",
            status=422,
            detail=_("Propose at least one time that lies in the future and ends after it begins."),
            context={"missing": ["windows"]},
        )


def lie_ahead(windows: Sequence[Window], *, at: datetime) -> bool:
    """Whether there is a time, and each lies in the future and ends after it begins."""
    return bool(windows) and all(at < window.starts_at < window.ends_at for window in windows)


def void_proposals(appointment: ServiceAppointment) -> None:
    """A date that was proposed has nothing to be for any more."""
    for standing in appointment.proposals.filter(state=ProposalState.STANDING):
        standing.void()
        standing.save(update_fields=["state"])


def move_clock(clocks: Clocks, visit: Visit | None, side: Side, *, at: datetime) -> None:
    """The seller's date meets his limit; the buyer's other wish starts it afresh, if the seller owes a date."""
    if visit is None:
        return
    if side == Side.SELLER:
        clocks.meet(Clock.NEW_DATE, at=at)
    elif visit.owes_date and clocks.running(Clock.NEW_DATE) is None:
        clocks.start(Clock.NEW_DATE, at=at)


def planned_anew(old: Visit, agreed: DateProposal, window: Window) -> Visit:
    """The visit at another time: at the same place, by whom the proposal names, or else by who was to come before."""
    names_nobody = agreed.engineer_id is None and not agreed.contact_name
    return Visit.objects.create(
        appointment_id=old.appointment_id,
        number=old.number + 1,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        engineer_id=old.engineer_id if names_nobody else agreed.engineer_id,
        contact_name=old.contact_name if names_nobody else agreed.contact_name,
        point_id=old.point_id,
        video_url=old.video_url,
    )
