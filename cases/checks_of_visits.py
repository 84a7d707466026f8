"""Visits of one appointment, their dates, seats and parts, held against its events (2.2.1, 2.3.1, 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.findings import Difference, differing
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

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

NOT_MADE = {"visit.seller_no_show": VisitState.SELLER_NO_SHOW, "visit.buyer_no_show": VisitState.BUYER_NO_SHOW}
PUT_OFF, EXCLUDED = "visit.rescheduled", "appointment.excluded"
BEGUN, DONE, ANOTHER = "appointment.checked_in", "appointment.completed", "appointment.visit_added"
PROPOSED, LISTED, SENT = "visit.date_proposed", "parts.listed", "visit.engineer_changed"
ANSWERED = {
    "visit.date_declined": ProposalState.DECLINED,
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
    """A visit is there, was begun, done, put off or missed exactly if, and when, events say so."""
    not_made: dict[Any, VisitState] = {}
    begun: dict[Any, datetime] = {}
    done: dict[Any, datetime] = {}
    parts: dict[Any, int] = {}
    planned: dict[Any, dict[str, Any]] = {}
    for event in events:
        if event.kind == BEGUN:
            begun[named(event, "visit")] = event.effective_at
        elif event.kind in (DONE, ANOTHER):
            done[named(event, "visit")] = event.effective_at
            parts[named(event, "visit")] = named(event, "parts") or 0
        elif event.kind in NOT_MADE:
            not_made[named(event, "visit")] = NOT_MADE[event.kind]
        elif event.kind == PUT_OFF:
            not_made[named(event, "instead_of")] = VisitState.RESCHEDULED
        if told := named(event, "planned"):
            planned[told["visit"]] = dict(told)
        if event.kind == SENT and (known := planned.get(named(event, "visit"))):
            known["engineer"] = named(event, "engineer")
    is_excluded = any(event.kind == EXCLUDED for event in events)
    for number in sorted({*planned, *begun, *done, *not_made} - {visit.number for visit in visits}):
        yield Difference(place, f"{subject} visit {number}", "row", "missing", "told by events")
    for visit in visits:
        thing = f"{subject} visit {visit.number}"
        yield from differing(
            place,
            thing,
            checked_in=(visit.checked_in_at, begun.get(visit.number)),
            done=(visit.done_at, done.get(visit.number)),
            parts_used=(len(visit.used_parts.all()), parts.get(visit.number, 0)),
        )
        if visit.number in planned:
            yield from _as_planned(place, thing, visit, planned[visit.number])
        served = VisitState.DONE if visit.number in done else VisitState.CHECKED_IN if visit.number in begun else None
        counted = served or not_made.get(visit.number, VisitState.PLANNED)
        # An exclusion for the buyer's reasons says itself that he was not there.
        excused = is_excluded and counted == VisitState.PLANNED and visit.state == VisitState.BUYER_NO_SHOW
        if visit.state != counted and not excused:
            yield Difference(place, thing, "state", visit.state, str(counted))


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
        if event.kind == PROPOSED:
            _close(counted, ProposalState.REPLACED)
            counted[about], made_at[about] = ProposalState.STANDING, event.effective_at
        elif event.kind in ANSWERED and about in counted:
            counted[about] = ANSWERED[event.kind]
        elif event.kind in NOT_MADE:
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
