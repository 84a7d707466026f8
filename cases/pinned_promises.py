"""What an order keeps of the promises of its placement, brought to how they are judged by now (1.1, 2.3.3, 2.3.4).

The end of its cover follows for the requests that come from now on (`cases.cover_ends`).

A line without the mark that had no cover gets the one it was promised (1.1). One that a promise alone had given it
stays as long as that promise said, as its buyer was told of it; everything else that it keeps follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.cover_ends import COVER_PUT_RIGHT, end_for, with_longest_months
from cases.covers import begin_cover, cover_end
from cases.events import instant_text
from cases.models import Cover, NotCovered, Order, OrderState
from sellers.queries import best_terms
from sellers.terms import Dimension
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from sellers.models import SellerCommitment

MONTHS = Dimension.COVER_MONTHS.value
# A first judgement has found what the words were worth; a second one has put the first right.
COVER_REACHED = "cover.reached"


def pin_anew(concerned: Mapping[int, Sequence[SellerCommitment]], *, at: datetime) -> None:
    """Pin the terms of some covers anew: by the cover's key, the commitments whose judgement reaches it.

    Orders are locked before their covers, as the order feed locks them, each in the order of their keys.
    """
    covers = Cover.objects.filter(pk__in=list(concerned))
    list(Order.objects.filter(pk__in=covers.values("order")).order_by("pk").select_for_update(no_key=True))
    rows = with_longest_months(covers, at=at).select_related("edition", "line__product", "order", "buyer")
    for cover in rows.order_by("pk").select_for_update(of=("self",), no_key=True):
        _pin(cover, concerned[cover.pk], at=at)


def _pin(cover: Cover, judged: Sequence[SellerCommitment], *, at: datetime) -> None:
    terms = _kept(cover)
    if terms == cover.terms:
        return
    before, is_admitted = _as_it_stood(cover, judged, at), cover.reason == NotCovered.UNMARKED and MONTHS in terms
    cause = _cause(judged, [each for each in {*terms, *cover.terms} if terms.get(each) != cover.terms.get(each)])
    cover.snapshot = {**cover.snapshot, "terms": terms}
    if is_admitted:
        cover.admit()
        if cover.order.paid_at is not None:
            begin_cover(cover, cover.order.paid_at)
    elif cover.starts_at is not None:
        cover.ends_at = cover_end(cover.starts_at, law_for_order(cover.edition, cover.starts_at), cover.terms)
    cover.save(update_fields=["snapshot", "state", "reason", "starts_at", "ends_at"])
    is_put_right = cause.put_right_at is not None
    record(
        stream=cover.order.stream,
        subject=f"cover/{cover.pk}",
        kind=COVER_PUT_RIGHT if is_put_right else COVER_REACHED,
        clause="2.3.3",
        by=system(),
        effective_at=at,
        recorded_at=at,
        before=before,
        after=_told(cover, at),
        detail={
            "terms": terms,
            "commitment": cause.pk,
            **({"reason": cause.put_right_reason} if is_put_right else {}),
        },
    )


def _kept(cover: Cover) -> dict[str, Any]:
    """What the order keeps by the judgements of now.

    Without the mark the months say whether there is a cover. They stay as they are where the line would lose it, and
    where it cannot have one any more: given back meanwhile.
    """
    terms: dict[str, Any] = {**best_terms(cover.line.product, cover.order.placed_at, buyer=cover.buyer)}
    had_months, has_months = MONTHS in cover.terms, MONTHS in terms
    is_given_back = cover.order.state == OrderState.CANCELLED or cover.line.is_fully_refunded
    if cover.snapshot["marked"] or had_months == has_months or (has_months and not is_given_back):
        return terms
    rest = {name: value for name, value in terms.items() if name != MONTHS}
    return {**rest, MONTHS: cover.terms[MONTHS]} if had_months else rest


def _cause(judged: Sequence[SellerCommitment], changed: Iterable[str]) -> SellerCommitment:
    """Of several that were judged, one that speaks of what has changed; of the months before anything else.

    One that was put right before one judged for the first time: only the former can take something away.
    """
    moved = {MONTHS} & set(changed) or set(changed)
    about = [each for each in judged if any(term.dimension in moved for term in each.terms.all())]
    return min(about or judged, key=lambda each: each.put_right_at is None)


def _as_it_stood(cover: Cover, judged: Sequence[SellerCommitment], at: datetime) -> dict[str, Any]:
    """As `_told`, before these judgements: what was binding by then stands in the cover's own end already."""
    same = Cover.objects.filter(pk=cover.pk).select_related("edition")
    return _told(with_longest_months(same, at=at, without=[each.pk for each in judged]).get(), at)


def _told(cover: Cover, at: datetime) -> dict[str, Any]:
    """The cover as its event tells it: the end of the payment, and the one for a request received now."""
    owed_until = end_for(cover, at)
    return {"state": cover.state, "ends_at": _text(cover.ends_at), "owed_until": _text(owed_until)}


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
