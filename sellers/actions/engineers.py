"""Adding and keeping engineers (2.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sellers.actions.master import add_thing, change_thing
from sellers.models import Engineer, Membership
from sellers.permissions import administers, must, speaks_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken

CHANGEABLE = frozenset({"user", "name", "skills", "areas", "working_hours", "days_off", "time_zone", "is_active"})


def _must_be_a_member(user_id: int | None, seller_id: int) -> None:
    if user_id is None or Membership.objects.filter(user_id=user_id, seller_id=seller_id).exists():
        return
    raise RuleBroken(
        "", "not_a_member", status=422, detail=_("The log-in of an engineer must belong to a member of the seller.")
    )


@action
def add_engineer(engineer: Engineer, *, by: Actor, at: datetime) -> Engineer:
    """Save a new engineer; the seller's owner, staff or client, and administrators.

    Errors: RuleBroken `invalid`, `not_a_member` (the log-in belongs to somebody else's person).
    """
    must(administers(by) or speaks_for(engineer.seller_id, by), by)
    _must_be_a_member(engineer.user_id, engineer.seller_id)
    return add_thing(engineer, "engineer.added", seller_id=engineer.seller_id, clause="2.2.1", by=by, at=at)


@action
def change_engineer(engineer: Engineer, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> Engineer:
    """Change services, areas, hours, days off, log-in or whether visits are taken; visits that stand are not touched.

    Errors: RuleBroken `field_fixed`, `invalid`, `not_a_member`.
    """
    must(administers(by) or speaks_for(engineer.seller_id, by), by)
    user = changes.get("user")
    _must_be_a_member(None if user is None else user.pk, engineer.seller_id)
    return change_thing(
        engineer,
        changes,
        "engineer.changed",
        allowed=CHANGEABLE,
        seller_id=engineer.seller_id,
        clause="2.2.1",
        by=by,
        at=at,
    )
