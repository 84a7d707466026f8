"""The audits that are under way, as the audited seller was told of them (3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from complaints.models import Audit
from complaints.permissions import ANSWERING_SEATS

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def running_audits_for(by: Actor) -> QuerySet[Audit]:
    """A seller's audits without a result; one that the seller was not told of is the auditors' affair."""
    if by.seller_id is None or by.seat not in ANSWERING_SEATS:
        return Audit.objects.none()
    told = Audit.objects.filter(seller=by.seller_id, notified_at__isnull=False, closed_at__isnull=True)
    return told.order_by("pk")
