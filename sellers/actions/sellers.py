"""Registering a seller and keeping its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from sellers.actions.locks import lock_sellers
from sellers.actions.master import add_thing, change_thing
from sellers.bars import bar_until
from sellers.legal_names import entity_key
from sellers.models import FormerLegalName, Seller
from sellers.permissions import administers, must, owns
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken

# The short name is what imports and addresses know the seller by.
CHANGEABLE = frozenset({"name", "legal_name", "country", "city", "email", "phone", "time_zone"})
# The legal entity is what a bar covers: nobody renames themselves out of it.
CHANGEABLE_BY_OWNER = CHANGEABLE - {"legal_name"}
KIND = "seller.changed"


@action
def register_seller(seller: Seller, *, by: Actor, at: datetime) -> Seller:
    """Save a new seller; administrators and imports. Errors: RuleBroken `invalid`."""
    must(administers(by), by)
    return add_thing(seller, "seller.registered", seller_id=None, clause="", by=by, at=at)


@action
def change_seller(seller: Seller, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> Seller:
    """Change a seller's data; its owner (all but the legal entity) and administrators.

    Errors: RuleBroken `field_fixed`, `invalid`; `name_under_bar` where a new legal name would put somebody under a
    bar, or out of it (3.2).
    """
    must(administers(by) or owns(seller.pk, by), by)
    allowed = CHANGEABLE_BY_OWNER if owns(seller.pk, by) else CHANGEABLE
    if "legal_name" in changes and "legal_name" in allowed:
        return _rename(seller, changes, allowed, by=by, at=at)
    return change_thing(seller, changes, KIND, allowed=allowed, seller_id=seller.pk, clause="", by=by, at=at)


def _rename(seller: Seller, changes: Mapping[str, Any], allowed: frozenset[str], *, by: Actor, at: datetime) -> Seller:
    """Change the legal name too; the former one is kept, for the entity is the same, and so is whom a bar covers."""
    key = entity_key(str(changes["legal_name"]))
    bearing = Q(entity_key=key) | Q(former_legal_names__entity_key=key)
    near = lock_sellers([seller.pk, *Seller.objects.filter(bearing).values_list("pk", flat=True)])
    held = next(each for each in near if each.pk == seller.pk)
    if held.entity_key == key:
        # Another spelling is no other name.
        return change_thing(held, changes, KIND, allowed=allowed, seller_id=held.pk, clause="", by=by, at=at)
    before = {each: bar_until(each, at) for each in near}
    changed = change_thing(
        held, {**changes, "named_since": at}, KIND,
        allowed=allowed | {"named_since"}, seller_id=held.pk, clause="", by=by, at=at,
    )  # fmt: skip
    if changed.entity_key != held.entity_key:
        FormerLegalName.objects.create(
            seller=held, legal_name=held.legal_name, entity_key=held.entity_key, since=held.named_since, until=at
        )
    if any(bar_until(each, at) != until for each, until in before.items()):
        raise RuleBroken(
            "3.2",
            "name_under_bar",
            detail=_("One of these legal entities is under a bar and the other is not: a name does not change that. "
                     "What ties them is recorded by auditors, as an affiliation."),
        )  # fmt: skip
    return changed
