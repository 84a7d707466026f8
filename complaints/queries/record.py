"""What runs or stands against sellers, for whoever screens an application (1.1, 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.text import capfirst

from complaints.models import (
    OPEN_CLEARANCES,
    OPEN_VIOLATIONS,
    STANDING_VIOLATIONS,
    Audit,
    AuditState,
    Clearance,
    Violation,
)
from sellers.models import Seller
from sellers.screening import SHOWN, OnRecord


def on_record(sellers: Sequence[Seller]) -> list[OnRecord]:
    """Running audits, violations that are open or stand, and clearances in hand; the newest first of each."""
    counting = [*OPEN_VIOLATIONS, *STANDING_VIOLATIONS]
    found: Iterable[QuerySet[Any]] = (
        Clearance.objects.filter(seller__in=sellers, state__in=OPEN_CLEARANCES),
        Audit.objects.filter(seller__in=sellers, state=AuditState.OPEN),
        Violation.objects.filter(seller__in=sellers, state__in=counting, groundless_since=None),
    )
    return [_line(each) for rows in found for each in rows.select_related("seller").order_by("-pk")[:SHOWN]]


def _line(thing: Any) -> OnRecord:
    options = thing._meta
    words = f"{capfirst(str(options.verbose_name))} {thing}: {thing.get_state_display()}"
    return OnRecord(thing.seller, words, _page(thing))


def _page(thing: Model) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
