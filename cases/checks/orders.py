"""One order with its covers held against its own events and the rules (1.1, 2.3.4, 5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cases.checks.findings import Difference, differing, written
from cases.cover_ends import COVER_PUT_RIGHT
from cases.covers import cover_end
from cases.laws import Laws
from cases.models import Cover, CoverState, NotCovered, Order, OrderState
from cases.pinned_promises import COVER_REACHED
from zestech_aftersales.timeline.models import Event

PINNED = (COVER_PUT_RIGHT, COVER_REACHED)
# What people may make of an active cover; its end stays what it was.
OF_AN_ACTIVE_COVER = (CoverState.ACTIVE, CoverState.RESTRICTED, CoverState.WAIVED)


def differences_of_order(order: Order, events: list[Event], laws: Laws) -> Iterator[Difference]:
    """Everything of an order and its covers that is not as its events say."""
    place, state = order.number, ""
    instants: dict[str, datetime] = {}
    for event in events:
        if event.subject != order.stream:
            # What is told of a cover stands in its order's stream, too.
            continue
        before, after = str((event.before or {}).get("state", "")), str((event.after or {}).get("state", ""))
        if before != state:
            yield Difference(place, order.stream, f"event {event.pk}: state before", written(before), written(state))
        if after != before:
            instants[after] = event.effective_at
        state = after
    yield from differing(
        place,
        order.stream,
        state=(order.state, state),
        placed=(order.placed_at, instants.get(OrderState.PLACED)),
        paid=(order.paid_at, instants.get(OrderState.PAID)),
        refunded=(order.refunded_at, instants.get(OrderState.REFUNDED)),
        cancelled=(order.cancelled_at, instants.get(OrderState.CANCELLED)),
    )
    # What a cover keeps from its placement, where that was judged since.
    kept = {event.subject: (event.detail or {})["terms"] for event in events if event.kind in PINNED}
    for cover in order.covers.all():
        yield from _of_cover(place, cover, state, instants.get(OrderState.PAID), laws)
        thing = f"cover/{cover.pk}"
        yield from differing(place, thing, terms=(cover.terms, kept.get(thing, cover.terms)))


def _of_cover(place: str, cover: Cover, order_state: str, paid_at: datetime | None, laws: Laws) -> Iterator[Difference]:
    state, reason = _ruled(cover, order_state, paid_at, laws)
    begins = paid_at if state in (CoverState.ACTIVE, CoverState.VOID) else None
    ends = None if begins is None else cover_end(begins, laws.at(cover.edition, begins), cover.terms)
    # What was given up stays given up, also where all of it is refunded afterwards.
    is_given_up = state == CoverState.VOID and cover.state == CoverState.WAIVED
    if is_given_up or (state == CoverState.ACTIVE and cover.state in OF_AN_ACTIVE_COVER):
        state = CoverState(cover.state)
    yield from differing(
        place,
        f"cover/{cover.pk}",
        state=(cover.state, state),
        reason=(cover.reason, reason),
        begins=(cover.starts_at, begins),
        ends=(cover.ends_at, ends),
        unit=(cover.unit_serial, next((each.new_serial for each in reversed(cover.replacements.all())), "")),
    )


def _ruled(cover: Cover, order_state: str, paid_at: datetime | None, laws: Laws) -> tuple[CoverState, str]:
    """The state of a cover by the rules, and why there is none."""
    if not cover.snapshot.get("marked") and "cover_months" not in cover.terms:
        return CoverState.NOT_COVERED, NotCovered.UNMARKED
    if paid_at is None:
        is_cancelled = order_state == OrderState.CANCELLED
        return (CoverState.NOT_COVERED, NotCovered.CANCELLED) if is_cancelled else (CoverState.PENDING, "")
    if laws.is_before_the_rules(paid_at):
        return CoverState.NOT_COVERED, NotCovered.BEFORE_RULES
    return (CoverState.VOID if cover.line.is_fully_refunded else CoverState.ACTIVE), ""
