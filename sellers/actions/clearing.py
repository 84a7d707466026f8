"""Clearing an enrolment and giving it back, inside the transaction of the clearance that two people decided (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sellers.actions.marks import begin_mark, end_marks
from sellers.bars import bar_end, bar_until
from sellers.events import record_change
from sellers.models import Enrolment, EnrolmentState, MarkPeriod, Product
from zestech_aftersales.accounts.actors import Actor

FIELDS = ["state", "reason", "decided_at", "left_at", "cleared_at", "cleared_entity", "bar_ends_at"]
CLAUSE = "3.2"


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark that a clearance ended: its product, and the end that had been planned for it."""

    product_id: int
    planned_end: datetime | None


def lock_enrolments(pks: Iterable[int]) -> list[Enrolment]:
    """Enrolments under their locks, by their numbers; their sellers are locked already."""
    rows = Enrolment.objects.select_related("seller").select_for_update(of=("self",), no_key=True)
    return list(rows.filter(pk__in=set(pks)).order_by("pk"))


def clear_enrolment(held: Enrolment, *, reason: str, by: Actor, at: datetime) -> list[Shown]:
    """Clear a locked enrolment and end the seller's marks at once; returns the marks that ended."""
    before = held.state
    held.clear(held.seller.legal_name, bar_end(at), at)
    _save(held, "enrolment.cleared", before, reason, by=by, at=at)
    periods = MarkPeriod.objects.filter(product__seller_id=held.seller_id)
    planned = {period.pk: period.ends_at for period in periods}
    ended = end_marks(held.seller_id, reason=_("The seller was cleared."), by=by.with_key(""), at=at)
    return [Shown(period.product_id, planned[period.pk]) for period in ended]


def reject_barred(held: Enrolment, *, by: Actor, at: datetime) -> None:
    """Turn a pending application down, for a bar has begun; nobody else's name is told."""
    before = held.state
    held.reject(at)
    reason = _("A bar under rule 3.2 covers the applicant. You can apply again once it has ended.")
    _save(held, "enrolment.rejected", before, reason, by=by, at=at)


def give_back(held: Enrolment, *, active: bool, left_at: datetime, reason: str, by: Actor, at: datetime) -> None:
    """Return a cleared enrolment to active, or to withdrawn as of an instant."""
    before = held.state
    if active:
        held.return_to_active()
    else:
        held.return_to_withdrawn(left_at)
    _save(held, "enrolment.returned", before, reason, by=by, at=at)


def clear_by_other(held: Enrolment, cleared_at: datetime, *, reason: str, by: Actor, at: datetime) -> None:
    """Let a cleared enrolment count as cleared by another clearance of its entity, as of that one's instant."""
    before = held.state
    held.stay_cleared(bar_end(cleared_at), cleared_at)
    _save(held, "enrolment.cleared_by_other", before, reason, by=by, at=at)


def show_again(marks: Iterable[Shown], *, by: Actor, at: datetime) -> None:
    """Let products bear the mark again from now on, where nothing else was decided about it meanwhile.

    Not backwards, though clearance and bar are as if they had never been: a mark is what a buyer was shown. As it
    stood when an order was placed it decides about the cover (1.1), and whoever ordered meanwhile was shown none.
    """
    for each in marks:
        product = Product.objects.get(pk=each.product_id)
        planned_is_over = each.planned_end is not None and each.planned_end <= at
        taken = any(period.meets(at, each.planned_end) for period in product.mark_periods.all())
        if not planned_is_over and not taken:
            reason = _("The clearance was lifted.")
            begin_mark(product, at, each.planned_end, reason=reason, by=by.with_key(""), at=at)


def tell_bar_is_lifted(rejected: Enrolment, *, by: Actor, at: datetime) -> None:
    """Put on record that an application turned down for a bar can be made again; silent while another bar stands."""
    if bar_until(rejected.seller, at) is None:
        record_change(
            rejected, "enrolment.bar_lifted", seller_id=rejected.seller_id, clause=CLAUSE, by=by.with_key(""), at=at,
            before={"state": rejected.state}, after={"state": rejected.state},
        )  # fmt: skip


def turn_down_needless(held: Enrolment, *, by: Actor, at: datetime) -> None:
    """End an application in hand: the enrolment from before is active again."""
    before = held.state
    held.reject(at)
    _save(held, "enrolment.rejected", before, _("Your earlier enrolment is active again."), by=by, at=at)


def in_hand(seller_id: int) -> Enrolment | None:
    """The seller's application or enrolment that stands now, under its lock."""
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(seller_id=seller_id, state__in=[EnrolmentState.APPLIED, EnrolmentState.ACTIVE]).first()


def taken_up_since(held: Enrolment) -> Enrolment | None:
    """The first enrolment by which the seller has taken part since this one was cleared; it may have left it again."""
    by_then = [EnrolmentState.ACTIVE, EnrolmentState.WITHDRAWN]
    later = Enrolment.objects.filter(seller_id=held.seller_id, state__in=by_then, applied_at__gt=held.cleared_at)
    return later.order_by("applied_at", "pk").first()


def _save(held: Enrolment, kind: str, before: str, reason: str, *, by: Actor, at: datetime) -> None:
    held.reason = reason
    held.save(update_fields=FIELDS)
    record_change(
        held,
        kind,
        seller_id=held.seller_id,
        clause=CLAUSE,
        by=by.with_key(""),
        at=at,
        before={"state": before},
        after={"state": held.state, "cleared_at": held.cleared_at, "bar_ends_at": held.bar_ends_at},
        detail={"reason": reason} if reason else None,
    )
