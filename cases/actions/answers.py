"""What buyer and seller answer to an offer: accept it, or ask for something else (2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.offers import (
    BUYER_DECIDES,
    ENDED_BY_SELLER,
    must_stand,
    offer_made_before,
    record_offer,
)
from cases.actions.steps import is_repeat, keep_next_due, locked, refusal_of
from cases.actions.visits import plan_visit
from cases.deadlines import Clocks, release_seats, settle_limits
from cases.disclosures import has_disclosure
from cases.events import record_change
from cases.models import AppointmentState, Clock, Offer, ServiceAppointment, Side
from cases.permissions import must_be_buyer, must_be_seller
from cases.terms import Window
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def accept(standing: Offer, *, window: int | None = None, by: Actor, at: datetime) -> ServiceAppointment | RuleBroken:
    """Accept the other side's offer; for point and remote this confirms the appointment.

    `window` is the index of the chosen visit window. A late offer, or one made after a refusal, cures it:
    the breach stays on the record and a door visit's confirmation runs anew from `at`.
    RuleBroken: offer_not_standing (409), window_required, disclosure_incomplete (422), lapsed (409).
    """
    appointment = locked(standing.appointment)
    _must_be_answerer(appointment, standing, by)
    if is_repeat(appointment.subject, "appointment.agreed", by):
        return appointment
    clocks = Clocks(appointment)
    meets = Clock.BUYER_SILENCE if standing.side == Side.SELLER else Clock.COUNTER
    missed = settle_limits(clocks, by=by, at=at)
    is_cure = standing.side == Side.SELLER and appointment.state in ENDED_BY_SELLER
    if missed and not is_cure:
        return refusal_of(missed, appointment)
    accepted = must_stand(standing, appointment)
    _choose_window(accepted, window)
    before = appointment.state
    if is_cure:
        appointment.cure()
    else:
        appointment.agree()
    accepted.accept()
    accepted.save(update_fields=["state", "accepted_window"])
    clocks.meet(meets, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    _take_over_method(appointment, accepted, clocks, at=at)
    keep_next_due(appointment, clocks, "ended_at", "end_reason", "method")
    record_offer(appointment, "appointment.agreed", accepted, by=by, at=at, before=before, clocks=clocks, cured=is_cure)
    if not appointment.is_door:
        _confirm_by_acceptance(appointment, accepted, clocks, by=by, at=at)
    return appointment


@action
def counter(
    standing: Offer, *, windows: Sequence[Window] = (), wish: str = "", by: Actor, at: datetime
) -> Offer | RuleBroken:
    """The buyer answers an offer with another time or wish: a fresh 48 hours for the seller begin at `at`.

    RuleBroken: offer_not_standing (409), counter_incomplete (422), lapsed (409).
    """
    appointment = locked(standing.appointment)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "appointment.countered", by):
        return offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        return refusal_of(missed, appointment)
    answered = must_stand(standing, appointment, side=Side.SELLER)
    if not windows and not wish.strip():
        raise RuleBroken("2.3.1", "counter_incomplete", status=422, detail=_("Say which time or change you wish for."))
    appointment.counter()
    answered.replace()
    answered.save(update_fields=["state"])
    made = Offer.objects.create(
        appointment=appointment,
        side=Side.BUYER,
        method=answered.method,
        service_type=answered.service_type,
        windows=[window.as_json() for window in windows],
        plan=wish,
        made_by=by.user,
        received_at=at,
    )
    clocks.meet(Clock.BUYER_SILENCE, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    clocks.start(Clock.COUNTER, at=at)
    keep_next_due(appointment, clocks)
    record_offer(
        appointment, "appointment.countered", made, by=by, at=at, before=AppointmentState.PROPOSED, clocks=clocks
    )
    return made


def _must_be_answerer(appointment: ServiceAppointment, standing: Offer, by: Actor) -> None:
    """An offer is answered by the side that did not make it."""
    if standing.side == Side.SELLER:
        must_be_buyer(appointment, by)
    else:
        must_be_seller(appointment, by)


def _choose_window(accepted: Offer, window: int | None) -> None:
    if not accepted.windows:
        return
    if window is None and len(accepted.windows) == 1:
        window = 0
    if window is None or not 0 <= window < len(accepted.windows):
        raise RuleBroken("2.3.1", "window_required", status=422, detail=_("Choose one of the offered times."))
    accepted.accepted_window = window


def _take_over_method(appointment: ServiceAppointment, accepted: Offer, clocks: Clocks, *, at: datetime) -> None:
    """What is agreed may be another method than was asked for: its own clocks run from the acceptance.

    A cured door visit has 14 natural days from the acceptance too; the first clocks keep their history.
    """
    appointment.method = accepted.method
    if not appointment.is_door:
        clocks.void(Clock.CONFIRMATION, at=at)
    elif clocks.running(Clock.CONFIRMATION) is None:
        clocks.start(Clock.CONFIRMATION, at=at)
    window = accepted.windows[accepted.accepted_window or 0] if accepted.windows else None
    if window is not None and Window.from_json(window).starts_at != appointment.slot_starts_at:
        release_seats(appointment, at=at)


def _confirm_by_acceptance(
    appointment: ServiceAppointment, accepted: Offer, clocks: Clocks, *, by: Actor, at: datetime
) -> None:
    """Point and remote: the acceptance is the confirmation (domain section 3)."""
    if not has_disclosure(appointment):
        raise RuleBroken(
            "3.1",
            "disclosure_incomplete",
            status=422,
            detail=_("The seller has not yet told all four items of rule 3.1."),
        )
    appointment.confirm()
    plan_visit(appointment, accepted)
    keep_next_due(appointment, clocks)
    record_change(
        appointment,
        "appointment.confirmed",
        clause="2.3.2",
        by=by.with_key(""),
        at=at,
        before=AppointmentState.AGREED,
        clocks=clocks,
    )
