"""How completely a seller tells the service terms of 3.1, counted over his newest confirmed appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases import queries
from cases.disclosures import PROMISED
from cases.models import Disclosure, DisclosureDoubt, ServiceAppointment

if TYPE_CHECKING:
    from sellers.models import Seller
    from zestech_aftersales.accounts.actors import Actor

# A number of the display, not of the rules: how far back it looks.
DAYS_BACK = 90


@dataclass(frozen=True, slots=True)
class Completeness:
    """Plain counts over the confirmed appointments: told, read by the buyer, gaps, and terms found unclear."""

    confirmed: int
    told: int
    read: int
    gaps: int
    unclear: int

    @property
    def share(self) -> int | None:
        """Told in full, in percent; None where nothing was confirmed."""
        return self.told * 100 // self.confirmed if self.confirmed else None


def completeness(by: Actor, *, at: datetime) -> Completeness:
    """The counts of the appointments that somebody may see and that were requested in the last DAYS_BACK days."""
    return _counted(queries.appointments_for(by), at)


def completeness_of(seller: Seller, *, at: datetime) -> Completeness:
    """The same counts of one seller, for the staff."""
    return _counted(ServiceAppointment.objects.filter(seller=seller), at)


def _counted(appointments: QuerySet[ServiceAppointment], at: datetime) -> Completeness:
    confirmed = appointments.filter(state__in=PROMISED, received_at__gte=at - timedelta(days=DAYS_BACK))
    return Completeness(**confirmed.order_by().aggregate(**_counts()))


def completeness_by_seller(begins_at: datetime, ends_at: datetime) -> dict[int, Completeness]:
    """The counts of the appointments requested in a span, by seller; one query."""
    confirmed = ServiceAppointment.objects.filter(
        state__in=PROMISED, received_at__gte=begins_at, received_at__lt=ends_at
    )
    counts = _counts()
    rows = confirmed.order_by().values_list("seller").annotate(**counts)
    return {seller: Completeness(**dict(zip(counts, told, strict=True))) for seller, *told in rows}


def _counts() -> dict[str, Any]:
    """What is counted, over confirmed appointments."""
    told = Disclosure.objects.filter(appointment=OuterRef("pk"))
    unclear = DisclosureDoubt.objects.filter(disclosure__appointment=OuterRef("pk"), cleared_by=None)
    return {
        "confirmed": Count("pk"),
        "told": Count("pk", filter=Exists(told) & Q(has_disclosure_gap=False)),
        "read": Count("pk", filter=Exists(told.filter(acknowledged_at__isnull=False))),
        "gaps": Count("pk", filter=Q(has_disclosure_gap=True)),
        "unclear": Count("pk", filter=Exists(unclear)),
    }
