"""Opening and keeping service points (2.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sellers.actions.master import add_thing, change_thing
from sellers.models import ServicePoint
from sellers.permissions import administers, must, speaks_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action

CHANGEABLE = frozenset(
    {
        "name",
        "address",
        "city",
        "country",
        "time_zone",
        "opening_hours",
        "closed_days",
        "slot_minutes",
        "capacity",
        "has_published_slots",
        "is_active",
    }
)


@action
def add_point(point: ServicePoint, *, by: Actor, at: datetime) -> ServicePoint:
    """Save a new point; the seller's owner, staff or client, and administrators.

    Errors: RuleBroken `invalid` with the faults by field.
    """
    must(administers(by) or speaks_for(point.seller_id, by), by)
    return add_thing(point, "point.added", seller_id=point.seller_id, clause="2.2.1", by=by, at=at)


@action
def change_point(point: ServicePoint, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> ServicePoint:
    """Change hours, closed days, capacity and the like; bookings that stand are not touched.

    Errors: RuleBroken `field_fixed`, `invalid`.
    """
    must(administers(by) or speaks_for(point.seller_id, by), by)
    return change_thing(
        point,
        changes,
        "point.changed",
        allowed=CHANGEABLE,
        seller_id=point.seller_id,
        clause="2.2.1",
        by=by,
        at=at,
    )
