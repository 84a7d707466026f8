"""Violations as somebody may see them: the staff all, a seller those that he was told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from cases.models import Deadline
from complaints.models import ItemVerdict, JudgementDeadline, Violation
from complaints.permissions import ANSWERING_SEATS
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User
    from zestech_aftersales.timeline.models import Event

# What the seller's own people did is his to see with its name; of the staff he sees the side only.
NOT_FOR_SELLERS = ("violation.opened", "violation.taken_up", "violation.corrected")


def violations_for(by: Actor) -> QuerySet[Violation]:
    """The violations within somebody's reach, the newest first."""
    found = Violation.objects.select_related("seller", "appointment__case").order_by("-id")
    if by.platform_role:
        return found
    if by.seller_id is None or by.seat not in ANSWERING_SEATS:
        return found.none()
    return found.filter(seller=by.seller_id, notified_at__isnull=False)


def with_next_limit(found: QuerySet[Violation]) -> QuerySet[Violation]:
    """Those whose hearing or appeal runs first, the next to end on top."""
    running = JudgementDeadline.objects.filter(violation=OuterRef("pk"), state="running").order_by("due_at")
    next_due = found.annotate(next_due_at=Subquery(running.values("due_at")[:1]))
    return next_due.order_by(F("next_due_at").asc(nulls_last=True), "-id").prefetch_related("deadlines")


def with_missed_clock(found: QuerySet[Violation]) -> QuerySet[Violation]:
    """With the clock of the case that each is about as `missed_clock`; NULL where the breach is no missed limit."""
    named = Deadline.objects.annotate(name=Concat(Value("deadline/"), Cast("pk", CharField())))
    missed = named.filter(appointment=OuterRef("appointment"), name=OuterRef("breach"))
    return found.annotate(missed_clock=Subquery(missed.values("clock")[:1]))


def limit_of(violation: Violation) -> Deadline | None:
    """The clock of the case that was missed, where the breach is a missed limit."""
    kind, _slash, key = violation.breach.partition("/")
    return Deadline.objects.filter(pk=int(key)).first() if kind == "deadline" else None


def finders_of(violation: Violation) -> set[int]:
    """Whoever said in an audit that this breach is one: nobody judges what he has found himself."""
    found: set[int] = set()
    for item in violation.audit_items.select_related("audit"):
        told = events_of(item.audit.subject).filter(kind="audit.found", actor__isnull=False)
        found |= {event.actor_id for event in told if _says_breach(event, item.pk) and event.actor_id is not None}
        found |= {key for key in (item.found_by_id, item.audit.closed_by_id) if key is not None}
    return found


def may_judge(violation: Violation, person: User) -> bool:
    """Whether this person neither opened nor found it."""
    return person.pk != violation.opened_by_id and person.pk not in finders_of(violation)


def may_decide_appeal(violation: Violation, person: User) -> bool:
    """Whether this person is a third one: neither opened, found nor judged it."""
    return person.pk != violation.judged_by_id and may_judge(violation, person)


def _says_breach(event: Event, item: int) -> bool:
    detail = event.detail or {}
    return detail.get("item") == item and detail.get("verdict") == ItemVerdict.BREACH


def history_for(violation: Violation, by: Actor) -> QuerySet[Event]:
    """What happened to it, oldest first; the desk's own steps are for the staff."""
    events = events_of(violation.subject)
    return events if by.platform_role else events.exclude(kind__in=NOT_FOR_SELLERS)
