"""Violations as somebody may see them: the staff all, a seller those that he was told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, QuerySet, Subquery

from cases.models import Deadline
from complaints.models import JudgementDeadline, Violation
from complaints.permissions import ANSWERING_SEATS
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
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


def limit_of(violation: Violation) -> Deadline | None:
    """The clock of the case that was missed, where the breach is a missed limit."""
    kind, _slash, key = violation.breach.partition("/")
    return Deadline.objects.filter(pk=int(key)).first() if kind == "deadline" else None


def history_for(violation: Violation, by: Actor) -> QuerySet[Event]:
    """What happened to it, oldest first; the desk's own steps are for the staff."""
    events = events_of(violation.subject)
    return events if by.platform_role else events.exclude(kind__in=NOT_FOR_SELLERS)
