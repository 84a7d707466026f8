"""Orders come in from the shop; each line gets its cover or the reason why it has none (1.1, 2.3.4, 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.actions.offers import end
from cases.corrections.steps import REFUND
from cases.covers import begin_cover, first_cover
from cases.deadlines import Clocks, apply_passed_limit, settle_limits
from cases.events import record_change
from cases.lost_covers import requests_under
from cases.models import Cover, CoverState, NotCovered, Order, OrderLine, OrderState
from cases.terms import OrderRecord
from sellers.models import Product
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.accounts.models import User
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.record import record as record_event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


class Outcome(StrEnum):
    """What an ingest did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Ingested:
    """The order as it now stands, and what this ingest did to it."""

    order: Order
    outcome: Outcome


@action
def ingest_order(told: OrderRecord, *, by: Actor, at: datetime) -> Ingested:
    """Take over an order as the shop tells it; the shop's order number makes it idempotent.

    A first telling creates order, lines and covers; a later one only moves it on (paid, refunded,
    cancelled) and never rewrites what was placed. RuleBroken (422): unknown_sku, instants_out_of_order,
    lines_missing, order_differs. PermissionDenied for anybody but the order feed and the import.
    """
    if not (by.order_feed or (by.is_system and by.channel in (Channel.IMPORT, Channel.COMMAND))):
        raise PermissionDenied(_("Only the platform's order feed may send orders."))
    _must_be_plausible(told, at=at)
    order, is_new = _locked_order(told, by=by, at=at)
    if not is_new:
        _must_be_the_same(order, told)
    moved = _pay(order, told, by=by, at=at)
    moved = _cancel(order, told, by=by, at=at) or moved
    moved = _refund(order, told, by=by, at=at) or moved
    return Ingested(order, Outcome.CREATED if is_new else Outcome.CHANGED if moved else Outcome.UNCHANGED)


def _must_be_plausible(told: OrderRecord, *, at: datetime) -> None:
    if not told.lines:
        raise RuleBroken("", "lines_missing", status=422, detail=_("The order has no lines."))
    later = [instant for instant in (told.paid_at, told.refunded_at, told.cancelled_at) if instant is not None]
    if told.placed_at > at or any(instant < told.placed_at or instant > at for instant in later):
        raise RuleBroken(
            "",
            "instants_out_of_order",
            status=422,
            detail=_("An order is placed first, then paid, refunded or cancelled, and none of it lies in the future."),
        )


def _locked_order(told: OrderRecord, *, by: Actor, at: datetime) -> tuple[Order, bool]:
    existing = Order.objects.select_for_update(of=("self",), no_key=True).filter(number=told.number)
    order = existing.first()
    if order is not None:
        return order, False
    try:
        with transaction.atomic():
            return _place(told, by=by, at=at), True
    except IntegrityError:
        # Another feed told the same order a moment ago.
        return existing.get(), False


def _place(told: OrderRecord, *, by: Actor, at: datetime) -> Order:
    products = Product.objects.select_related("seller").in_bulk([line.sku for line in told.lines], field_name="sku")
    if unknown := sorted({line.sku for line in told.lines} - products.keys()):
        raise RuleBroken(
            "1.1",
            "unknown_sku",
            status=422,
            detail=_("Unknown product: %(skus)s. Import the products first.") % {"skus": ", ".join(unknown)},
            context={"skus": unknown},
        )
    order = Order.objects.create(
        number=told.number,
        buyer=_buyer(told),
        edition=edition_in_force(told.placed_at),
        **{
            name: getattr(told, name)
            for name in (
                "placed_at", "currency", "total", "protection", "is_online",
                "ship_name", "ship_address", "ship_city", "ship_country", "phone",
            )
        },
    )  # fmt: skip
    for position, line in enumerate(told.lines, start=1):
        product = products[line.sku]
        placed = OrderLine.objects.create(
            order=order, position=position, product=product, title=line.title, quantity=line.quantity,
            unit_price=line.unit_price,
        )  # fmt: skip
        first_cover(order, placed, product)
    _record(order, "order.placed", by=by, at=at, effective_at=order.placed_at, before="")
    return order


def _buyer(told: OrderRecord) -> User:
    """The account of the buyer's address; he takes it over by a password reset to that address."""
    known = User.objects.filter(email__iexact=told.buyer_email).first()
    if known is not None:
        return known
    return User.objects.create_user(email=told.buyer_email, password=None, name=told.buyer_name)


def _must_be_the_same(order: Order, told: OrderRecord) -> None:
    lines = list(order.lines.select_related("product").order_by("position"))
    same = (
        order.buyer.email.lower() == told.buyer_email.lower()
        and order.placed_at == told.placed_at
        and [(line.product.sku, line.quantity) for line in lines] == [(line.sku, line.quantity) for line in told.lines]
        and (order.paid_at is None or told.paid_at in (None, order.paid_at))
    )
    if not same:
        raise RuleBroken(
            "",
            "order_differs",
            status=422,
            detail=_("An order with this number exists with another buyer, date, payment or lines."),
        )


def _pay(order: Order, told: OrderRecord, *, by: Actor, at: datetime) -> bool:
    if told.paid_at is None or order.state != OrderState.PLACED:
        return False
    before = order.state
    order.pay(told.paid_at)
    order.save(update_fields=["state", "paid_at"])
    for cover in _covers(order, CoverState.PENDING):
        begin_cover(cover, told.paid_at)
        cover.save(update_fields=["state", "reason", "starts_at", "ends_at"])
    _record(order, "order.paid", by=by, at=at, effective_at=told.paid_at, before=before)
    return True


def _cancel(order: Order, told: OrderRecord, *, by: Actor, at: datetime) -> bool:
    if told.cancelled_at is None or order.state != OrderState.PLACED:
        return False
    before = order.state
    order.cancel(told.cancelled_at)
    order.save(update_fields=["state", "cancelled_at"])
    for cover in _covers(order, CoverState.PENDING):
        cover.decline(NotCovered.CANCELLED)
        cover.save(update_fields=["state", "reason"])
    _record(order, "order.cancelled", by=by, at=at, effective_at=told.cancelled_at, before=before)
    return True


def _refund(order: Order, told: OrderRecord, *, by: Actor, at: datetime) -> bool:
    """Full refunds of a line void its cover; partial amounts change nothing (2.3.4)."""
    if order.state not in (OrderState.PAID, OrderState.REFUNDED):
        return False
    before, moved = order.state, False
    effective_at = told.refunded_at or at
    for line, said in zip(order.lines.order_by("position"), told.lines, strict=True):
        refunded = said.quantity if told.refunded_at else min(said.refunded_quantity, said.quantity)
        if refunded > line.refunded_quantity:
            line.refunded_quantity = refunded
            line.save(update_fields=["refunded_quantity"])
            moved = True
    if told.refunded_amount > order.refunded_amount:
        order.refunded_amount = told.refunded_amount
        moved = True
    lines = list(order.lines.all())
    if order.state == OrderState.PAID and all(line.is_fully_refunded for line in lines):
        order.refund(effective_at)
        moved = True
    if not moved:
        return False
    order.save(update_fields=["state", "refunded_at", "refunded_amount"])
    lost = [each for each in _covers(order, CoverState.ACTIVE, CoverState.RESTRICTED) if each.line.is_fully_refunded]
    for cover in lost:
        _void(cover, by=by, at=at, effective_at=effective_at)
    voided = [cover.pk for cover in lost]
    _record(order, "order.refunded", by=by, at=at, effective_at=effective_at, before=before, voided=voided)
    return True


def _void(cover: Cover, *, by: Actor, at: datetime, effective_at: datetime) -> None:
    """No cover any more: what is still open is cancelled, without any violation from that moment."""
    cover.void()
    cover.save(update_fields=["state"])
    for appointment in requests_under(cover, at=effective_at):
        clocks = Clocks(appointment)
        passed = apply_passed_limit(clocks, by=by, at=effective_at, recorded_at=at)
        if passed or settle_limits(clocks, by=by, at=effective_at):
            continue
        before = appointment.state
        appointment.cancel(effective_at, REFUND)
        end(appointment, clocks, at=effective_at)
        record_change(
            appointment,
            "appointment.cancelled",
            clause="2.3.4",
            by=by.with_key(""),
            at=at,
            effective_at=effective_at,
            before=before,
            clocks=clocks,
            detail={"reason": REFUND},
        )


def _covers(order: Order, *states: str) -> list[Cover]:
    covers = Cover.objects.select_related("edition", "line").select_for_update(of=("self",), no_key=True)
    return list(covers.filter(order=order, state__in=states).order_by("pk"))


def _record(
    order: Order, kind: str, *, by: Actor, at: datetime, effective_at: datetime, before: str, **told: object
) -> None:
    record_event(
        stream=order.stream,
        subject=order.stream,
        kind=kind,
        clause="" if kind == "order.placed" else "2.3.4",
        by=by,
        effective_at=effective_at,
        recorded_at=at,
        before={"state": before},
        after={"state": order.state},
        detail={"number": order.number, **told},
    )
