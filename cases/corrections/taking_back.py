"""Takes a miss back: the state before, its clocks, offer and seats, as if it had never been (domain section 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.corrections.steps import BOOKED_AGAIN, void_offers
from cases.events import record_change
from cases.models import AppointmentState, Deadline, Offer, OfferState, ServiceAppointment, Side
from cases.models.offer import OPEN_OFFERS
from cases.queries import is_booked_again
from cases.seats import release_seats, take_seats_again
from cases.visit_ends import cancel_visits, restore_visits
from zestech_aftersales.accounts.actors import ActorKind, system
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor

ENDED = "appointment.cancelled"


def take_back(
    clocks: Clocks,
    missed: Deadline,
    *,
    by: Actor,
    at: datetime,
    recorded_at: datetime | None = None,
    because: str,
    is_followed: bool = False,
) -> None:
    """Restore a locked appointment to what it was before a miss, and save it.

    `at` is the instant whose command has taken it back, `recorded_at` when that is written (`at` unless told),
    `because` one of `cases.causes`. Where
    the fault has been booked again meanwhile, the newer request goes on and this one ends without a violation: now,
    or, with `is_followed`, by the caller who then applies what came meanwhile (`corrections.commands.apply_what_came`),
    the newer booking among it. Such a request is not saved before: only one of a fault is open at a time.
    """
    appointment, before = clocks.appointment, clocks.appointment.state
    state_before, released_at = missed.state_before, missed.ended_at
    clocks.restore(missed)
    appointment.rescind(state_before)
    if before == AppointmentState.LAPSED:
        stand_again(appointment)
    if released_at is not None:
        take_seats_again(appointment, released_at=released_at)
    restore_visits(appointment)
    written_at = recorded_at or at
    record_change(
        appointment,
        "appointment.rescinded",
        clause=missed.clause,
        by=by.with_key(""),
        at=written_at,
        effective_at=at,
        before=before,
        clocks=clocks,
        detail={"because": because},
    )
    if is_booked_again(appointment):
        if is_followed:
            return
        _give_way(clocks, missed, by=by, at=written_at)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "ended_at", "end_reason", "next_due_at"])


def _give_way(clocks: Clocks, missed: Deadline, *, by: Actor, at: datetime) -> None:
    """One open appointment per fault: the newer one goes on."""
    appointment, restored = clocks.appointment, clocks.appointment.state
    appointment.cancel(at, BOOKED_AGAIN)
    clocks.void_all(at=at)
    void_offers(appointment.offers.filter(state__in=OPEN_OFFERS))
    release_seats(appointment, at=at)
    cancel_visits(appointment)
    record_change(
        appointment,
        ENDED,
        clause=missed.clause,
        by=system(by.channel),
        at=at,
        before=restored,
        clocks=clocks,
        detail={"reason": BOOKED_AGAIN},
    )


def gave_way(appointment: ServiceAppointment) -> bool:
    """Whether a request ended only when its miss was taken back, for a newer one goes on: no command had ended it then.

    Unlike one whose newer booking was applied in its turn, as received, among what came meanwhile.
    """
    if appointment.end_reason != BOOKED_AGAIN:
        return False
    ends = Event.objects.filter(stream=f"case/{appointment.case_id}", subject=appointment.subject, kind=ENDED)
    last = ends.order_by("-id").first()
    return last is not None and last.actor_kind == ActorKind.SYSTEM and "because" not in (last.detail or {})


def stand_again(appointment: ServiceAppointment) -> None:
    """The seller's offer that a lapse had voided stands as before; what a person had held reasonable still is."""
    # What is kept as late, a revision for one, was not voided by it.
    offers = appointment.offers.filter(state=OfferState.VOID, side=Side.SELLER, is_late=False)
    offer = offers.order_by("-id").first()
    if offer is not None:
        restore(offer)


def counter_stands_again(appointment: ServiceAppointment) -> None:
    """The buyer's counter-offer that a late offer had replaced stands again: its answer was received in time."""
    wish = appointment.offers.filter(state=OfferState.REPLACED, side=Side.BUYER).order_by("-id").first()
    if wish is not None:
        void_offers(appointment.offers.filter(side=Side.SELLER, is_late=True, state__in=OPEN_OFFERS))
        restore(wish)


def restore(offer: Offer) -> None:
    """Let an offer stand again as it stood before."""
    held = Event.objects.filter(
        stream=f"case/{offer.appointment.case_id}",
        subject=offer.appointment.subject,
        kind="offer.held_reasonable",
        detail__offer=offer.pk,
    )
    offer.stand_again(was_held_reasonable=held.exists())
    offer.save(update_fields=["state"])
