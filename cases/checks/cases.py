"""One case held against its own events: states, ends, clocks, pauses, the next limit, seats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from cases.beside import limit_of_notice, limit_of_proof
from cases.checks.findings import Difference, differing, written
from cases.checks.folding import FoldedCase, FoldedClock, folded
from cases.checks.reminders import Reminders, VisitReminders
from cases.checks.shipments import of_shipments
from cases.checks.things import of_confirmations, of_offers, of_open_offers, of_service_terms, of_sign_off
from cases.checks.visits import of_dates, of_parts_lists, of_seats, of_visits
from cases.deadlines import OUTCOME_OF_A_MISS, length_of
from cases.laws import Laws
from cases.models import (
    DateProposal,
    Deadline,
    Disclosure,
    ExclusionClaim,
    LongerLimit,
    Offer,
    PartsList,
    Pause,
    ServiceAppointment,
    ServiceCase,
    Shipment,
    SignOff,
    SlotSeat,
    UnitReplacement,
    Visit,
)
from cases.models.appointment import OPEN_STATES
from cases.reminders.kinds import CLOCKS, PROOFS, SIGN_OFFS
from cases.tolled_limits import TolledOutages
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The rows of some cases, by what they belong to; so many queries whatever their number."""

    cases: dict[int, ServiceCase]
    appointments: dict[int, list[ServiceAppointment]]
    claims: dict[int, list[ExclusionClaim]]
    deadlines: dict[int, list[Deadline]]
    pauses: dict[int, list[Pause]]
    longer: dict[int, list[LongerLimit]]
    seats: dict[int, list[SlotSeat]]
    offers: dict[int, list[Offer]]
    visits: dict[int, list[Visit]]
    sign_offs: dict[int, list[SignOff]]
    shipments: dict[int, list[Shipment]]
    replacements: dict[int, list[UnitReplacement]]
    disclosures: dict[int, list[Disclosure]]
    proposals: dict[int, list[DateProposal]]
    parts_lists: dict[int, list[PartsList]]
    reminders: dict[str, Reminders]
    visit_reminders: VisitReminders
    outages: TolledOutages
    approved_outages: TolledOutages

    @classmethod
    def of(cls, keys: list[int]) -> Self:
        """Read the rows of the cases with these keys."""
        theirs = {"appointment__case__in": keys}
        claims = list(ExclusionClaim.objects.filter(**theirs).order_by("id"))
        deadlines = list(Deadline.objects.filter(**theirs).order_by("id"))
        sign_offs = list(SignOff.objects.filter(**theirs).order_by("id"))
        return cls(
            cases=ServiceCase.objects.select_related("cover__edition").in_bulk(keys),
            appointments=_by("case_id", ServiceAppointment.objects.filter(case__in=keys).order_by("id")),
            claims=_by("appointment_id", claims),
            deadlines=_by("appointment_id", deadlines),
            pauses=_by("deadline_id", Pause.objects.filter(deadline__appointment__case__in=keys, voided_at=None)),
            longer=_by(
                "deadline_id", LongerLimit.objects.filter(deadline__appointment__case__in=keys, state="accepted")
            ),
            seats=_by("appointment_id", SlotSeat.objects.filter(**theirs).order_by("id")),
            offers=_by("appointment_id", Offer.objects.filter(**theirs).order_by("id")),
            visits=_by(
                "appointment_id",
                Visit.objects.filter(**theirs).prefetch_related("used_parts").order_by("number"),
            ),
            proposals=_by("appointment_id", DateProposal.objects.filter(**theirs).order_by("id")),
            parts_lists=_by("appointment_id", PartsList.objects.filter(**theirs).prefetch_related("parts")),
            reminders={
                kind.subject: Reminders(kind, rows)
                for kind, rows in ((CLOCKS, deadlines), (SIGN_OFFS, sign_offs), (PROOFS, claims))
            },
            visit_reminders=VisitReminders(keys),
            sign_offs=_by("appointment_id", sign_offs),
            outages=TolledOutages.known(),
            approved_outages=TolledOutages.approved(),
            disclosures=_by("appointment_id", Disclosure.objects.filter(**theirs).order_by("id")),
            replacements=_by("appointment_id", UnitReplacement.objects.filter(**theirs)),
            shipments=_by("case_id", Shipment.objects.filter(case__in=keys).order_by("id")),
        )


def _by(name: str, rows: Iterable[Any]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return groups


def differences_of_case(case: ServiceCase, rows: CaseRows, events: list[Event], laws: Laws) -> Iterator[Difference]:
    """Everything of a case that is not as its events say."""
    edition, appointments = case.cover.edition, {each.pk: each for each in rows.appointments[case.pk]}
    theirs = {pk: laws.at(edition, each.received_at) for pk, each in appointments.items()}
    told = folded(events, lambda pk: theirs.get(pk, edition.law))
    place = case.reference
    for thing, what, stored, counted in told.flaws:
        yield Difference(place, thing, what, written(stored), written(counted))
    yield from differing(place, case.stream, state=(case.state, told.case_state))
    for pk in sorted(told.clocks.keys() - appointments.keys()):
        yield Difference(place, f"appointment/{pk}", "row", "missing", "told by events")
    merged = (case.merged_into_id, case.merged_at) if case.merged_into_id else (None, None)
    into, merged_at = told.merged or (None, None)
    yield from differing(place, case.stream, merged_into=(merged[0], into), merged=(merged[1], merged_at))
    replaced = sorted(
        (each for pk in appointments for each in rows.replacements[pk]), key=lambda each: (each.replaced_at, each.pk)
    )
    units = [(each.replaced_at, each.old_serial, each.new_serial) for each in replaced]
    yield from differing(place, case.stream, units=(units, told.units))
    yield from of_shipments(place, rows.shipments[case.pk], events, told)
    for appointment in appointments.values():
        appointment.case = case
        yield from _of_appointment(place, appointment, told)
        yield from _of_clocks(place, appointment, told.clocks[appointment.pk], rows)
        own = [event for event in events if event.subject == appointment.subject]
        yield from of_offers(place, rows.offers[appointment.pk], own)
        state = told.states[appointment.subject].now
        yield from of_open_offers(place, appointment.subject, state, rows.offers[appointment.pk], own)
        visits, subject = rows.visits[appointment.pk], appointment.subject
        yield from of_service_terms(place, subject, rows.disclosures[appointment.pk], own)
        yield from of_confirmations(place, appointment, rows.disclosures[appointment.pk], own)
        yield from of_visits(place, subject, visits, own)
        yield from of_dates(place, subject, rows.proposals[appointment.pk], own)
        yield from of_parts_lists(place, subject, rows.parts_lists[appointment.pk], own)
        passed = told.states[subject].passed
        yield from of_seats(place, appointment, passed, rows.seats[appointment.pk], visits)
        signed = next(iter(rows.sign_offs[appointment.pk]), None)
        yield from of_sign_off(place, appointment.subject, signed, own, theirs[appointment.pk], rows.outages)
        if signed is not None:
            yield from rows.reminders[SIGN_OFFS.subject].differences(
                place, f"{subject} sign-off", signed, due_at=signed.due_at
            )
        for claim in rows.claims[appointment.pk]:
            claim.appointment = appointment
            proof = limit_of_proof(claim, events)
            due_at = None if proof is None else proof.counted(theirs[appointment.pk], rows.outages)
            state = told.states[claim.cause].now
            yield from differing(place, claim.cause, state=(claim.state, state), proof_due=(claim.proof_due_at, due_at))
            yield from _of_notice(place, claim, theirs[appointment.pk], rows.approved_outages)
            yield from rows.reminders[PROOFS.subject].differences(place, claim.cause, claim, due_at=due_at)
        yield from rows.visit_reminders.differences(place, visits)


def _of_notice(place: str, claim: ExclusionClaim, law: EditionNumbers, outages: TolledOutages) -> Iterator[Difference]:
    """A claim failed by its notice only if that was late; where its code names nothing, it was in time."""
    notice = limit_of_notice(claim)
    if notice is not None and claim.code != "already_late":
        late = "" if on_time(claim.filed_at, notice.counted(law, outages)) else "notice_too_late"
        yield from differing(place, claim.cause, code=(claim.code, late))


def _of_appointment(place: str, appointment: ServiceAppointment, told: FoldedCase) -> Iterator[Difference]:
    thing = told.states[appointment.subject]
    is_open = thing.now in OPEN_STATES
    yield from differing(
        place,
        appointment.subject,
        state=(appointment.state, thing.now),
        received=(appointment.received_at, thing.begun),
        ended=(appointment.ended_at, None if is_open else thing.since),
        unit=(appointment.unit_serial, told.unit_of.get(appointment.subject, "")),
        terms=(appointment.terms, told.terms_of.get(appointment.subject, appointment.terms)),
        next_limit=(appointment.next_due_at, told.next_due_at(appointment.pk)),
    )


def _of_clocks(
    place: str, appointment: ServiceAppointment, clocks: list[FoldedClock], rows: CaseRows
) -> Iterator[Difference]:
    stored = sorted(rows.deadlines[appointment.pk], key=lambda row: (row.clock, row.pk))
    # Sorting keeps the order in which events tell of clocks of one kind: that of their rows.
    counted = sorted(clocks, key=lambda clock: clock.clock)
    kinds = [row.clock for row in stored], [clock.clock for clock in counted]
    if kinds[0] != kinds[1]:
        yield Difference(place, appointment.subject, "clocks", ", ".join(kinds[0]) or "-", ", ".join(kinds[1]) or "-")
        return
    for row, clock in zip(stored, counted, strict=True):
        yield from _of_clock(place, appointment, row, clock, rows.pauses[row.pk], rows.longer[row.pk])
        thing = f"{appointment.subject} {row.clock}"
        yield from rows.reminders[CLOCKS.subject].differences(
            place, thing, row, rows.pauses[row.pk], due_at=clock.due_at, may_skip=clock.is_of_another_length
        )


def _of_clock(
    place: str,
    appointment: ServiceAppointment,
    row: Deadline,
    clock: FoldedClock,
    pauses: list[Pause],
    longer: list[LongerLimit],
) -> Iterator[Difference]:
    thing = f"{appointment.subject} {row.clock}"
    amount, promised = length_of(row.clock, clock.law, appointment.terms)
    kept = sorted((pause.cause, pause.begins_at, pause.ends_at) for pause in pauses)
    yield from differing(
        place,
        thing,
        clause=(row.clause, LIMITS[row.clock].clause),
        started=(row.started_at, clock.started_at),
        amount_by_events=(row.amount, clock.amount),
        amount_by_the_rules=(row.amount_by_rule, amount),
        agreed_instead_of=(row.agreed_from, clock.agreed_from),
        promised=(row.promised, promised),
        state=(row.state, clock.state),
        ended=(row.ended_at, clock.ended_at),
        pauses=(_listed(kept), _listed(sorted(pause.key for pause in clock.pauses))),
        due=(row.due_at, clock.due_at),
    )
    agreed = max((each.amount for each in longer), default=None)
    if row.agreed_from is not None or agreed is not None:
        # Only what the buyer accepted counts, and it never makes a limit shorter.
        yield from differing(place, thing, amount_agreed_on=(row.amount, max(agreed or 0, row.amount_by_rule)))
    if clock.state == "missed" and clock.ended_at != clock.due_at:
        yield Difference(place, thing, "missed", written(clock.ended_at), written(clock.due_at))
    if clock.state == "met" and row.clock in OUTCOME_OF_A_MISS and not _in_time(clock):
        yield Difference(place, thing, "met too late", written(clock.ended_at), written(clock.due_at))


def _in_time(clock: FoldedClock) -> bool:
    return clock.due_at is None or (clock.ended_at is not None and on_time(clock.ended_at, clock.due_at))


def _listed(pauses: list[tuple[str, Any, Any]]) -> str:
    return "; ".join(f"{cause} {written(begins_at)} to {written(ends_at)}" for cause, begins_at, ends_at in pauses)
