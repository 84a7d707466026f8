"""The checklist of an audit: for each case a line by clause, with what the case showed when it was frozen (3.2).

What is frozen is a copy in plain values: it names no person, gives no address, and stays as it is when the case goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.cover_ends import end_when_received
from cases.events import instant_text
from cases.models import Clock, Deadline, ServiceAppointment, ServiceCase
from complaints.breaches import Breach, breaches_of
from complaints.models import Audit, AuditItem, Question
from complaints.population import month_span, platform_zone
from complaints.sampling import hash_of
from zestech_aftersales.timeline.models import Event

# Whose number says whether somebody answered, and whose whether somebody came.
ANSWER_CLOCKS = (Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER)
VISIT_CLOCKS = (Clock.CONFIRMATION, Clock.NEW_DATE)
# Under which clause a line is looked at that no fact names another one for.
CLAUSES = {
    Question.FIGURES: "1.1",
    Question.ANSWERED: "2.3.1",
    Question.VISITED: "2.3.1",
    Question.PROMISED: "2.3.3",
    Question.REFUSED: "2.3.4",
    Question.TOLD: "3.1",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be looked at, before it is kept."""

    question: Question
    clause: str
    evidence: Mapping[str, Any]
    fact: str = ""
    appointment: ServiceAppointment | None = None

    def item(self, audit: Audit, at: datetime) -> AuditItem:
        """The line as it is kept, with the hash of its evidence."""
        return AuditItem(
            audit=audit,
            clause=self.clause,
            question=self.question,
            fact=self.fact,
            appointment=self.appointment,
            evidence=dict(self.evidence),
            evidence_hash=hash_of(self.evidence),
            frozen_at=at,
        )


def figures_line(row: Mapping[str, int], month: str) -> Line:
    """The line about the seller's figures of the month that he was drawn for."""
    return Line(Question.FIGURES, CLAUSES[Question.FIGURES], {"month": month, "figures": dict(row)})


def lines_of(appointments: Iterable[ServiceAppointment]) -> Iterator[Line]:
    """The lines of some appointments; each breach that a case tells by itself has one of its own."""
    looked_at = list(appointments)
    found = breaches_of([each.pk for each in looked_at])
    for appointment in looked_at:
        facts = [each for each in found.values() if each.appointment_id == appointment.pk]
        clocks = {each.pk: each for each in appointment.deadlines.prefetch_related("pauses").order_by("id")}
        yield from _lines(appointment, facts, clocks)


def ended_or_received(item: AuditItem) -> datetime:
    """When a breach took effect that only people found: when what was looked at was over, as far as it was frozen.

    The end of the request; while it went on, its receipt, from which on the duty was owed; the end of the month whose
    figures they are.
    """
    appointment, draw = item.appointment, item.audit.draw
    if appointment is None:
        ends_at = None if draw is None else month_span(draw.month, platform_zone(draw.drawn_at))[1]
        return item.frozen_at if ends_at is None else ends_at
    ended_at = appointment.ended_at
    return ended_at if ended_at is not None and ended_at <= item.frozen_at else appointment.received_at


def is_intact(item: AuditItem) -> bool:
    """Whether the frozen evidence still has the hash it was frozen with."""
    return hash_of(item.evidence) == item.evidence_hash


def _lines(appointment: ServiceAppointment, facts: list[Breach], clocks: Mapping[int, Deadline]) -> Iterator[Line]:
    about = _about(appointment)
    seen: dict[Question, Mapping[str, Any]] = {
        Question.ANSWERED: {"limits": _limits(clocks, ANSWER_CLOCKS), "offers": _offers(appointment)},
        Question.VISITED: {"limits": _limits(clocks, VISIT_CLOCKS), "visits": _visits(appointment)},
        Question.PROMISED: {"promises": appointment.terms, "offers": _offers(appointment)},
        Question.REFUSED: {"history": _history(appointment), "claims": _claims(appointment)},
        Question.TOLD: {"has_gap": appointment.has_disclosure_gap, "told": _disclosures(appointment)},
    }
    for question, shown in seen.items():
        mine = [fact for fact in facts if _question_of(fact, clocks) == question]
        for fact in mine:
            evidence = {"about": about, "fact": _fact(fact), **shown}
            yield Line(question, fact.clause, evidence, fact.name, appointment)
        if not mine:
            yield Line(question, _clause(question, appointment), {"about": about, **shown}, appointment=appointment)


def _clause(question: Question, appointment: ServiceAppointment) -> str:
    if question == Question.ANSWERED and not appointment.is_door:
        return "2.3.2"
    return CLAUSES[question]


def _question_of(fact: Breach, clocks: Mapping[int, Deadline]) -> Question:
    kind, _slash, key = fact.name.partition("/")
    if kind == "refusal":
        return Question.REFUSED
    if kind == "deadline" and clocks[int(key)].clock in ANSWER_CLOCKS:
        return Question.ANSWERED
    return Question.VISITED


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _about(appointment: ServiceAppointment) -> dict[str, Any]:
    case, cover = appointment.case, appointment.case.cover
    ends_at = end_when_received(cover, appointment)
    return {
        "case": case.reference,
        "fault": case.title,
        "order": cover.order.number,
        "appointment": appointment.pk,
        "method": str(appointment.method),
        "service": str(appointment.service_type),
        "state": str(appointment.state),
        "received_at": _at(appointment.received_at),
        "ended_at": _at(appointment.ended_at),
        "end_reason": appointment.end_reason,
        "cover": {"state": str(cover.state), "begins_at": _at(cover.starts_at), "ends_at": _at(ends_at)},
        "rule_edition": cover.edition.number,
    }


def _fact(fact: Breach) -> dict[str, Any]:
    return {
        "name": fact.name,
        "kind": str(fact.kind),
        "occurred_at": _at(fact.occurred_at),
        "cured_at": _at(fact.cured_at),
        "excused_as": str(fact.against),
    }


def _limits(clocks: Mapping[int, Deadline], kinds: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {
            "limit": str(each.clock),
            "state": str(each.state),
            "amount": each.amount,
            "promised": each.promised,
            "agreed_instead_of": each.agreed_from,
            "started_at": _at(each.started_at),
            "due_at": _at(each.due_at),
            "ended_at": _at(each.ended_at),
            "pauses": [
                {"cause": pause.cause, "begins_at": _at(pause.begins_at), "ends_at": _at(pause.ends_at)}
                for pause in each.pauses.all()
                if pause.voided_at is None
            ],
        }
        for each in clocks.values()
        if each.clock in kinds
    ]


def _offers(appointment: ServiceAppointment) -> list[dict[str, Any]]:
    return [
        {
            "side": str(each.side),
            "state": str(each.state),
            "received_at": _at(each.received_at),
            "is_late": each.is_late,
            "method": str(each.method),
            "windows": each.windows,
            "next_step": each.next_step,
            "plan": each.plan,
            "parts": each.parts,
            "price": f"{each.price_amount} {each.price_currency}".strip(),
            "price_terms": each.price_terms,
        }
        for each in appointment.offers.order_by("id")
    ]


def _visits(appointment: ServiceAppointment) -> list[dict[str, Any]]:
    return [
        {
            "number": each.number,
            "state": str(each.state),
            "begins_at": _at(each.starts_at),
            "ends_at": _at(each.ends_at),
            "checked_in_at": _at(each.checked_in_at),
            "done_at": _at(each.done_at),
            "report": each.report,
        }
        for each in appointment.visits.order_by("number")
    ]


def _claims(appointment: ServiceAppointment) -> list[dict[str, Any]]:
    return [
        {
            "ground": str(each.ground),
            "state": str(each.state),
            "filed_at": _at(each.filed_at),
            "granted_from": _at(each.granted_begins_at),
            "granted_until": _at(each.granted_ends_at),
        }
        for each in appointment.claims.order_by("id")
    ]


def _disclosures(appointment: ServiceAppointment) -> list[dict[str, Any]]:
    rows = appointment.disclosures.prefetch_related("doubts").order_by("version")
    return [
        {
            "version": each.version,
            "service_period": each.service_period,
            "number_of_services": each.number_of_services,
            "service_scope": each.service_scope,
            "charging_standard": each.charging_standard,
            "given_at": _at(each.given_at),
            "read_at": _at(each.acknowledged_at),
            "unclear": [str(doubt.item) for doubt in each.doubts.all() if doubt.cleared_by_id is None],
        }
        for each in rows
    ]


def _history(appointment: ServiceAppointment) -> list[dict[str, Any]]:
    events = Event.objects.filter(stream=appointment.case.stream, subject=appointment.subject)
    return [
        {
            "event": each.pk,
            "kind": each.kind,
            "clause": each.clause,
            "who": str(each.actor_kind),
            "effective_at": _at(each.effective_at),
            "recorded_at": _at(each.recorded_at),
        }
        for each in events.order_by("id")
    ]


def locked(keys: Iterable[int]) -> list[ServiceAppointment]:
    """The appointments under the locks of their cases: nothing moves while they are looked at."""
    wanted = list(keys)
    cases = ServiceCase.objects.filter(appointments__in=wanted).order_by("pk")
    list(cases.select_for_update(of=("self",), no_key=True))
    rows = ServiceAppointment.objects.select_related("case__cover__order", "case__cover__edition")
    return list(rows.filter(pk__in=wanted).order_by("pk"))
