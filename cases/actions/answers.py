"""What buyer and seller answer to an offer: accept it, or ask for something else (2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.offers import (
    BUYER_DECIDES,
    ENDED_BY_SELLER,
    is_open,
    must_stand,
    offer_made_before,
    record_offer,
)
from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.agreement import take_over_method, take_seats
from cases.corrections.commands import apply_after_rescission
from cases.corrections.overtaken import make_answerable
from cases.corrections.taking_back import counter_stands_again
from cases.dates import lie_ahead, must_lie_ahead
from cases.deadlines import Clocks, settle_limits
from cases.disclosures import has_disclosure, told_version
from cases.events import record_change, visit_told
from cases.models import AppointmentState, Clock, Offer, ServiceAppointment, Side
from cases.permissions import must_be_buyer, must_be_seller
from cases.planning import plan_visit
from cases.queries import is_booked_again
from cases.refusals import already_open, offer_gone
from cases.seats import release_holds
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
    At a service point the window's slots are taken: what was held turns into a seat.
    RuleBroken: offer_not_standing, already_open, slot_taken, hold_expired, lapsed (409), window_required, window_past,
    disclosure_incomplete (422).
    """
    appointment = locked(standing.appointment)
    _must_be_answerer(appointment, standing, by)
    if is_repeat(appointment.subject, "appointment.agreed", by):
        return appointment
    clocks = Clocks(appointment)
    meets = Clock.BUYER_SILENCE if standing.side == Side.SELLER else Clock.COUNTER
    missed = make_answerable(clocks, standing, by=by, at=at) or settle_limits(clocks, by=by, at=at)
    is_cure = standing.side == Side.SELLER and appointment.state in ENDED_BY_SELLER
    if missed and not is_cure:
        keep_late(appointment, "acceptance.late", missed, by=by, at=at, offer=standing.pk, window=window)
        return refusal_of(missed, appointment)
    if clocks.counts_since and standing.side == Side.BUYER:
        counter_stands_again(appointment)
    if missed and not is_open(standing, appointment):
        return offer_gone(appointment)  # not raised: the limit may have passed only now (T9)
    accepted = must_stand(standing, appointment)
    if is_cure and is_booked_again(appointment):
        raise already_open()
    _choose_window(accepted, window, at=at)
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
    take_over_method(appointment, accepted, clocks, at=at)
    take_seats(appointment, accepted, at=at)
    keep_next_due(appointment, clocks, "ended_at", "end_reason", "method")
    record_offer(appointment, "appointment.agreed", accepted, by=by, at=at, before=before, clocks=clocks, cured=is_cure)
    if not appointment.is_door:
        _confirm_by_acceptance(appointment, accepted, clocks, by=by, at=at)
    apply_after_rescission(clocks, by=by, at=at)
    return appointment


@action
def counter(
    standing: Offer, *, windows: Sequence[Window] = (), wish: str = "", by: Actor, at: datetime
) -> Offer | RuleBroken:
    """The buyer answers an offer with another time or wish: a fresh 48 hours for the seller begin at `at`.

    RuleBroken: offer_not_standing (409), counter_incomplete, windows_invalid (422), lapsed (409).
    """
    appointment = locked(standing.appointment)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "appointment.countered", by):
        return offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := make_answerable(clocks, standing, by=by, at=at) or settle_limits(clocks, by=by, at=at):
        kept = windows if lie_ahead(windows, at=at) else ()
        told = {"offer": standing.pk, "windows": [window.as_json() for window in kept], "wish": wish.strip()}
        keep_late(appointment, "counter.late", missed, by=by, at=at, **told)
        return refusal_of(missed, appointment)
    answered = must_stand(standing, appointment, side=Side.SELLER)
    if not windows and not wish.strip():
        raise RuleBroken("2.3.1", "counter_incomplete", status=422, detail=_("Say which time or change you wish for."))
    if windows:
        must_lie_ahead(windows, at=at)
    appointment.counter()
    answered.replace()
    answered.save(update_fields=["state"])
    release_holds(appointment, at=at)
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
    apply_after_rescission(clocks, by=by, at=at)
    return made


def _must_be_answerer(appointment: ServiceAppointment, standing: Offer, by: Actor) -> None:
    """An offer is answered by the side that did not make it."""
    if standing.side == Side.SELLER:
        must_be_buyer(appointment, by)
    else:
        must_be_seller(appointment, by)


def _choose_window(accepted: Offer, window: int | None, *, at: datetime) -> None:
    if not accepted.windows:
        return
    if window is None and len(accepted.windows) == 1:
        window = 0
    if window is None or not 0 <= window < len(accepted.windows):
        raise RuleBroken("2.3.1", "window_required", status=422, detail=_("Choose one of the offered times."))
    if window not in accepted.choosable(at):
        raise RuleBroken(
            "2.3.1", "window_past", status=422, detail=_("This time has passed. Choose another one or ask for one.")
        )
    accepted.accepted_window = window


def _confirm_by_acceptance(
    appointment: ServiceAppointment, accepted: Offer, clocks: Clocks, *, by: Actor, at: datetime
) -> None:
    """Point and remote: the acceptance is the confirmation (domain section 3)."""
    if not has_disclosure(appointment, at=at):
        raise RuleBroken(
            "3.1",
            "disclosure_incomplete",
            status=422,
            detail=_("The seller has not yet told all four items of rule 3.1."),
        )
    appointment.confirm()
    planned = plan_visit(appointment, accepted, at=at)
    keep_next_due(appointment, clocks)
    record_change(
        appointment,
        "appointment.confirmed",
        clause="2.3.2",
        by=by.with_key(""),
        at=at,
        before=AppointmentState.AGREED,
        clocks=clocks,
        detail={"planned": visit_told(planned), **told_version(appointment, at=at)},
    )
