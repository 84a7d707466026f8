"""Everything about one case for the staff, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.functional import Promise

from cases.models import ServiceAppointment, ServiceCase
from cases.queries import cases_for, one
from cases.words import EVENT_WORDS
from complaints.models import Complaint, InternalNote, Violation
from complaints.queries.complaints import complaints_for
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the case or its order in words."""

    event: Event
    words: str | Promise


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A case with all that was done in it and about it."""

    case: ServiceCase
    appointments: list[ServiceAppointment]
    thread: list[Any]
    complaints: list[Complaint]
    violations: list[Violation]
    notes: list[InternalNote]
    history: list[Happened]

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What a note can be about."""
        judged: Iterable[Complaint | Violation] = [*self.complaints, *self.violations]
        return [(self.case.stream, self.case.reference), *((each.subject, str(each)) for each in judged)]


def staff_file(pk: int, by: Actor) -> StaffFile:
    """The case with this key; Http404 for anybody but the staff."""
    reach = cases_for(by) if by.platform_role else ServiceCase.objects.none()
    case = one(reach, pk, by)
    appointments = case.appointments.select_related("point").order_by("-id").prefetch_related(
        "deadlines__pauses", "offers", "disclosures", "visits__engineer", "claims"
    )  # fmt: skip
    complaints = list(complaints_for(by).filter(Q(case=case) | Q(case__merged_into=case)).order_by("id"))
    judged = Violation.objects.filter(Q(appointment__case=case) | Q(appointment__case__merged_into=case))
    violations = list(judged.select_related("officer").order_by("id"))
    about = [case.stream, *(each.subject for each in complaints), *(each.subject for each in violations)]
    events = Event.objects.filter(Q(stream=case.stream) | Q(stream=case.cover.order.stream)).order_by("-id")
    return StaffFile(
        case=case,
        appointments=list(appointments),
        thread=list(case.messages.prefetch_related("attachments").order_by("received_at", "id")),
        complaints=complaints,
        violations=violations,
        notes=list(InternalNote.objects.filter(subject__in=about).select_related("author").order_by("-id")),
        history=[
            Happened(event, EVENT_WORDS[event.kind].headline if event.kind in EVENT_WORDS else event.kind)
            for event in events.select_related("actor", "acting_for")
        ],
    )
