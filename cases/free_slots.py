"""The free slots of service points, as one person sees them: what is held for himself is free to him (2.2.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cases.models import SlotSeat
from cases.models.seat import occupied_at
from cases.queries import held_for

if TYPE_CHECKING:
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor


# How far ahead a slot can be booked: a number of the display, not of the rules.
DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A published slot with seats that nobody has."""

    point_id: int
    starts_at: datetime
    ends_at: datetime
    seats: int


def free_slots(points: Iterable[ServicePoint], by: Actor, *, at: datetime, days: int) -> list[FreeSlot]:
    """The slots that begin after `at`, in as many days of 24 hours, point by point in order; one query."""
    points, end = list(points), at + timedelta(days=days)
    seats: dict[int, list[SlotSeat]] = defaultdict(list)
    # A day more on each side: a seat may have been taken for longer than the slots are now.
    near = {"starts_at__gte": at - timedelta(days=1), "starts_at__lt": end + timedelta(days=1)}
    for seat in SlotSeat.objects.filter(occupied_at(at), point__in=points, **near).exclude(held_for(by)):
        seats[seat.point_id].append(seat)
    found = []
    for point in points:
        for slot in point.slots_between(at + datetime.resolution, end):
            taken = {seat.seat for seat in seats[point.pk] if seat.is_during(slot.starts_at, slot.ends_at)}
            if len(taken) < point.capacity:
                found.append(FreeSlot(point.pk, slot.starts_at, slot.ends_at, point.capacity - len(taken)))
    return found
