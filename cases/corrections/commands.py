"""What was kept as late, applied after all when its limit moves later: in the order in which it was received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from cases.corrections.agreements import accept, confirm, counter
from cases.corrections.dates import answer, offered_date
from cases.corrections.revisions import flag, revise
from cases.corrections.steps import (
    ANSWERED,
    BOOKED_AGAIN,
    CANCELLED,
    EXCLUDED,
    REFUND_TOLD,
    REFUSED,
    WAIVER_CONFIRMED,
    Kept,
    Step,
    count_as_timely,
    end,
    exclude,
    lose_cover,
    note,
    propose,
    void_offers,
)
from cases.deadlines import apply_passed_limit
from cases.lost_covers import loss_of
from cases.models import AppointmentState, Deadline, Offer, OfferState, ServiceAppointment, Side
from cases.models.appointment import OPEN_STATES
from cases.models.exclusion import GRANTED_CLAIMS
from cases.models.offer import OPEN_OFFERS
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor

__all__ = [
    "ANSWERED", "CANCELLED", "REFUSED", "apply_after_rescission", "apply_since", "apply_what_came", "count_as_timely",
    "timely_ones", "void_offers",
]  # fmt: skip

State = AppointmentState
OFFERED, ACCEPTED, CONFIRMED, NEW_DATE = "offer.late", "acceptance.late", "confirmation.late", "new_date.late"
REVISED = "revision.late"
# States in which an offer that came late may still wait for the buyer.
OFFER_WAITS_IN = (State.REQUESTED, State.COUNTERED, State.PROPOSED, State.DEEMED_REFUSED)
REFUSED_STATES = (State.REFUSED, State.DEEMED_REFUSED)


def _offer(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """Where a visit is to be moved, a late offer that still waits is a date for it."""
    if clocks.appointment.state != State.CONFIRMED:
        propose(clocks, kept, by=by, at=at, because=because)
    elif kept.offer is not None and kept.offer.state != OfferState.VOID:
        offered_date(clocks, kept, by=by, at=at, because=because)


def _offer_after_the_end(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """What the seller offered after a lapse came after his refusal, as it turns out: the buyer may take it."""
    appointment, made = clocks.appointment, kept.offer
    if appointment.state not in REFUSED_STATES or made is None or made.state != OfferState.VOID:
        return
    for standing in appointment.offers.filter(state__in=OPEN_OFFERS):
        standing.replace()
        standing.save(update_fields=["state"])
    made.stand_again()
    made.save(update_fields=["state"])
    kind, told = OFFERED, {"late": True}
    if appointment.state == State.REFUSED:
        # As any offer after an express refusal.
        count_as_timely([made])
        kind, told = "offer.again", {}
    note(clocks, kept, kind, appointment.state, by=by, at=at, offer=made.pk, because=because, **told)


STEPS: dict[str, Step] = {
    OFFERED: _offer,
    ACCEPTED: accept,
    "counter.late": counter,
    REVISED: revise,
    "flag.late": flag,
    CONFIRMED: confirm,
    NEW_DATE: answer,
    CANCELLED: end,
    REFUSED: end,
    # Ends that a voided pause has made late: another pause can bring them back.
    "appointment.cancelled": end,
    "appointment.refused": end,
    EXCLUDED: exclude,
    BOOKED_AGAIN: end,
    # What ended the whole cover meanwhile.
    WAIVER_CONFIRMED: lose_cover,
    REFUND_TOLD: lose_cover,
}


def apply_what_came(clocks: Clocks, missed: Deadline, *, by: Actor, at: datetime, because: str) -> None:
    """Apply to a restored appointment what was kept as late after the miss that was taken back."""
    apply_since(clocks, missed.started_at, by=by, at=at, because=because)


def apply_since(clocks: Clocks, since: datetime, *, by: Actor, at: datetime, because: str) -> None:
    """Apply to an appointment that goes on what was kept since an instant.

    Each at the instant at which it was received, after whatever limit had passed before that: a cancellation then
    stands without a violation, a refusal is an express one, an offer, a confirmation or a new date was in time. What
    has no place any more in the state it meets stays evidence. `because` tells what has taken the end back.
    """
    appointment = clocks.appointment
    for kept in sorted(_kept_since(appointment, since), key=lambda each: each.order):
        recorded_at = max(at, kept.received_at)
        apply_passed_limit(clocks, by=by, at=kept.received_at, recorded_at=recorded_at)
        step = STEPS[kept.kind] if appointment.is_open else _offer_after_the_end
        step(clocks, kept, by=by, at=recorded_at, because=because)
    _void_what_waits_in_vain(appointment)
    appointment.next_due_at = clocks.next_due()
    told = ["method", "has_disclosure_gap"]
    appointment.save(update_fields=["state", "ended_at", "end_reason", "next_due_at", *told])


def apply_after_rescission(clocks: Clocks, *, by: Actor, at: datetime) -> None:
    """After a command that has taken something back because it was received in time: what came later counts as well.

    Nothing happens where the command has taken nothing back.
    """
    if clocks.counts_since is None:
        return
    apply_since(clocks, clocks.counts_since, by=by, at=at, because=clocks.because)


def timely_ones(offers: Iterable[Offer], clock: Deadline) -> list[Offer]:
    """Those of some offers that came inside the limit of a clock as it is counted now."""
    return [offer for offer in offers if clock.due_at is None or on_time(offer.received_at, clock.due_at)]


def _kept_since(appointment: ServiceAppointment, since: datetime) -> Iterator[Kept]:
    """The offers that count as late, and every other command that a miss has overtaken."""
    told = Event.objects.filter(stream=f"case/{appointment.case_id}", subject=appointment.subject)
    revisions = [(event.detail or {})["offer"] for event in told.filter(kind=REVISED)]
    late = appointment.offers.filter(side=Side.SELLER, is_late=True, received_at__gte=since)
    for offer in late.exclude(pk__in=revisions):
        yield Kept(offer.received_at, OFFERED, offer.pk, offer=offer)
    for newer in ServiceAppointment.objects.filter(case=appointment.case_id, state__in=OPEN_STATES):
        if newer.pk != appointment.pk:
            booked_at = max(newer.received_at, since)
            yield Kept(booked_at, BOOKED_AGAIN, newer.pk, {"reason": BOOKED_AGAIN})
    yield from (loss for loss in loss_of(appointment.case.cover) if loss.received_at >= since)
    # An offer is kept as a row, which also tells whether it still counts as late.
    kinds = [kind for kind in STEPS if kind != OFFERED]
    for event in told.filter(kind__in=kinds, effective_at__gte=since).select_related("actor"):
        kept = Kept(event.effective_at, event.kind, event.pk, event.detail or {}, event.channel, event.actor)
        if event.kind != EXCLUDED or _still_excludes(appointment, kept):
            yield kept


def _still_excludes(appointment: ServiceAppointment, kept: Kept) -> bool:
    granted = appointment.claims.filter(state__in=GRANTED_CLAIMS).values_list("pk", flat=True)
    return kept.told.get("claim") in granted


def _void_what_waits_in_vain(appointment: ServiceAppointment) -> None:
    """A late offer stands on only where the buyer can still take it: after a refusal, if it came later than that."""
    if appointment.state in OFFER_WAITS_IN:
        return
    late = appointment.offers.filter(side=Side.SELLER, is_late=True, state__in=OPEN_OFFERS)
    if appointment.state == State.REFUSED and appointment.ended_at is not None:
        late = late.filter(received_at__lte=appointment.ended_at)
    void_offers(late)
