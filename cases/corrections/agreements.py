"""The steps of `cases.corrections.commands` on offers that somebody has answered: accepted, countered, confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from cases.agreement import take_over_method, take_seats
from cases.corrections.steps import BUYER_DECIDES, note
from cases.disclosures import has_disclosure, told_version
from cases.events import visit_told
from cases.models import AppointmentState, Clock, Offer, OfferState, ServiceAppointment, Side, Visit
from cases.models.offer import OPEN_OFFERS
from cases.planning import plan_visit
from sellers.models import Engineer
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.corrections.steps import Kept
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
# What is answered in which state, and the clock that the answer meets.
ANSWERABLE = {Side.SELLER: (State.PROPOSED, Clock.BUYER_SILENCE), Side.BUYER: (State.COUNTERED, Clock.COUNTER)}


def accept(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The other side's yes was in time; for point and remote it confirms the appointment."""
    appointment, before, answered = clocks.appointment, clocks.appointment.state, _open_offer(clocks, kept)
    if answered is None or before != ANSWERABLE[Side(answered.side)][0]:
        return
    window = kept.told.get("window") if len(answered.windows) != 1 else kept.told.get("window") or 0
    fits = not answered.windows or window in answered.choosable(kept.received_at)
    is_door = answered.method == "door"
    if not fits or not (is_door or has_disclosure(appointment, at=kept.received_at)):
        return
    answered.accepted_window = window if answered.windows else None
    appointment.agree()
    answered.accept()
    answered.save(update_fields=["state", "accepted_window"])
    clocks.meet(ANSWERABLE[Side(answered.side)][1], at=kept.received_at)
    clocks.void(Clock.OFFER_RULING, at=kept.received_at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=kept.received_at)
    take_over_method(appointment, answered, clocks, at=kept.received_at)
    _take_seats_if_free(appointment, answered, at=kept.received_at)
    note(clocks, kept, "appointment.agreed", before, by=by, at=at, offer=answered.pk, because=because)
    if not appointment.is_door:
        before = appointment.state
        appointment.confirm()
        planned = visit_told(_plan(appointment, answered, kept))
        told = {"planned": planned, **told_version(appointment, at=kept.received_at)}
        note(clocks, kept, "appointment.confirmed", before, by=by, at=at, because=because, **told)


def counter(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The buyer's other wish was in time; the seller learns of it only now: his fresh limit begins now."""
    appointment, before, answered = clocks.appointment, clocks.appointment.state, _open_offer(clocks, kept)
    windows, wish = kept.told.get("windows") or [], str(kept.told.get("wish") or "")
    if answered is None or answered.side != Side.SELLER or before != State.PROPOSED or not (windows or wish):
        return
    appointment.counter()
    answered.replace()
    answered.save(update_fields=["state"])
    made = Offer.objects.create(
        appointment=appointment,
        side=Side.BUYER,
        method=answered.method,
        service_type=answered.service_type,
        windows=windows,
        plan=wish,
        made_by=kept.person,
        received_at=kept.received_at,
    )
    clocks.meet(Clock.BUYER_SILENCE, at=kept.received_at)
    clocks.void(Clock.OFFER_RULING, at=kept.received_at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=kept.received_at)
    clocks.start(Clock.COUNTER, at=at)
    note(clocks, kept, "appointment.countered", before, by=by, at=at, offer=made.pk, because=because)


def confirm(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The seller's confirmation was in time: the visit is planned, the 14 natural days are met (2.3.1)."""
    appointment, before = clocks.appointment, clocks.appointment.state
    is_told = has_disclosure(appointment, at=kept.received_at)
    if before != State.AGREED or not appointment.is_door or not (is_told or kept.channel == Channel.MAIL):
        return
    appointment.confirm()
    appointment.has_disclosure_gap = not is_told
    planned = _plan(appointment, appointment.offers.filter(state=OfferState.ACCEPTED).latest("id"), kept)
    clocks.meet(Clock.CONFIRMATION, at=kept.received_at)
    terms = told_version(appointment, at=kept.received_at) if is_told else {"disclosure_gap": True}
    told = {"planned": visit_told(planned), **terms}
    note(clocks, kept, "appointment.confirmed", before, by=by, at=at, because=because, **told)


def _open_offer(clocks: Clocks, kept: Kept) -> Offer | None:
    return clocks.appointment.offers.filter(pk=int(kept.told["offer"]), state__in=OPEN_OFFERS).first()


def _take_seats_if_free(appointment: ServiceAppointment, accepted: Offer, *, at: datetime) -> None:
    """What was agreed on stands even where somebody else sits there by now; the two sides find another time."""
    try:
        with transaction.atomic():
            take_seats(appointment, accepted, at=at)
    except RuleBroken:
        return


def _plan(appointment: ServiceAppointment, accepted: Offer, kept: Kept) -> Visit:
    """Plan the visit as it was confirmed; an engineer who is taken by now is named, and another one can be sent."""
    named = kept.told.get("engineer")
    engineer = None if named is None else Engineer.objects.get(pk=named)
    name = str(kept.told.get("contact_name") or "")
    try:
        return plan_visit(appointment, accepted, engineer=engineer, contact_name=name, at=kept.received_at)
    except RuleBroken:
        expected = engineer or accepted.engineer
        name = name or (expected.name if expected else accepted.contact_name)
        return plan_visit(appointment, accepted, contact_name=name, at=kept.received_at)
