"""Audits as somebody may see them: the staff all, a seller those whose findings he was told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from complaints.audit_words import NOT_FOR_SELLERS
from complaints.models import Audit, AuditItem, ItemVerdict, JudgementDeadline
from complaints.permissions import ANSWERING_SEATS
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event


def audits_for(by: Actor) -> QuerySet[Audit]:
    """The audits within somebody's reach, the newest first."""
    found = Audit.objects.select_related("seller", "draw").order_by("-id")
    if by.platform_role:
        return found
    if by.seller_id is None or by.seat not in ANSWERING_SEATS:
        return found.none()
    return found.filter(seller=by.seller_id, notified_at__isnull=False)


def with_next_limit(found: QuerySet[Audit]) -> QuerySet[Audit]:
    """Those whose hearing runs first on top, with their limits."""
    running = JudgementDeadline.objects.filter(audit=OuterRef("pk"), state="running").order_by("due_at")
    next_due = found.annotate(next_due_at=Subquery(running.values("due_at")[:1]))
    return next_due.order_by(F("next_due_at").asc(nulls_last=True), "-id").prefetch_related("deadlines")


def with_progress(found: QuerySet[Audit]) -> QuerySet[Audit]:
    """With how many lines there are, how many were looked at, and how many show a breach."""
    return found.annotate(
        lines=Count("items"),
        seen=Count("items", filter=~Q(items__verdict=ItemVerdict.OPEN)),
        breaches=Count("items", filter=Q(items__verdict=ItemVerdict.BREACH)),
    )


def findings_of(audit: Audit) -> list[AuditItem]:
    """The lines that show a breach, with their cases and violations."""
    shown = audit.items.filter(verdict=ItemVerdict.BREACH).order_by("pk")
    return list(shown.select_related("appointment__case", "violation"))


def history_for(audit: Audit, by: Actor) -> QuerySet[Event]:
    """What happened to it, oldest first; the desk's own steps are for the staff."""
    events = events_of(audit.subject)
    return events if by.platform_role else events.exclude(kind__in=NOT_FOR_SELLERS)


def hashes_recorded(audit: Audit) -> set[tuple[str, str]]:
    """Each line of the checklist with the hash that the timeline holds of its evidence."""
    details = events_of(audit.subject).filter(kind="audit.frozen").values_list("detail", flat=True)
    return {pair for detail in details for pair in (detail or {}).get("evidence", {}).items()}
