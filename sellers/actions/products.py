"""Keeping products and their mark (1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sellers.actions.locks import lock_seller, locked
from sellers.actions.marks import begin_mark, end_mark, standing_mark
from sellers.actions.master import add_thing, change_thing, written_before
from sellers.events import subject_of
from sellers.models import MarkPeriod, Product
from sellers.permissions import administers, must, must_say_why, screens, speaks_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken

CHANGEABLE = frozenset({"name", "brand", "description", "service_types", "methods", "page"})


@action
def add_product(product: Product, *, by: Actor, at: datetime) -> Product:
    """Save a new product, without a mark; the seller's owner, staff or client, and administrators.

    Errors: RuleBroken `invalid`.
    """
    must(administers(by) or speaks_for(product.seller_id, by), by)
    return add_thing(product, "product.added", seller_id=product.seller_id, clause="1.1", by=by, at=at)


@action
def change_product(product: Product, changes: Mapping[str, Any], *, by: Actor, at: datetime) -> Product:
    """Change a product's page; orders already placed keep the page they were placed under (2.3.3).

    Errors: RuleBroken `field_fixed` (SKU and seller stay), `invalid`.
    """
    must(administers(by) or speaks_for(product.seller_id, by), by)
    return change_thing(
        product,
        changes,
        "product.changed",
        allowed=CHANGEABLE,
        seller_id=product.seller_id,
        clause="2.3.3",
        by=by,
        at=at,
    )


@action
def mark(
    product: Product,
    *,
    by: Actor,
    at: datetime,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
) -> MarkPeriod:
    """Let the product bear the mark from `begins_at` (or now) on; seller's people and platform staff.

    The same command repeated (by.key) returns the period that it began the first time. Errors: RuleBroken `not_enrolled`, `already_marked`, `mark_in_future`, `mark_reversed`.
    """
    must(screens(by) or speaks_for(product.seller_id, by), by)
    lock_seller(product.seller_id)
    held = locked(Product, product.pk)
    written = written_before(by, "product.marked", subject=subject_of(held))
    if written is not None:
        return MarkPeriod.objects.get(product=held, begins_at=written.effective_at)
    return begin_mark(held, begins_at or at, ends_at, reason=reason.strip(), by=by, at=at)


@action
def unmark(product: Product, *, by: Actor, at: datetime, reason: str) -> MarkPeriod:
    """The seller's people end the mark that stands now; this instant is its last. Orders placed before keep their cover (4.3).

    The same command repeated (by.key) changes nothing more. Errors: RuleBroken `reason_missing`, `not_marked`.
    """
    must(speaks_for(product.seller_id, by), by)
    why = must_say_why(reason)
    lock_seller(product.seller_id)
    held = locked(Product, product.pk)
    written = written_before(by, "product.unmarked", subject=subject_of(held))
    if written is not None:
        return MarkPeriod.objects.get(product=held, ends_at=written.effective_at)
    period = standing_mark(held, at)
    if period is None or period.ends_at == at:
        raise RuleBroken("1.1", "not_marked", detail=_("The product does not bear the mark now."))
    return end_mark(period, at, reason=why, by=by, at=at)
