"""What was kept as late, applied after all when its limit moves later: in the order in which it was received."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cases.events import record_change
from cases.models import AppointmentState, Clock, Deadline, Offer, ServiceAppointment, Side
from cases.models.offer import OPEN_OFFERS
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
# The clocks that an offer meets, and why the 14 days stand while it lies with the buyer.
ANSWERED = (Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER)
BUYER_DECIDES = "buyer_decides"
CANCELLED, REFUSED, OFFERED = "cancellation.late", "refusal.late", "offer.late"


def apply_what_came(clocks: Clocks, missed: Deadline, *, by: Actor, at: datetime) -> None:
    """Apply to a restored appointment what was received inside the moved limit of the clock that was missed.

    A cancellation then stands without a violation, a refusal is an express one, an offer was in time.
    """
    appointment = clocks.appointment
    late = list(appointment.offers.filter(side=Side.SELLER, is_late=True, received_at__gte=missed.started_at))
    timely = timely_ones(late, missed)
    came = [(timely[0].received_at, OFFERED, "")] if timely else []
    came += [told for told in _kept_late(appointment) if missed.due_at is None or on_time(told[0], missed.due_at)]
    for received_at, what, reason in sorted(came):
        if what != OFFERED and appointment.is_open:
            _end(clocks, missed, what, reason, received_at, by=by, at=at)
        elif appointment.state in (State.REQUESTED, State.COUNTERED):
            _propose(clocks, missed, timely, by=by, at=at)
    if appointment.state not in (State.REQUESTED, State.COUNTERED, State.PROPOSED):
        void_offers([offer for offer in late if offer.state in OPEN_OFFERS])


def timely_ones(offers: Iterable[Offer], clock: Deadline) -> list[Offer]:
    """Those of some offers that came inside the limit of a clock as it is counted now."""
    return [offer for offer in offers if clock.due_at is None or on_time(offer.received_at, clock.due_at)]


def count_as_timely(offers: Iterable[Offer]) -> None:
    """They came in time after all."""
    for offer in offers:
        offer.is_late = False
        offer.save(update_fields=["is_late"])


def void_offers(offers: Iterable[Offer]) -> None:
    """They stand no more."""
    for offer in offers:
        if offer.state in OPEN_OFFERS:
            offer.void()
            offer.save(update_fields=["state"])


def _kept_late(appointment: ServiceAppointment) -> list[tuple[datetime, str, str]]:
    """Cancellations and refusals that came after the miss: when, which, and why."""
    kept = Event.objects.filter(
        stream=f"case/{appointment.case_id}", subject=appointment.subject, kind__in=[CANCELLED, REFUSED]
    )
    return [(told.effective_at, told.kind, str((told.detail or {}).get("reason", ""))) for told in kept]


def _end(
    clocks: Clocks, missed: Deadline, what: str, reason: str, received_at: datetime, *, by: Actor, at: datetime
) -> None:
    appointment, before = clocks.appointment, clocks.appointment.state
    if what == CANCELLED:
        appointment.cancel(received_at, reason[:200])
    else:
        appointment.refuse(received_at, reason[:200])
    clocks.void_all(at=received_at)
    void_offers(appointment.offers.filter(state__in=OPEN_OFFERS))
    appointment.save(update_fields=["state", "ended_at", "end_reason"])
    record_change(
        appointment,
        f"appointment.{appointment.state}",
        clause=missed.clause,
        by=system(by.channel),
        at=at,
        effective_at=received_at,
        before=before,
        clocks=clocks,
        detail={"reason": reason, "because": "pause"},
    )


def _propose(clocks: Clocks, missed: Deadline, timely: list[Offer], *, by: Actor, at: datetime) -> None:
    appointment = clocks.appointment
    before, answered_at = appointment.state, timely[0].received_at
    # The buyer's own counter-offer is answered by it.
    for wish in appointment.offers.filter(side=Side.BUYER, state__in=OPEN_OFFERS):
        wish.replace()
        wish.save(update_fields=["state"])
    appointment.propose()
    appointment.save(update_fields=["state", "ended_at", "end_reason"])
    count_as_timely(timely)
    for clock in ANSWERED:
        clocks.meet(clock, at=answered_at)
    clocks.pause(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=answered_at)
    # The buyer learns only now that the offer was in time: his own limit begins now.
    clocks.start(Clock.BUYER_SILENCE, at=at)
    record_change(
        appointment,
        "appointment.proposed",
        clause=missed.clause,
        by=system(by.channel),
        at=at,
        effective_at=answered_at,
        before=before,
        clocks=clocks,
        detail={"offer": timely[-1].pk, "because": "pause"},
    )
