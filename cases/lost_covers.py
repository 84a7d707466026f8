"""A cover that is lost, given up by its buyer or refunded in full, and the requests that end with it (2.3.4, 4.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from cases.corrections.steps import REFUND_TOLD, WAIVER_CONFIRMED, Kept
from cases.models import Cover, CoverState, ServiceAppointment, WaiverState
from cases.models.appointment import BEFORE_SERVICE
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet


def requests_under(cover: Cover, *, at: datetime) -> list[ServiceAppointment]:
    """The requests that end with a cover lost at an instant, locked, the newest first; a service under way is finished.

    Among them are those whose limit was not over by then, and was noticed before the loss was stored (T10).
    """
    rows: QuerySet[ServiceAppointment] = ServiceAppointment.objects.select_related("case__cover__edition").filter(
        Q(state__in=BEFORE_SERVICE) | Q(state__in=["deemed_refused", "lapsed"], ended_at__gte=at), case__cover=cover
    )
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))[::-1]


def loss_of(cover: Cover) -> Iterator[Kept]:
    """What has ended a cover, as a kept command: nobody has to tell each request of it."""
    if cover.state == CoverState.WAIVED:
        for waiver in cover.waivers.filter(state=WaiverState.CONFIRMED):
            yield Kept(waiver.ended_at or waiver.stated_at, WAIVER_CONFIRMED, waiver.pk, clause="4.1.1")
    elif cover.state == CoverState.VOID and (refunded_at := _refunded_at(cover)):
        yield Kept(refunded_at, REFUND_TOLD, cover.pk, clause="2.3.4")


def _refunded_at(cover: Cover) -> datetime | None:
    told = Event.objects.filter(stream=cover.order.stream, kind=REFUND_TOLD).order_by("id")
    named = (event.effective_at for event in told if cover.pk in (event.detail or {}).get("voided", []))
    return next(named, cover.order.refunded_at)
