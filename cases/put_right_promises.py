"""A judgement that was put right: what it binds it has bound from the start, what is void has never bound (2.3.3).

So what went by the wrong judgement is counted anew by the right one. Requests that are open follow whichever way it
goes, as for a promise that is judged late (`cases.reached_requests`). One that a missed limit has ended follows where
that limit is longer by the right judgement: it was not over then, and the miss is taken back, or moves. What else has
ended is left as it was. The terms that an order keeps from its placement, and with them the end of its cover, follow
for the requests that come from now on; one that was received inside the cover as it stood goes on.

A line without the mark that had no cover gets the one it was promised (1.1). One that a promise alone had given it
stays, as its buyer was told of it.

The judgement is the lower app's: its event is read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.causes import PUT_RIGHT
from cases.covers import begin_cover, cover_end
from cases.deadlines import settle
from cases.events import instant_text
from cases.models import Cover, Deadline, DeadlineState, NotCovered, Order, OrderLine, OrderState, ServiceAppointment
from cases.models.appointment import OPEN_STATES
from cases.promises import placed_while_it_held, received_while_it_held
from cases.reached_requests import REQUESTED, bind, made_meanwhile
from sellers.models import SellerCommitment
from sellers.queries import best_terms
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

JUDGED_ANEW, PLACED = "commitment.put_right", "order.placed"
MONTHS = "cover_months"
REQUEST_PUT_RIGHT, COVER_PUT_RIGHT = "promise.put_right", "cover.put_right"


def read(events: Sequence[Event], *, at: datetime) -> None:
    """The reader (see `timeline.readers`); a judgement that was read before changes nothing more."""
    anew = {int(event.subject.partition("/")[2]): event for event in events if event.kind == JUDGED_ANEW}
    found = SellerCommitment.objects.filter(pk__in=anew).prefetch_related("terms").order_by("pk")
    # Covers are locked before the requests under them.
    for commitment in found:
        covers = Cover.objects.filter(placed_while_it_held(commitment))
        _pin_anew(covers, at=at, **_told(commitment, anew[commitment.pk]))
    if placed := [event for event in events if event.kind == PLACED]:
        _pin_anew(_placed_meanwhile(placed), at=at)
    for commitment in found:
        told = _told(commitment, anew[commitment.pk])
        bind(_concerned(commitment), at=at, kind=REQUEST_PUT_RIGHT, because=PUT_RIGHT, **told)
    if requested := [event for event in events if event.kind == REQUESTED]:
        bind(made_meanwhile(requested, "put_right_at"), at=at, kind=REQUEST_PUT_RIGHT, because=PUT_RIGHT)


def _told(commitment: SellerCommitment, event: Event) -> dict[str, object]:
    return {"commitment": commitment.pk, "reason": (event.detail or {})["reason"]}


def _concerned(commitment: SellerCommitment) -> Iterable[int]:
    """The requests that are open, or have missed a limit of a promised length."""
    missed = Deadline.objects.filter(appointment=OuterRef("pk"), state=DeadlineState.MISSED).exclude(promised="")
    rows = ServiceAppointment.objects.filter(received_while_it_held(commitment))
    return rows.filter(Q(state__in=OPEN_STATES) | Q(Exists(missed))).values_list("pk", flat=True)


def _placed_meanwhile(placed: Sequence[Event]) -> QuerySet[Cover]:
    """The covers of orders that were on their way into the database while a promise of their seller was judged anew."""
    since = min(event.recorded_at for event in placed) - settle()
    sellers = SellerCommitment.objects.filter(put_right_at__gte=since).values("seller")
    orders = [int(event.stream.removeprefix("order/")) for event in placed]
    return Cover.objects.filter(order__in=orders, seller__in=sellers)


def _pin_anew(covers: QuerySet[Cover], *, at: datetime, **told: object) -> None:
    """Bring the terms that orders keep from their placement, and the ends of their covers, to the right judgement."""
    rows = covers.select_related("edition", "line__product", "order", "buyer").order_by("pk")
    for cover in rows.select_for_update(of=("self",), no_key=True):
        terms = best_terms(cover.line.product, cover.order.placed_at, buyer=cover.buyer)
        if terms == cover.terms:
            continue
        before = {"state": cover.state, "ends_at": _text(cover.ends_at)}
        had_months, has_months = MONTHS in cover.terms, MONTHS in terms
        cover.snapshot = {**cover.snapshot, "terms": terms}
        if cover.snapshot["marked"] or had_months == has_months:
            _end_anew(cover)
        elif had_months or not _admit(cover):
            continue
        cover.save(update_fields=["snapshot", "state", "reason", "starts_at", "ends_at"])
        record(
            stream=cover.order.stream,
            subject=f"cover/{cover.pk}",
            kind=COVER_PUT_RIGHT,
            clause="2.3.3",
            by=system(),
            effective_at=at,
            recorded_at=at,
            before=before,
            after={"state": cover.state, "ends_at": _text(cover.ends_at)},
            detail={"terms": terms, **told},
        )


def _end_anew(cover: Cover) -> None:
    if cover.starts_at is not None:
        cover.ends_at = cover_end(cover.starts_at, law_for_order(cover.edition, cover.starts_at), cover.terms)


def _admit(cover: Cover) -> bool:
    """Cover a line that was not covered for want of the mark; whether it can be: not where it was given back meanwhile."""
    order = Order.objects.select_for_update(no_key=True).get(pk=cover.order_id)
    is_given_back = order.state == OrderState.CANCELLED or OrderLine.objects.get(pk=cover.line_id).is_fully_refunded
    if cover.reason != NotCovered.UNMARKED or is_given_back:
        return False
    cover.admit()
    if order.paid_at is not None:
        begin_cover(cover, order.paid_at)
    return True


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
