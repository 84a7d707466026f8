"""A slot is held for a buyer while he goes through the booking (2.2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.bookings import must_be_published
from cases.models import Cover, SlotSeat
from cases.permissions import must_be_for_buyer
from cases.seats import hold_booking, let_go
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor


@action
def hold_slot(
    cover: Cover, point: ServicePoint, starts_at: datetime | None, *, by: Actor, at: datetime
) -> SlotSeat | None:
    """Hold a published slot for the buyer for SLOT_HOLD_MINUTES, instead of the one held before.

    Nothing is held at a point without published slots. No event: nothing is requested yet, and no case is touched.
    RuleBroken: slot_taken (409), slot_not_published, point_required (422). PermissionDenied for anybody but the buyer.
    """
    must_be_for_buyer(cover, by)
    if point.seller_id != cover.seller_id:
        raise RuleBroken("2.2.1", "point_required", status=422, detail=_("Choose one of the seller's service points."))
    if not point.has_published_slots:
        let_go(cover.buyer_id, at=at)
        return None
    return hold_booking(cover.buyer, point, must_be_published(point, starts_at, at=at), at=at)


@action
def let_go_of_slot(cover: Cover, *, by: Actor, at: datetime) -> None:
    """Give back what is held for the buyer: he now wishes for something else."""
    must_be_for_buyer(cover, by)
    let_go(cover.buyer_id, at=at)
