"""What can be complained of in a case: its breaches, the limits that still run, and what the test would say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from cases.cover_ends import end_for, end_when_received
from cases.models import Deadline, DeadlineState, ServiceAppointment, ServiceCase
from cases.tolled_limits import TolledOutages
from complaints.acceptance import Facts, Item, acceptance_test, is_accepted, is_same_day
from complaints.breaches import SELLERS_CLOCKS, breaches_of
from complaints.matters import Matter
from complaints.models import Complaint, ComplaintState
from zestech_aftersales.rulebook.queries import due_passed, law_for_order

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers

# A complaint in one of these never stood: it may be filed again.
GONE = [ComplaintState.REJECTED, ComplaintState.WITHDRAWN]


@dataclass(frozen=True, slots=True)
class Trial:
    """A breach with what the acceptance test would say at an instant."""

    matter: Matter
    items: list[Item]
    file_until: datetime

    @property
    def is_accepted(self) -> bool:
        """Whether a complaint would be accepted."""
        return is_accepted(self.items)

    @property
    def failed(self) -> list[Item]:
        """The items that do not hold."""
        return [item for item in self.items if not item.passed]


def matters_of(case: ServiceCase, *, at: datetime) -> list[Matter]:
    """The seller's breaches that the case shows, or a duplicate merged into it; the latest first."""
    appointments = {each.pk: each for each in _requests(case)}
    clocks = Deadline.objects.filter(appointment__in=appointments, clock__in=SELLERS_CLOCKS)
    missed = {f"deadline/{row.pk}": str(row.clock) for row in clocks.filter(state=DeadlineState.MISSED)}
    facts = breaches_of(appointments.keys()).values()
    found = [
        Matter(
            fact.name,
            fact.clause,
            fact.occurred_at,
            appointments[fact.appointment_id],
            missed.get(fact.name, ""),
            fact.cured_at,
        )
        for fact in facts
        if fact.is_fact
    ]
    # Of the limits that have passed without being written down, the first of each request: the others go with it (T9).
    unwritten: dict[int, Matter] = {}
    for row in clocks.filter(due_passed(at), state=DeadlineState.RUNNING).order_by("due_at", "id"):
        if row.due_at is not None:
            matter = Matter(
                f"deadline/{row.pk}", row.clause, row.due_at, appointments[row.appointment_id], str(row.clock)
            )
            unwritten.setdefault(row.appointment_id, matter)
    return sorted([*found, *unwritten.values()], key=lambda matter: (matter.at, matter.key), reverse=True)


def next_limit(case: ServiceCase) -> Deadline | None:
    """The seller's limit that runs out next: from then on there is a breach, if nothing comes."""
    running = Deadline.objects.filter(
        appointment__in=_requests(case).values("pk"), clock__in=SELLERS_CLOCKS, state="running"
    )
    return running.exclude(due_at=None).order_by("due_at", "id").first()


def told_matter(case: ServiceCase, clause: str, breach_at: datetime) -> Matter:
    """A breach as the buyer tells it, about the last request received before.

    What the request shows as a fact by then is not told otherwise: its own instant counts for the 90 days, and who has
    settled it cannot tell of it again. Once the service went on, what goes wrong is another breach.
    """
    request = _requests(case).filter(received_at__lte=breach_at).order_by("-received_at", "-id").first()
    for shown in matters_of(case, at=breach_at) if request else ():
        is_cured = shown.cured_at is not None and shown.cured_at <= breach_at
        if (shown.clause, shown.appointment) == (clause, request) and shown.at <= breach_at and not is_cured:
            return shown
    return Matter("", clause, breach_at, request)


def _requests(case: ServiceCase) -> QuerySet[ServiceAppointment]:
    """The requests of the fault: of the case and of the duplicates that were merged into it."""
    return ServiceAppointment.objects.filter(Q(case=case) | Q(case__merged_into=case))


def trial_of(case: ServiceCase, matter: Matter, *, at: datetime) -> Trial:
    """The acceptance test of a complaint of that breach, filed at an instant."""
    cover, order = case.cover, case.cover.order
    law = law_for_order(cover.edition, matter.at)
    file_until = TolledOutages.approved().due("complaint", matter.at, law, until=at)
    earlier = [each for each in _earlier(case) if _is_same(each, matter, law.zone_info)]
    settled = next((each for each in earlier if each.state == ComplaintState.SETTLED), None)
    other = next((each for each in earlier if each.state != ComplaintState.SETTLED), None)
    facts = Facts(
        # Whoever files, the case's buyer complains: also where support files for him.
        is_order_buyer=case.buyer_id == order.buyer_id,
        is_online=order.is_online,
        protection=order.protection,
        is_marked=bool(cover.snapshot.get("marked")),
        clause=matter.clause,
        request_received_at=matter.appointment.received_at if matter.appointment else None,
        cover_starts_at=cover.starts_at,
        cover_ends_at=end_when_received(cover, matter.appointment) if matter.appointment else end_for(cover, at),
        breach_at=matter.at,
        file_until=file_until,
        filed_at=at,
        duplicate_of=other.reference if other else "",
        settled_as=settled.reference if settled else "",
    )
    return Trial(matter, acceptance_test(facts), file_until)


def law_of(complaint: Complaint, at: datetime) -> EditionNumbers:
    """The numbers that hold for a limit of a complaint which begins at an instant: of its order."""
    return law_for_order(complaint.case.cover.edition, at)


def _earlier(case: ServiceCase) -> list[Complaint]:
    """The complaints about the fault that stood or still stand, also of a duplicate merged into the case."""
    same = Complaint.objects.filter(Q(case=case) | Q(case__merged_into=case)).exclude(state__in=GONE)
    return list(same.order_by("id"))


def _is_same(complaint: Complaint, matter: Matter, zone: ZoneInfo) -> bool:
    """Whether a complaint is of the same breach: of one fact, or told of the same duty of the same day.

    What is told and what a fact shows are the same where they are also about one request: who has settled a missed
    limit cannot tell of it again.
    """
    if complaint.breach and matter.key:
        return complaint.breach == matter.key
    if complaint.clause != matter.clause or not is_same_day(complaint.breach_at, matter.at, zone):
        return False
    request = matter.appointment.pk if matter.appointment else None
    return not (complaint.breach or matter.key) or complaint.appointment_id == request
