"""When a cover ends for a request: at its own end, or later by what came after the order (2.3.3, 2.3.4).

`Cover.ends_at` is the end as it stood with the payment. A promise of more months made since, or an edition in force
since that gives more years, binds the requests received after it (an order keeps its edition unless a later one is
better for the buyer). So the end is always asked for an instant: booking, pages, lists and complaints ask here.

Each request is judged by what is in force at its receipt, taken literally: a promise or an edition that comes when a
cover is over covers the line again from then on, to the end that it gives; what was requested in between had no cover.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from cases.models import Cover, CoverState
from cases.models.restriction import HELD
from sellers.models import Term, TermState
from sellers.queries import held_between
from sellers.terms import Dimension
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.periods import months_limit, months_start, on_time
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cases.models import ServiceAppointment

MONTHS_A_YEAR, DAYS_A_MONTH = 12, 30.4375
# What an order keeps of its placement, or what binds a request, was judged anew: their events tell what was before
# (`cases.pinned_promises`, `cases.reached_requests`).
COVER_PUT_RIGHT, REQUEST_PUT_RIGHT = "cover.put_right", "promise.put_right"


def later_end(starts_at: datetime, ends_at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The later of a cover's own end and 24:00 of the date that so many months give (T4); 0: none but its own."""
    return ends_at if not months else max(ends_at, months_limit(starts_at, months, zone))


def end_for(cover: Cover, received_at: datetime) -> datetime | None:
    """The last instant of a cover for a request received at an instant; None for a cover that never began.

    Reads what `with_longest_months` has brought along, where it has.
    """
    if cover.starts_at is None or cover.ends_at is None:
        return None
    brought = hasattr(cover, "longest_months")
    months = cover.longest_months if brought else _months_for([cover], at=received_at)[cover.pk]
    # Without any the zone is not asked for.
    if not months:
        return cover.ends_at
    return later_end(cover.starts_at, cover.ends_at, months, cover.edition.law.zone_info)


def end_when_received(cover: Cover, request: ServiceAppointment) -> datetime | None:
    """The last instant of a cover as a request under it was received.

    What was inside the cover as it stood goes on, and is owed and complained of as such: a judgement that was put right
    afterwards takes nothing from it. What that has lengthened counts, as what binds has bound from the start.
    """
    if cover.starts_at is None or cover.ends_at is None:
        return None
    ends_at, months = _kept_since(cover, request)
    end = max(end for end in (end_for(cover, request.received_at), ends_at) if end is not None)
    return later_end(cover.starts_at, end, months, cover.edition.law.zone_info) if months else end


def _kept_since(cover: Cover, request: ServiceAppointment) -> tuple[datetime | None, int]:
    """What a request was received with: the cover's own end before the first judgement put right since, and the months
    that bound the request itself."""
    of_cover = Q(stream=f"order/{cover.order_id}", subject=f"cover/{cover.pk}", kind=COVER_PUT_RIGHT)
    of_request = Q(stream=f"case/{request.case_id}", subject=request.subject, kind=REQUEST_PUT_RIGHT)
    since = Event.objects.filter(of_cover | of_request, effective_at__gt=request.received_at)
    first = {event.kind: event for event in since.order_by("-effective_at", "-pk")}
    kept, bound = first.get(COVER_PUT_RIGHT), first.get(REQUEST_PUT_RIGHT)
    ends_at = (kept.before or {})["ends_at"] if kept else None
    terms = (bound.detail or {}).get("was", request.terms) if bound else request.terms
    return datetime.fromisoformat(ends_at) if ends_at else None, terms.get(Dimension.COVER_MONTHS, 0)


def includes(cover: Cover, received_at: datetime) -> bool:
    """Whether a request received then is owed; first and last instant are inside (T5)."""
    end = end_for(cover, received_at)
    return (
        cover.starts_at is not None and end is not None and cover.starts_at <= received_at and on_time(received_at, end)
    )


def is_bookable(cover: Cover, at: datetime) -> bool:
    """Whether service can be requested under a cover at an instant."""
    is_free = cover.state == CoverState.ACTIVE or (
        cover.state == CoverState.RESTRICTED and not is_restricted(cover, at)
    )
    return is_free and includes(cover, at)


def is_restricted(cover: Cover, at: datetime) -> bool:
    """Whether a restriction kept the buyer from a request received then; its last instant is inside (4.1.3, T5).

    The instants decide, not when its end was written down.
    """
    return cover.restrictions.filter(state__in=HELD, begins_at__lte=at, ends_at__gte=at).exists()


def with_longest_months(covers: QuerySet[Cover], *, at: datetime, without: Collection[int] = ()) -> QuerySet[Cover]:
    """The covers with `longest_months`: the most that promises, or editions in force since the order's, give a request
    received at an instant; 0 without any. `without` names commitments that are not to count."""
    promised = _promises(at).exclude(commitment__in=without) if without else _promises(at)
    months = promised.values("dimension").annotate(most=Max(Cast("value", IntegerField())))
    own = Cast(KeyTextTransform("cover_years", OuterRef("edition__numbers")), IntegerField())
    years = Cast(KT("numbers__cover_years"), IntegerField())
    # Of as many years as the order's own none is brought along: it moves no end.
    since = _in_force(at).annotate(years=years).filter(number__gt=OuterRef("edition__number"), years__gt=own)
    most = since.order_by("-years").values("years")[:1]
    by_promise, by_rule = (Coalesce(Subquery(found), 0) for found in (months.values("most"), most))
    brought = {"longest_months": Greatest(by_promise, by_rule * MONTHS_A_YEAR)}
    return covers.annotate(**brought)


# For an order of rows only, where `with_longest_months` has brought the months along: the end that is shown is exact.
_MONTHS_LONG = ExpressionWrapper(
    F("longest_months") * Value(timedelta(days=1) * DAYS_A_MONTH), output_field=DurationField()
)
COUNTED_END = Greatest(F("ends_at"), ExpressionWrapper(F("starts_at") + _MONTHS_LONG, output_field=DateTimeField()))


def still_owed(at: datetime) -> Q:
    """Covers whose end for a request received at an instant is not over, as a condition; the state is not asked."""
    owed, promised, editions = Q(ends_at__gte=at), _months_promised(at), _later_editions(at)
    if not promised and not editions:
        return owed
    zone = edition_in_force(at).law.zone_info
    for edition in editions:
        began = months_start(at, edition.law.cover_years * MONTHS_A_YEAR, zone)
        owed |= Q(edition__number__lt=edition.number, starts_at__gte=began)
    for months in promised:
        owed |= Q(Exists(_promises(at).filter(value=months)), starts_at__gte=months_start(at, months, zone))
    return owed


def last_to_end(covers: QuerySet[Cover], *, at: datetime) -> Cover | None:
    """The cover that ends last for requests received at an instant."""
    longest = [covers.order_by("-ends_at").first()]
    longest += [
        covers.filter(Exists(_promises(at).filter(value=months))).order_by("-starts_at").first()
        for months in _months_promised(at)
    ]
    longest += [
        covers.filter(edition__number__lt=edition.number).order_by("-starts_at").first()
        for edition in _later_editions(at)
    ]
    ends = [(end, cover.pk, cover) for cover in longest if cover is not None and (end := end_for(cover, at))]
    return max(ends, default=(None, None, None))[2]


def keep_longest_months(covers: Iterable[Cover], *, at: datetime) -> None:
    """Bring `longest_months` along on covers that were already read; one query whatever their number."""
    read = list(covers)
    found = _months_for(read, at=at)
    for cover in read:
        cover.longest_months = found[cover.pk]


def _months_for(covers: Iterable[Cover], *, at: datetime) -> dict[int, int]:
    asked = Cover.objects.filter(pk__in=[cover.pk for cover in covers])
    return {cover.pk: cover.longest_months for cover in with_longest_months(asked.only("pk"), at=at)}


def _in_force(at: datetime) -> QuerySet[RuleEdition]:
    return RuleEdition.objects.filter(effective_at__lte=at)


def _later_editions(at: datetime) -> list[RuleEdition]:
    """The editions in force by an instant that give more years than some earlier one: the others lengthen no cover."""
    found: list[RuleEdition] = []
    fewest: int | None = None
    for edition in _in_force(at).order_by("number"):
        years = edition.law.cover_years
        if fewest is not None and years > fewest:
            found.append(edition)
        fewest = years if fewest is None else min(fewest, years)
    return found


def _promises(at: datetime) -> QuerySet[Term]:
    """The promises of a cover that bind a request received at an instant under the cover of an outer query."""
    product, buyer = OuterRef("line__product_id"), OuterRef("buyer_id")
    return Term.objects.filter(
        Q(commitment__product__isnull=True) | Q(commitment__product_id=product),
        Q(commitment__made_to__isnull=True) | Q(commitment__made_to_id=buyer),
        held_between(OuterRef("order__placed_at"), at),
        commitment__seller_id=OuterRef("seller_id"),
        dimension=Dimension.COVER_MONTHS,
    ).order_by()


def _months_promised(at: datetime) -> list[int]:
    """The different numbers of months that any seller had promised by an instant: a handful."""
    said = Term.objects.filter(
        dimension=Dimension.COVER_MONTHS, state=TermState.BINDING, commitment__begins_at__lte=at
    ).order_by()
    return sorted({int(value) for value in said.values_list("value", flat=True).distinct()})
