"""Offers, visits and the sign-off of one appointment held against its events, as far as events alone decide them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.findings import Difference, differing, written
from cases.models import (
    AppointmentState,
    DeadlineState,
    Disclosure,
    Offer,
    OfferState,
    Side,
    SignOff,
    SignOffOutcome,
    Visit,
    VisitState,
)
from cases.models.offer import OPEN_OFFERS
from cases.visit_ends import IS_SERVED, UNDER_WAY
from zestech_aftersales.rulebook.limits import LIMITS, limit_due

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.timeline.models import Event

# What is final about an offer, and the event that alone brings it about.
FINAL = {"appointment.agreed": OfferState.ACCEPTED, "offer.held_unreasonable": OfferState.HELD_UNREASONABLE}
# In which states of a request which side's offer lies on the table, and in which none does.
ON_THE_TABLE = {AppointmentState.PROPOSED: Side.SELLER, AppointmentState.COUNTERED: Side.BUYER}
NOTHING_LEFT = (
    AppointmentState.AGREED, AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE, AppointmentState.COMPLETED,
    AppointmentState.LAPSED, AppointmentState.CANCELLED, AppointmentState.EXCLUDED,
)  # fmt: skip
RULED = {"offer.flagged": OfferState.FLAGGED, "offer.held_reasonable": OfferState.HELD_REASONABLE}
NOT_MADE = {
    "visit.seller_no_show": VisitState.SELLER_NO_SHOW,
    "visit.buyer_no_show": VisitState.BUYER_NO_SHOW,
    "visit.broken_off": VisitState.BROKEN_OFF,
}
TOLD = "disclosure.given"
CONFIRMED, PUT_OFF, PLANNED_ANEW = "appointment.confirmed", "visit.rescheduled", "visit.planned_anew"
EXCLUDED = "appointment.excluded"
ENDS = ("appointment.refused", "appointment.deemed_refused", "appointment.cancelled", "appointment.lapsed", EXCLUDED)
TAKEN_BACK = ("appointment.rescinded", "appointment.readmitted")
BEGUN, DONE, ANOTHER = "appointment.checked_in", "appointment.completed", "appointment.visit_added"
ANSWERS = {
    "service.signed": (SignOffOutcome.SIGNED, DeadlineState.MET),
    "service.objected": (SignOffOutcome.OBJECTED, DeadlineState.MET),
    "service.signed_by_silence": (SignOffOutcome.SILENCE, DeadlineState.MISSED),
}


def of_offers(place: str, offers: Iterable[Offer], events: Iterable[Event]) -> Iterator[Difference]:
    """An offer is accepted, or held unreasonable, exactly if an event says so."""
    told = {_named(event, "offer"): FINAL[event.kind] for event in events if event.kind in FINAL}
    for offer in offers:
        stored = offer.state if offer.state in FINAL.values() else None
        yield from differing(place, f"offer/{offer.pk}", state=(stored or offer.state, told.get(offer.pk, offer.state)))
        if stored and offer.pk not in told:
            yield Difference(place, f"offer/{offer.pk}", "state", stored, "no event says so")


def of_open_offers(
    place: str, subject: str, state: str, offers: Iterable[Offer], events: Iterable[Event]
) -> Iterator[Difference]:
    """What lies on the table follows from the request's state; what the platform rules on, or has, from its event."""
    ruled = {_named(event, "offer"): RULED[event.kind] for event in events if event.kind in RULED}
    standing = [offer for offer in offers if offer.state in OPEN_OFFERS]
    sides = [str(offer.side) for offer in standing]
    if state in NOTHING_LEFT and sides:
        yield Difference(place, subject, "offers on the table", ", ".join(sides), "none")
    elif state in ON_THE_TABLE and sides != [ON_THE_TABLE[AppointmentState(state)]]:
        yield Difference(
            place, subject, "offers on the table", ", ".join(sides) or "none", ON_THE_TABLE[AppointmentState(state)]
        )
    for offer in standing:
        # One that a lapse had voided stands again plainly, whatever was ruled on it before.
        if offer.state != OfferState.STANDING and ruled.get(offer.pk) != offer.state:
            yield Difference(place, f"offer/{offer.pk}", "state", offer.state, str(ruled.get(offer.pk, "standing")))


def of_service_terms(
    place: str, subject: str, versions: Iterable[Disclosure], events: Iterable[Event]
) -> Iterator[Difference]:
    """A version of the service terms that an event tells of is there, and was told by then (3.1)."""
    given = {each.version: each.given_at for each in versions}
    for event in events:
        version = _named(event, "version" if event.kind == TOLD else "disclosure")
        if version is None:
            continue
        at = given.get(version)
        if at is None or at > event.effective_at or (event.kind == TOLD and at != event.effective_at):
            yield Difference(place, subject, f"service terms {version} told", written(at), written(event.effective_at))


def of_visits(place: str, visits: Iterable[Visit], events: Iterable[Event]) -> Iterator[Difference]:
    """A visit was begun, done, put off, missed, broken off or cancelled exactly if, and when, events say so."""
    told = ToldVisits()
    for event in events:
        told.hear(event)
    for visit in visits:
        yield from differing(
            place,
            f"appointment/{visit.appointment_id} visit {visit.number}",
            state=(str(visit.state), str(told.states.get(visit.number, "told by no event"))),
            checked_in=(visit.checked_in_at, told.begun.get(visit.number)),
            done=(visit.done_at, told.done.get(visit.number)),
        )


@dataclass(slots=True)
class ToldVisits:
    """The visits of an appointment by their number, as its events tell of them."""

    states: dict[int, VisitState] = field(default_factory=dict)
    begun: dict[int, datetime] = field(default_factory=dict)
    done: dict[int, datetime] = field(default_factory=dict)
    # Of which visit the last exclusion said that the buyer was not there.
    excused: int | None = None

    def hear(self, event: Event) -> None:
        """Go on with the next event, in the order in which they were recorded."""
        number = _named(event, "visit")
        if event.kind == CONFIRMED:
            self.states[len(self.states) + 1] = VisitState.PLANNED
        elif event.kind in (PUT_OFF, PLANNED_ANEW):
            if event.kind == PUT_OFF:
                self.states[_named(event, "instead_of")] = VisitState.RESCHEDULED
            self.states[number] = VisitState.PLANNED
        elif event.kind == BEGUN:
            self.begun[number], self.states[number] = event.effective_at, VisitState.CHECKED_IN
        elif event.kind in (DONE, ANOTHER):
            self.done[number], self.states[number] = event.effective_at, VisitState.DONE
        elif event.kind in NOT_MADE:
            self.states[number] = NOT_MADE[event.kind]
        elif event.kind in ENDS:
            self._cancel(number if event.kind == EXCLUDED else None)
        elif event.kind in TAKEN_BACK and (event.after or {}).get("state") in IS_SERVED:
            self._restore()

    def _cancel(self, excused: int | None) -> None:
        """An end leaves nothing to be made; an exclusion for the buyer's reasons may say that he was not there."""
        for number, state in self.states.items():
            if state in UNDER_WAY:
                self.states[number] = VisitState.BUYER_NO_SHOW if number == excused else VisitState.CANCELLED
        self.excused = excused

    def _restore(self) -> None:
        """The latest visit is what it was, unless somebody else than the end had said something of it."""
        latest = max(self.states, default=0)
        ended_as = VisitState.BUYER_NO_SHOW if latest and latest == self.excused else VisitState.CANCELLED
        if self.states.get(latest) == ended_as:
            self.states[latest] = VisitState.CHECKED_IN if latest in self.begun else VisitState.PLANNED


def of_sign_off(
    place: str, subject: str, signed: SignOff | None, events: Iterable[Event], law: EditionNumbers
) -> Iterator[Difference]:
    """The buyer's time to sign off begins with the completion, and ended as the last answer says."""
    begun_at: datetime | None = None
    outcome, state = SignOffOutcome.AWAITED, DeadlineState.RUNNING
    ended_at: datetime | None = None
    for event in events:
        if event.kind == DONE:
            begun_at = event.effective_at
        elif event.kind in ANSWERS:
            (outcome, state), ended_at = ANSWERS[event.kind], event.effective_at
    if signed is None or begun_at is None:
        if (signed is None) != (begun_at is None):
            yield Difference(place, subject, "sign-off", "none" if signed is None else "there", "by events not so")
        return
    yield from differing(
        place,
        f"{subject} sign-off",
        clause=(signed.clause, LIMITS["sign_off"].clause),
        started=(signed.started_at, begun_at),
        amount=(signed.amount, law.sign_off_days),
        due=(signed.due_at, limit_due("sign_off", begun_at, law)),
        state=(str(signed.state), str(state)),
        outcome=(str(signed.outcome), str(outcome)),
        ended=(signed.ended_at, ended_at),
    )


def _named(event: Event, thing: str) -> Any:
    return (event.detail or {}).get(thing)
