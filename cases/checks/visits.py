"""Visits of one appointment, their dates, seats and parts, held against its events (2.2.1, 2.3.1, 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.checks.findings import Difference, differing
from cases.models import (
    AppointmentState,
    DateProposal,
    PartsList,
    ProposalState,
    ServiceAppointment,
    SlotSeat,
    Visit,
    VisitState,
)
from cases.visit_ends import IS_SERVED, UNDER_WAY

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

NOT_MADE = {
    "visit.seller_no_show": VisitState.SELLER_NO_SHOW,
    "visit.buyer_no_show": VisitState.BUYER_NO_SHOW,
    "visit.broken_off": VisitState.BROKEN_OFF,
}
CONFIRMED, PUT_OFF, PLANNED_ANEW = "appointment.confirmed", "visit.rescheduled", "visit.planned_anew"
EXCLUDED = "appointment.excluded"
ENDS = ("appointment.refused", "appointment.deemed_refused", "appointment.cancelled", "appointment.lapsed", EXCLUDED)
TAKEN_BACK = ("appointment.rescinded", "appointment.readmitted")
BEGUN, DONE, ANOTHER = "appointment.checked_in", "appointment.completed", "appointment.visit_added"
PROPOSED, LISTED, SENT = "visit.date_proposed", "parts.listed", "visit.engineer_changed"
ANSWERED = {
    "visit.date_declined": ProposalState.DECLINED,
    "visit.date_agreed": ProposalState.ACCEPTED,
    "visit.rescheduled": ProposalState.ACCEPTED,
    "visit.planned_anew": ProposalState.ACCEPTED,
}
# The states in which an appointment holds no seat of a slot any more.
WITHOUT_SEAT = {
    AppointmentState.REFUSED,
    AppointmentState.DEEMED_REFUSED,
    AppointmentState.LAPSED,
    AppointmentState.CANCELLED,
    AppointmentState.EXCLUDED,
}
BEFORE_ACCEPTANCE = {AppointmentState.REQUESTED, AppointmentState.PROPOSED, AppointmentState.COUNTERED}


def of_visits(place: str, subject: str, visits: Sequence[Visit], events: Sequence[Event]) -> Iterator[Difference]:
    """A visit is there, and was begun, done, put off, missed, broken off or cancelled exactly if, and when, events say so."""
    told = ToldVisits()
    for event in events:
        told.hear(event)
    for number in sorted(told.states.keys() - {visit.number for visit in visits}):
        yield Difference(place, f"{subject} visit {number}", "row", "missing", "told by events")
    for visit in visits:
        thing = f"{subject} visit {visit.number}"
        yield from differing(
            place,
            thing,
            state=(str(visit.state), str(told.states.get(visit.number, "told by no event"))),
            checked_in=(visit.checked_in_at, told.begun.get(visit.number)),
            done=(visit.done_at, told.done.get(visit.number)),
            parts_used=(len(visit.used_parts.all()), told.parts.get(visit.number, 0)),
        )
        if visit.number in told.planned:
            yield from _as_planned(place, thing, visit, told.planned[visit.number])


@dataclass(slots=True)
class ToldVisits:
    """The visits of an appointment by their number, as its events tell of them."""

    states: dict[int, VisitState] = field(default_factory=dict)
    begun: dict[int, datetime] = field(default_factory=dict)
    done: dict[int, datetime] = field(default_factory=dict)
    parts: dict[int, int] = field(default_factory=dict)
    # When a visit is to be and who comes.
    planned: dict[int, dict[str, Any]] = field(default_factory=dict)
    # Of which visit the last exclusion said that the buyer was not there.
    excused: int | None = None

    def hear(self, event: Event) -> None:
        """Go on with the next event, in the order in which they were recorded."""
        number = named(event, "visit")
        if event.kind == CONFIRMED:
            self.states[len(self.states) + 1] = VisitState.PLANNED
        elif event.kind in (PUT_OFF, PLANNED_ANEW):
            if event.kind == PUT_OFF:
                self.states[named(event, "instead_of")] = VisitState.RESCHEDULED
            self.states[number] = VisitState.PLANNED
        elif event.kind == BEGUN:
            self.begun[number], self.states[number] = event.effective_at, VisitState.CHECKED_IN
        elif event.kind in (DONE, ANOTHER):
            self.done[number], self.states[number] = event.effective_at, VisitState.DONE
            self.parts[number] = named(event, "parts") or 0
        elif event.kind in NOT_MADE:
            self.states[number] = NOT_MADE[event.kind]
        elif event.kind in ENDS:
            self._cancel(number if event.kind == EXCLUDED else None)
        elif event.kind in TAKEN_BACK and (event.after or {}).get("state") in IS_SERVED:
            self._restore()
        self._plan(event, number)

    def _plan(self, event: Event, number: int) -> None:
        if told := named(event, "planned"):
            self.planned[told["visit"]] = dict(told)
        if event.kind == SENT and number in self.planned:
            self.planned[number]["engineer"] = named(event, "engineer")

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


def _as_planned(place: str, thing: str, visit: Visit, told: dict[str, Any]) -> Iterator[Difference]:
    ends_at = told["ends_at"]
    yield from differing(
        place,
        thing,
        begins=(visit.starts_at, datetime.fromisoformat(told["starts_at"])),
        ends=(visit.ends_at, datetime.fromisoformat(ends_at) if ends_at else None),
        engineer=(visit.engineer_id, told["engineer"]),
    )


def of_dates(
    place: str, subject: str, proposals: Sequence[DateProposal], events: Sequence[Event]
) -> Iterator[Difference]:
    """A proposed date stands, was replaced, accepted, declined, or fell with its visit, exactly if events say so."""
    counted: dict[Any, ProposalState] = {}
    made_at: dict[Any, datetime] = {}
    for event in events:
        about = named(event, "proposal")
        if event.kind == PROPOSED or (event.kind == ANOTHER and about):
            _close(counted, ProposalState.REPLACED)
            counted[about], made_at[about] = ProposalState.STANDING, event.effective_at
        elif event.kind in ANSWERED and about in counted:
            counted[about] = ANSWERED[event.kind]
        elif event.kind in NOT_MADE or event.kind == BEGUN:
            _close(counted, ProposalState.VOID)
    known = {proposal.pk for proposal in proposals}
    for pk in sorted(counted.keys() - known):
        yield Difference(place, subject, f"proposed date {pk}", "missing", "told by events")
    for proposal in proposals:
        yield from differing(
            place,
            f"{subject} proposed date {proposal.pk}",
            state=(str(proposal.state), str(counted.get(proposal.pk, ""))),
            received=(proposal.received_at, made_at.get(proposal.pk)),
        )


def _close(counted: dict[Any, ProposalState], state: ProposalState) -> None:
    for pk, now in counted.items():
        if now == ProposalState.STANDING:
            counted[pk] = state


def of_parts_lists(
    place: str, subject: str, lists: Iterable[PartsList], events: Iterable[Event]
) -> Iterator[Difference]:
    """Each version of a list of needed parts is there, with as many parts as its event tells."""
    stored = {each.version: len(each.parts.all()) for each in lists}
    told = {named(event, "version"): named(event, "parts") for event in events if event.kind == LISTED}
    for version in sorted(stored.keys() | told.keys()):
        yield from differing(place, f"{subject} parts list {version}", parts=(stored.get(version), told.get(version)))


def of_seats(
    place: str,
    appointment: ServiceAppointment,
    passed: set[str],
    seats: Iterable[SlotSeat],
    visits: Sequence[Visit],
) -> Iterator[Difference]:
    """Seats are held as long as the appointment is on, and none is after its end."""
    # What was only held ended by its own instant, or with the offer.
    seats = [seat for seat in seats if seat.held_until is None]
    held = [seat for seat in seats if seat.released_at is None]
    if appointment.state in WITHOUT_SEAT:
        if held:
            yield Difference(place, appointment.subject, "seat", f"{len(held)} held", "released")
        return
    # From an acceptance on, another time may have been agreed on: then the seats of the last visit count.
    if passed <= BEFORE_ACCEPTANCE:
        needed = seats
    else:
        last = visits[-1] if visits else None
        times = [seat for seat in seats if last and (seat.point_id, seat.starts_at) == (last.point_id, last.starts_at)]
        needed = times if not any(seat.released_at is None for seat in times) else []
    released = len([seat for seat in needed if seat.released_at is not None])
    if released:
        yield Difference(place, appointment.subject, "seat", f"{released} released", "held")


def named(event: Event, thing: str) -> Any:
    """What an event names as that."""
    return (event.detail or {}).get(thing)
