"""Registering a seller and keeping its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sellers.actions.master import add_thing, change_thing
from sellers.models import Seller
from sellers.permissions import administers, must, owns
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action

# The short name is what imports and addresses know the seller by.
CHANGEABLE = frozenset({"name", "legal_name", "country", "city", "email", "phone", "time_zone"})
# The legal entity is what a bar covers: nobody renames themselves out of it.
CHANGEABLE_BY_OWNER = CHANGEABLE - {"legal_name"}


@action
def register_seller(seller: Seller, *, by: Actor, at: datetime) -> Seller:
    """Save a new seller; administrators and imports. Errors: RuleBroken `invalid`."""
    must(administers(by), by)
    return add_thing(seller, "seller.registered", seller_id=None, clause="", by=by, at=at)


@action
def change_seller(seller: Seller, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> Seller:
    """Change a seller's data; its owner (all but the legal entity) and administrators.

    Errors: RuleBroken `field_fixed`, `invalid`.
    """
    must(administers(by) or owns(seller.pk, by), by)
    allowed = CHANGEABLE_BY_OWNER if owns(seller.pk, by) else CHANGEABLE
    return change_thing(
        seller, changes, "seller.changed", allowed=allowed, seller_id=seller.pk, clause="", by=by, at=at
    )
