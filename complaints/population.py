"""What a month tells of every seller: the figures that a sample is drawn from, one query each (3.2)."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from cases.charts import refusals
from cases.completeness import completeness_by_seller
from cases.cover_ends import still_owed
from cases.excuses import without_excused
from cases.models import Cover, CoverState, Deadline, DeadlineState, ServiceAppointment
from complaints.breaches import SELLERS_CLOCKS
from complaints.models import Complaint, ComplaintState
from complaints.sampling import SellerFigures
from zestech_aftersales.rulebook.periods import day_end
from zestech_aftersales.rulebook.queries import edition_in_force

Counts = dict[int, int]


def month_span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first instant of a month in a zone, and the first one after it."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return day_end(month - timedelta(days=1), zone), day_end(last, zone)


def month_before(at: datetime) -> date:
    """The first day of the month that was over last, in the platform's zone."""
    today = at.astimezone(platform_zone(at)).date()
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def platform_zone(at: datetime) -> ZoneInfo:
    """The zone of the platform's months and days."""
    return edition_in_force(at).law.zone_info


def under_way(begins_at: datetime, ends_at: datetime) -> QuerySet[ServiceAppointment]:
    """The requests that something was to be done under in a span."""
    not_over = Q(ended_at=None) | Q(ended_at__gte=begins_at)
    return ServiceAppointment.objects.filter(not_over, received_at__lt=ends_at)


def population(begins_at: datetime, ends_at: datetime) -> list[SellerFigures]:
    """Everybody with a marked order whose cover ran, or a request that was under way; whoever left is among them (4.3)."""
    orders = _counted(
        Cover.objects.filter(
            still_owed(begins_at), state__in=[CoverState.ACTIVE, CoverState.RESTRICTED], starts_at__lt=ends_at
        )
    )
    requests = _counted(under_way(begins_at, ends_at))
    answers, late = _limits(begins_at, ends_at)
    refused = _counted(refusals(ServiceAppointment.objects.all(), begins_at, ends_at))
    told = completeness_by_seller(begins_at, ends_at)
    complaints = _counted(
        Complaint.objects.filter(filed_at__gte=begins_at, filed_at__lt=ends_at).exclude(state=ComplaintState.REJECTED)
    )
    return [
        SellerFigures(
            seller,
            orders=orders.get(seller, 0),
            requests=requests.get(seller, 0),
            answers=answers[seller],
            late=late[seller],
            refusals=refused.get(seller, 0),
            gaps=told[seller].gaps + told[seller].unclear if seller in told else 0,
            complaints=complaints.get(seller, 0),
        )
        for seller in sorted(orders.keys() | requests.keys() | answers.keys() | complaints.keys())
    ]


def _counted(rows: QuerySet[Any]) -> Counts:
    """How many rows each seller has."""
    told: Iterable[tuple[int, int]] = rows.order_by().values_list("seller").annotate(n=Count("pk"))
    return dict(told)


def _limits(begins_at: datetime, ends_at: datetime) -> tuple[defaultdict[int, int], defaultdict[int, int]]:
    """How many limits of each seller were decided, and how many of them missed; an excused miss is neither."""
    answers: defaultdict[int, int] = defaultdict(int)
    late: defaultdict[int, int] = defaultdict(int)
    # The states spelled out as the partial index has them.
    rows = Deadline.objects.filter(
        state__in=["met", "missed"], ended_at__gte=begins_at, ended_at__lt=ends_at, clock__in=SELLERS_CLOCKS
    )
    counted = without_excused(rows).order_by()
    for seller, state, n in counted.values_list("appointment__seller", "state").annotate(n=Count("pk")):
        answers[seller] += n
        late[seller] += n if state == DeadlineState.MISSED else 0
    return answers, late
