"""Setting and ending the after-sales service mark, inside somebody else's transaction (1.1)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from sellers.events import record_change
from sellers.models import Enrolment, EnrolmentState, MarkPeriod, Product
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.refusals import RuleBroken


def begin_mark(
    product: Product, begins_at: datetime, ends_at: datetime | None, *, reason: str, by: Actor, at: datetime
) -> MarkPeriod:
    """Record that the product bears the mark from `begins_at` to `ends_at`, both included.

    Errors: RuleBroken `mark_in_future`, `mark_reversed`, `already_marked` (an instant would lie in
    two periods), `not_enrolled` (a seller displays the mark while it takes part: the whole period lies inside an
    enrolment, so never inside a bar (3.2); only what the platform itself brings in from before may lie in the past).
    """
    if begins_at > at:
        raise RuleBroken(
            "1.1", "mark_in_future", status=422, detail=_("A mark is recorded from an instant that has come.")
        )
    if ends_at is not None and ends_at < begins_at:
        raise RuleBroken("1.1", "mark_reversed", status=422, detail=_("The mark ends before it begins."))
    if any(period.meets(begins_at, ends_at) for period in MarkPeriod.objects.filter(product=product)):
        raise RuleBroken("1.1", "already_marked", detail=_("The product already bears the mark at that time."))
    if not _may_display(product.seller_id, begins_at, ends_at, by=by, at=at):
        raise RuleBroken(
            "1.1", "not_enrolled", detail=_("Only a seller whose enrolment is active can display the mark.")
        )
    period = MarkPeriod(product=product, begins_at=begins_at, ends_at=ends_at)
    period.save()
    record_change(
        product,
        "product.marked",
        seller_id=product.seller_id,
        clause="1.1",
        by=by,
        at=at,
        effective_at=begins_at,
        after={"begins_at": begins_at, "ends_at": ends_at},
        detail={"reason": reason} if reason else None,
    )
    return period


def _may_display(seller_id: int, begins_at: datetime, ends_at: datetime | None, *, by: Actor, at: datetime) -> bool:
    """Whether one enrolment of the seller was active for the whole period; of an import, whether it is active now."""
    enrolments = Enrolment.objects.filter(seller_id=seller_id)
    if by.is_system:
        is_history = ends_at is not None and ends_at <= at
        return is_history or enrolments.filter(state=EnrolmentState.ACTIVE).exists()
    taking_part = Q(state=EnrolmentState.ACTIVE)
    if ends_at is not None:
        # A mark without an end would outlive the enrolment, even one begun at the instant of leaving.
        taking_part |= Q(state=EnrolmentState.WITHDRAWN, left_at__gte=ends_at)
    return enrolments.filter(taking_part, decided_at__lte=begins_at).exists()


def end_mark(period: MarkPeriod, ends_at: datetime, *, reason: str, by: Actor, at: datetime) -> MarkPeriod:
    """Let a mark that still stands at `at` end; `ends_at` is its last instant.

    Errors: RuleBroken `mark_ended` (what is past is not rewritten), `mark_reversed`.
    """
    product = period.product
    before = period.ends_at
    if before is not None and before < at:
        raise RuleBroken("1.1", "mark_ended", detail=_("This mark has ended; its history is kept as it was."))
    if ends_at < period.begins_at:
        raise RuleBroken("1.1", "mark_reversed", status=422, detail=_("The mark ends before it begins."))
    period.ends_at = ends_at
    period.save(update_fields=["ends_at"])
    record_change(
        product,
        "product.unmarked",
        seller_id=product.seller_id,
        clause="1.1",
        by=by,
        at=at,
        effective_at=ends_at,
        before={"begins_at": period.begins_at, "ends_at": before},
        after={"begins_at": period.begins_at, "ends_at": ends_at},
        detail={"reason": reason} if reason else None,
    )
    return period


def standing_mark(product: Product, at: datetime) -> MarkPeriod | None:
    """The product's period that covers this instant."""
    periods = MarkPeriod.objects.select_related("product").filter(product=product)
    return next((period for period in periods if period.covers(at)), None)


def end_marks(seller_id: int, *, reason: str, by: Actor, at: datetime) -> list[MarkPeriod]:
    """End every mark of the seller that stands at `at`; one whose last instant that is has ended by itself."""
    periods = MarkPeriod.objects.select_related("product").filter(product__seller_id=seller_id)
    standing = [each for each in periods.order_by("product_id") if each.covers(at) and each.ends_at != at]
    return [end_mark(period, at, reason=reason, by=by, at=at) for period in standing]
