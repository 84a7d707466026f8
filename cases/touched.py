"""The appointments that a declared event touches: by place, by time, and by the duties it stops."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Deadline, DeclaredEvent, Duty, ExclusionClaim, ServiceAppointment, Visit
from cases.models.appointment import OPEN_STATES
from cases.models.exclusion import GRANTED_CLAIMS


def touched_by(declared: DeclaredEvent) -> QuerySet[ServiceAppointment]:
    """Open and deemed refused appointments that the event reaches, at the buyer's place, the seller's or the point's.

    It reaches their clocks and, where it stops visits, the visits of its time. Those already excused for it are left
    out.
    """
    reached = Q(Exists(_clocks(declared)))
    if Duty.VISIT in declared.duties:
        reached |= Q(Exists(_visits(declared)))
    return (
        ServiceAppointment.objects.select_related("case", "seller")
        .filter(_place(declared), reached, state__in=[*OPEN_STATES, "deemed_refused"])
        .exclude(claims__declared=declared)
        .order_by("id")
    )


def lasting_claims(declared: DeclaredEvent) -> QuerySet[ExclusionClaim]:
    """What is excused for the event without an end so far."""
    granted = declared.claims.filter(state__in=GRANTED_CLAIMS, granted_ends_at=None)
    return granted.select_related("appointment").order_by("id")


def _place(declared: DeclaredEvent) -> Q:
    somewhere = Q()
    for whose in ("", "seller__", "point__"):
        there = Q((f"{whose}country", declared.country))
        if declared.city:
            there &= Q((f"{whose}city__iexact", declared.city))
        somewhere |= there
    return somewhere


def _clocks(declared: DeclaredEvent) -> QuerySet[Deadline]:
    reached = Deadline.objects.filter(
        Q(due_at=None) | Q(due_at__gte=declared.begins_at),
        Q(state="running") | Q(state="missed") | Q(state="voided", voided_by__isnull=False),
        appointment=OuterRef("pk"),
        clock__in=declared.duties,
    )
    return reached if declared.ends_at is None else reached.filter(started_at__lt=declared.ends_at)


def _visits(declared: DeclaredEvent) -> QuerySet[Visit]:
    """Visits still to be made in its time, and those to which nobody came."""
    meant = Visit.objects.filter(
        Q(ends_at__gte=declared.begins_at) | Q(ends_at=None, starts_at__gte=declared.begins_at),
        appointment=OuterRef("pk"),
        state__in=["planned", "seller_no_show"],
    )
    return meant if declared.ends_at is None else meant.filter(starts_at__lte=declared.ends_at)
