"""The appointments that a declared event touches: by place, by time, and by the duties it stops."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Deadline, DeclaredEvent, ServiceAppointment
from cases.models.appointment import OPEN_STATES


def touched_by(declared: DeclaredEvent) -> QuerySet[ServiceAppointment]:
    """Open and deemed refused appointments whose clocks the event reaches, at the buyer's place or the seller's.

    Those already excused for it are left out.
    """
    reached = Deadline.objects.filter(
        Q(due_at=None) | Q(due_at__gte=declared.begins_at),
        Q(state="running") | Q(state="missed") | Q(state="voided", voided_by__isnull=False),
        appointment=OuterRef("pk"),
        clock__in=declared.duties,
    )
    if declared.ends_at is not None:
        reached = reached.filter(started_at__lt=declared.ends_at)
    here = Q(country=declared.country)
    there = Q(seller__country=declared.country)
    if declared.city:
        here &= Q(city__iexact=declared.city)
        there &= Q(seller__city__iexact=declared.city)
    return (
        ServiceAppointment.objects.select_related("case", "seller")
        .filter(here | there, Exists(reached), state__in=[*OPEN_STATES, "deemed_refused"])
        .exclude(claims__declared=declared)
        .order_by("id")
    )
