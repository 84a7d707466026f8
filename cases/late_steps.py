"""The steps of `cases.late_commands`: each applies one kept command at the instant at which it was received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from cases.events import record_change
from cases.models import AppointmentState, Clock, Offer, ServiceAppointment, Side
from cases.models.offer import OPEN_OFFERS
from cases.seats import release_seats
from cases.visit_ends import cancel_visits
from zestech_aftersales.accounts.actors import system

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

State = AppointmentState
# The clocks that an offer meets, and why the 14 days stand while it lies with the buyer.
ANSWERED = (Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER)
BUYER_DECIDES = "buyer_decides"
CANCELLED, REFUSED = "cancellation.late", "refusal.late"


@dataclass(frozen=True, slots=True)
class Kept:
    """A command as it was kept: when it was received, what it was, and what it said."""

    received_at: datetime
    kind: str
    number: int
    told: dict[str, Any] = field(default_factory=dict)
    channel: str = ""
    person: User | None = None
    offer: Offer | None = None

    @property
    def order(self) -> tuple[datetime, str, int]:
        """What came first is applied first."""
        return self.received_at, self.kind, self.number


class Step(Protocol):
    """Applies a kept command to the open appointment of `clocks`; nothing happens where it has no place any more."""

    def __call__(self, clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
        """Effective when it was received, recorded at `at`."""


def end(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The buyer cancelled, or the seller refused: the request ended then."""
    appointment, before = clocks.appointment, clocks.appointment.state
    reason, open_offers = str(kept.told.get("reason", "")), appointment.offers.filter(state__in=OPEN_OFFERS)
    if before == State.IN_SERVICE:
        return
    if kept.kind in (CANCELLED, "appointment.cancelled"):
        appointment.cancel(kept.received_at, reason[:200])
    else:
        appointment.refuse(kept.received_at, reason[:200])
        # What the seller offered after his refusal, the buyer may still take.
        open_offers = open_offers.filter(received_at__lte=kept.received_at)
    clocks.void_all(at=kept.received_at)
    void_offers(open_offers)
    release_seats(appointment, at=kept.received_at)
    cancel_visits(appointment)
    note(clocks, kept, f"appointment.{appointment.state}", before, by=by, at=at, reason=reason, because=because)


def propose(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The seller's offer was in time; a second one is a revision of the first."""
    appointment, before, made = clocks.appointment, clocks.appointment.state, kept.offer
    if made is None or before not in (State.REQUESTED, State.COUNTERED, State.PROPOSED):
        return
    if before == State.PROPOSED:
        if made.state in OPEN_OFFERS:
            count_as_timely([made])
            note(clocks, kept, "offer.revised", before, by=by, at=at, offer=made.pk, because=because)
        return
    # The buyer's own counter-offer is answered by it.
    for wish in appointment.offers.filter(side=Side.BUYER, state__in=OPEN_OFFERS):
        wish.replace()
        wish.save(update_fields=["state"])
    appointment.propose()
    count_as_timely([made])
    for clock in ANSWERED:
        clocks.meet(clock, at=kept.received_at)
    clocks.pause(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=kept.received_at)
    # The buyer learns only now that the offer was in time: his own limit begins now.
    clocks.start(Clock.BUYER_SILENCE, at=at)
    note(clocks, kept, "appointment.proposed", before, by=by, at=at, offer=made.pk, because=because)


def note(clocks: Clocks, kept: Kept, kind: str, before: str, *, by: Actor, at: datetime, **told: object) -> None:
    """Save the appointment and write the one event of the step."""
    appointment: ServiceAppointment = clocks.appointment
    appointment.save(update_fields=["state", "ended_at", "end_reason", "method", "has_disclosure_gap"])
    record_change(
        appointment,
        kind,
        clause="2.3.1" if appointment.is_door else "2.3.2",
        by=system(by.channel),
        at=at,
        effective_at=kept.received_at,
        before=before,
        clocks=clocks,
        detail=told,
    )


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
