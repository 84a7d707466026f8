"""Complaints for tests, filed and decided through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.models import Deadline, ServiceAppointment
from cases.sweep import sweep_batch
from complaints.actions.determinations import Ruling, determine, object_to, review
from complaints.actions.evidence import ask_for_evidence, give_evidence
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.actions.negotiation import accept_proposal, escalate, propose, withdraw
from complaints.models import Complaint, EvidenceRequest
from tests.factories import cases as make
from tests.factories.claims import a_supporter
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor

# The base scenario: a request that nobody answers, deemed refused 48 hours later.
R0 = instant("2026-03-02T01:15:30Z")
BREACH = instant("2026-03-04T01:15:30Z")
# What S74 tells of: filed on 10 April, negotiated until the end of the 13th, escalated by itself at the end of the 17th.
FILED = instant("2026-04-10T11:00:00+08:00")
NEGOTIATED = instant("2026-04-13T16:00:00Z")
ESCALATED = instant("2026-04-17T16:00:00Z")
MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def unanswered(*, at: datetime = R0, **order: Any) -> ServiceAppointment:
    """A request whose first limit has passed without an answer, and was swept."""
    appointment = make.requested(make.a_cover(**order), at=at)
    sweep_batch(at=at + timedelta(hours=49))
    return ServiceAppointment.objects.select_related("case__cover__order", "buyer", "seller").get(pk=appointment.pk)


def fact_of(appointment: ServiceAppointment) -> str:
    """The name of the limit that was missed."""
    return f"deadline/{Deadline.objects.get(appointment=appointment, state='missed').pk}"


def filed(
    appointment: ServiceAppointment | None = None, *, at: datetime = FILED, by: Actor | None = None, **given: Any
) -> Complaint:
    """A complaint of the missed limit of a request, unless told otherwise."""
    appointment = appointment or unanswered()
    wanted: dict[str, Any] = {"statement": "Nobody ever answered.", "remedy": "Send somebody."} | given
    if "breach" not in given and "breach_at" not in given:
        wanted["breach"] = fact_of(appointment)
    return file_complaint(appointment.case, ComplaintTerms(**wanted), by=by or make.buyer_of(appointment), at=at)


def proposed(complaint: Complaint, text: str, *, by: Actor, at: datetime = FILED + HOUR) -> Complaint:
    """A proposal of whoever acts."""
    return propose(complaint, text, by=by, at=at)


def accepted(complaint: Complaint, of: str, text_hash: str, *, by: Actor, at: datetime = FILED + HOUR) -> Complaint:
    """The acceptance of a side's proposal."""
    return accept_proposal(complaint, of=of, text_hash=text_hash, by=by, at=at)


def escalated(complaint: Complaint | None = None, *, at: datetime = NEGOTIATED + MICROSECOND) -> Complaint:
    """A complaint that its buyer has escalated as soon as that could be done."""
    complaint = complaint or filed()
    return escalate(complaint, by=make.buyer_of(complaint), at=at)


def asked(complaint: Complaint, side: str = "seller", *, by: Actor | None = None, at: datetime) -> EvidenceRequest:
    """A request for evidence."""
    ask_for_evidence(complaint, side=side, question="Show the call list.", by=by or a_supporter(), at=at)
    return complaint.evidence_requests.latest("id")


def answered(request: EvidenceRequest, *, by: Actor, at: datetime, **given: Any) -> Complaint:
    """The answer of the side that was asked."""
    return give_evidence(request, given.pop("words", "Here it is."), by=by, at=at, **given)


def ruling(**given: Any) -> Ruling:
    """A decision against the seller."""
    wanted: dict[str, Any] = {
        "liability": "seller", "reason": "Nobody answered in time.", "clauses": ["2.3.1"], "topics": ["late_answer"],
    }  # fmt: skip
    return Ruling(**wanted | given)


def determined(
    complaint: Complaint | None = None, *, by: Actor | None = None, at: datetime = NEGOTIATED + HOUR, **given: Any
) -> Complaint:
    """A complaint that support has decided."""
    return determine(complaint or escalated(), ruling(**given), by=by or a_supporter(), at=at)


def objected(complaint: Complaint, *, by: Actor, at: datetime, **given: Any) -> Complaint:
    """The objection with its new evidence."""
    wanted: dict[str, Any] = {"text": "We did answer.", "evidence": "The mail of 3 March."} | given
    return object_to(complaint, wanted.pop("text"), wanted.pop("evidence"), by=by, at=at, **wanted)


def reviewed(complaint: Complaint, *, by: Actor | None = None, at: datetime, **given: Any) -> Complaint:
    """The decision on the objection."""
    return review(complaint, ruling(**given), by=by or a_supporter(), at=at)


def withdrawn(complaint: Complaint, *, at: datetime = FILED + HOUR) -> Complaint:
    """A complaint that its buyer has taken back."""
    return withdraw(complaint, "", by=make.buyer_of(complaint), at=at)
