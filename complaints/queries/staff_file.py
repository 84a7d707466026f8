"""Everything about one case for the staff, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import Truncator

from cases.models import Message, ServiceAppointment, ServiceCase
from cases.queries import cases_for, merged_into, one
from cases.threads import SIDES
from complaints.headlines import headline_of
from complaints.models import Clearance, Complaint, InternalNote, LossClaim, Violation
from complaints.permissions import AUDITORS
from complaints.queries.assignments import assignment_stream
from complaints.queries.clearances import clearances_for
from complaints.queries.complaints import complaints_for
from complaints.queries.losses import losses_for
from complaints.queries.packs import pack_stream
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.private import readable_by

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

WHY = 300


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in words, with what it is about and the reason that was given."""

    event: Event
    words: str | Promise
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the conversation with its side in words."""

    message: Message
    side: str | Promise


@dataclass(frozen=True, slots=True)
class Noted:
    """An internal note with the name of what it is about."""

    note: InternalNote
    about: str


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A case with the duplicates merged into it, and all that was done in them and about them."""

    case: ServiceCase
    merged: list[ServiceCase]
    appointments: list[ServiceAppointment]
    thread: list[Said]
    complaints: list[Complaint]
    violations: list[Violation]
    losses: list[LossClaim]
    clearances: list[Clearance]
    notes: list[Noted]
    history: list[Happened]

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What a note can be about."""
        return list(_names(self.case, [*self.complaints, *self.violations]).items())


def staff_file(pk: int, by: Actor) -> StaffFile:
    """The case with this key; Http404 for anybody but the staff."""
    reach = cases_for(by) if by.platform_role else ServiceCase.objects.none()
    case = one(reach, pk, by)
    merged = list(merged_into(case))
    cases = [case, *merged]
    appointments = ServiceAppointment.objects.filter(case__in=cases).select_related("point", "case").order_by("-id")
    complaints = list(complaints_for(by).filter(case__in=cases).order_by("id"))
    founded = [each.violation_id for each in complaints if each.violation_id is not None]
    judged = Violation.objects.filter(Q(appointment__case__in=cases) | Q(pk__in=founded))
    violations = list(judged.select_related("officer").order_by("id"))
    losses = list(losses_for(by).filter(violation__in=violations).order_by("id"))
    # What a clearance reached beside its seller is for auditors' eyes: the graph of affiliates.
    seen = clearances_for(by) if by.platform_role in AUDITORS else Clearance.objects.none()
    clearances = list(seen.filter(violations__in=violations).order_by("id").distinct())
    names = _names(case, [*merged, *complaints, *violations, *losses, *clearances])
    return StaffFile(
        case=case,
        merged=merged,
        appointments=list(
            appointments.prefetch_related("deadlines__pauses", "offers", "disclosures", "visits__engineer", "claims")
        ),
        thread=[Said(each, SIDES[each.side]) for each in _messages(cases)],
        complaints=complaints,
        violations=violations,
        losses=losses,
        clearances=clearances,
        notes=[
            Noted(note, names[note.subject])
            for note in InternalNote.objects.filter(subject__in=names).select_related("author").order_by("-id")
        ],
        history=_history(names, case.cover.order, by),
    )


def _messages(cases: list[ServiceCase]) -> QuerySet[Message]:
    return Message.objects.filter(case__in=cases).prefetch_related("attachments").order_by("received_at", "id")


def _names(case: ServiceCase, others: list[Any]) -> dict[str, str]:
    """How each thing of a file is called, by its name on the timeline."""
    told: dict[str, str] = {case.stream: case.reference}
    for each in others:
        is_case = isinstance(each, ServiceCase)
        told[each.stream if is_case else each.subject] = each.reference if is_case else str(each)
    return told


def _history(names: dict[str, str], order: Any, by: Actor) -> list[Happened]:
    """All events of the things, of the order, of who looks after them and who took packs; the newest first."""
    streams = dict(names) | {order.stream: order.number}
    for subject, name in names.items():
        streams |= {assignment_stream(subject): name, pack_stream(subject): name}
    # By the instant it was recorded: what was sealed last stands on top, whatever thing it is about.
    events = Event.objects.filter(readable_by(by.platform_role), stream__in=streams).order_by("-recorded_at", "-id")
    return [
        Happened(event, headline_of(event), streams[event.stream], _why(event))
        for event in events.select_related("actor", "acting_for")
    ]


def _why(event: Event) -> str:
    return Truncator(str((event.detail or {}).get("reason") or "")).chars(WHY)
