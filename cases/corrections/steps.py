"""The steps of `cases.corrections.commands`: each applies one kept command at the instant at which it was received."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from cases.events import record_change
from cases.models import AppointmentState, Clock, Offer, OfferState, ServiceAppointment, Side
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
# What ends a cover, and every request under it that is not being served: why, as the request is told, and its clause.
WAIVER_CONFIRMED, REFUND_TOLD = "cover.waived", "order.refunded"
WAIVED, REFUND = "waived", "refund"
EXCLUDED = "appointment.excluded"
# The same fault was booked again: the newer request goes on.
BOOKED_AGAIN = "booked again"


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
    # "" where it is the clause of the method.
    clause: str = ""

    @property
    def order(self) -> tuple[datetime, str, int]:
        """What came first is applied first."""
        return self.received_at, self.kind, self.number


class Step(Protocol):
    """Applies a kept command to the open appointment of `clocks`; nothing happens where it has no place any more."""

    def __call__(self, clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
        """Effective when it was received, recorded at `at`."""


def end(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The buyer cancelled or booked the fault again, or the seller refused: the request ended then."""
    reason = str(kept.told.get("reason", ""))[:200]
    if clocks.appointment.state == State.IN_SERVICE:
        return
    before = clocks.appointment.state
    if kept.kind in (CANCELLED, BOOKED_AGAIN, "appointment.cancelled"):
        clocks.appointment.cancel(kept.received_at, reason)
    else:
        clocks.appointment.refuse(kept.received_at, reason)
    _let_go(clocks, kept.received_at)
    note(clocks, kept, _ended(clocks), before, by=by, at=at, reason=reason, because=because)


def lose_cover(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The buyer gave the whole cover up, or all of the line was refunded: the request ended then, without a breach."""
    appointment, before = clocks.appointment, clocks.appointment.state
    if before == State.IN_SERVICE:
        return
    if kept.kind == WAIVER_CONFIRMED:
        appointment.exclude(kept.received_at, WAIVED)
        told = {"ground": WAIVED}
    else:
        appointment.cancel(kept.received_at, REFUND)
        told = {"reason": REFUND}
    _let_go(clocks, kept.received_at)
    note(clocks, kept, _ended(clocks), before, by=by, at=at, because=because, **told)


def exclude(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """An auditor had excluded the request, and the grant still stands (4.1.1 to 4.1.3)."""
    appointment, before, ground = clocks.appointment, clocks.appointment.state, str(kept.told["ground"])
    claim = appointment.claims.get(pk=kept.told["claim"])
    claim.excluded_from = before
    claim.save(update_fields=["excluded_from"])
    appointment.exclude(kept.received_at, ground)
    _let_go(clocks, kept.received_at)
    kept = replace(kept, clause=claim.clause)
    note(clocks, kept, _ended(clocks), before, by=by, at=at, claim=claim.pk, ground=ground, because=because)


def _ended(clocks: Clocks) -> str:
    return f"appointment.{clocks.appointment.state}"


def _let_go(clocks: Clocks, ended_at: datetime) -> None:
    """No clock runs, no offer stands, the slot is free; what the seller offered after his refusal waits for the buyer."""
    appointment, open_offers = clocks.appointment, clocks.appointment.offers.filter(state__in=OPEN_OFFERS)
    if appointment.state == State.REFUSED:
        open_offers = open_offers.filter(received_at__lte=ended_at)
    clocks.void_all(at=ended_at)
    void_offers(open_offers)
    release_seats(appointment, at=ended_at)
    cancel_visits(appointment)


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
    if made.state == OfferState.VOID:
        made.stand_again()
        made.save(update_fields=["state"])
    count_as_timely([made])
    for clock in ANSWERED:
        clocks.meet(clock, at=kept.received_at)
    clocks.pause(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=kept.received_at)
    # The buyer learns only now that the offer was in time: his own limit begins now.
    clocks.start(Clock.BUYER_SILENCE, at=at)
    note(clocks, kept, "appointment.proposed", before, by=by, at=at, offer=made.pk, because=because)


def note(clocks: Clocks, kept: Kept, kind: str, before: str, *, by: Actor, at: datetime, **told: object) -> None:
    """Write the one event of the step; the appointment is saved after the last one."""
    appointment: ServiceAppointment = clocks.appointment
    record_change(
        appointment,
        kind,
        clause=kept.clause or ("2.3.1" if appointment.is_door else "2.3.2"),
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
