"""Charts of the staff desk about cases: answers in time, refusals, sellers at risk; each number the count of rows."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncWeek
from django.utils import formats
from django.utils.translation import gettext_lazy

from cases.excuses import without_excused
from cases.figures import ANSWERS
from cases.models import AppointmentState, Deadline, DeadlineState, ServiceAppointment
from sellers.models import Seller
from zestech_aftersales.desk.charts import ALL, Bar, Chart, Part, Span

# A number of the display: how many sellers the chart of those at risk shows.
SELLERS_SHOWN = 10
ON_TIME = (Part("met", gettext_lazy("in time"), "ok"), Part("missed", gettext_lazy("late"), "bad"))
REFUSED = (
    Part(AppointmentState.REFUSED, gettext_lazy("refused"), "warn"),
    Part(AppointmentState.DEEMED_REFUSED, gettext_lazy("deemed refused"), "bad"),
)


def answers(rows: QuerySet[Any], begins_at: datetime, ends_at: datetime) -> QuerySet[Any]:
    """The sellers' answers that were given or fell due from one instant up to before another, but for those excused."""
    # Spelled out as the partial index is.
    ended = rows.filter(state__in=["met", "missed"], ended_at__gte=begins_at, ended_at__lt=ends_at)
    return without_excused(ended.filter(clock__in=ANSWERS, due_at__isnull=False))


def refusals(rows: QuerySet[Any], begins_at: datetime, ends_at: datetime) -> QuerySet[Any]:
    """The requests that were refused, or are deemed to be, and went on by no later acceptance."""
    return rows.filter(state__in=["refused", "deemed_refused"], ended_at__gte=begins_at, ended_at__lt=ends_at)


def _by_week(rows: QuerySet[Any], span: Span) -> Counter[tuple[date, str]]:
    told = rows.order_by().annotate(week=TruncWeek("ended_at", tzinfo=span.zone)).values("week", "state")
    return Counter({(row["week"].date(), row["state"]): row["n"] for row in told.annotate(n=Count("*"))})


def _bars(counted: Counter[tuple[date, str]], span: Span, parts: tuple[Part, ...], *, share: bool) -> list[Bar]:
    bars = []
    for monday in span.mondays:
        values = tuple(counted[monday, part.name] for part in parts)
        remark = percent(values[0], sum(values)) if share else ""
        bars.append(Bar(monday.isoformat(), formats.date_format(monday, "j M"), values, remark))
    return bars


def percent(part: int, whole: int) -> str:
    """A share in words; a dash of nothing."""
    return f"{part / whole:.1%}".replace("%", " %") if whole else "–"


def _week(span: Span, bar: str) -> tuple[datetime, datetime]:
    if bar == ALL:
        return span.begins_at, span.ends_at
    monday = date.fromisoformat(bar)
    return span.instant(monday), span.instant(monday + timedelta(weeks=1))


def answers_by_week(span: Span) -> list[Bar]:
    """How many answers came in time in each week, and how many did not; one query."""
    rows = answers(Deadline.objects.all(), span.begins_at, span.ends_at)
    return _bars(_by_week(rows, span), span, ON_TIME, share=True)


def refusals_by_week(span: Span) -> list[Bar]:
    """How many requests were refused in each week, by words or by silence; one query."""
    rows = refusals(ServiceAppointment.objects.all(), span.begins_at, span.ends_at)
    return _bars(_by_week(rows, span), span, REFUSED, share=False)


def sellers_at_risk(span: Span) -> list[Bar]:
    """The sellers with most late answers, the worst share first; two queries."""
    rows = answers(Deadline.objects.all(), span.begins_at, span.ends_at).order_by()
    by_seller = rows.values("appointment__seller")
    late = by_seller.filter(state=DeadlineState.MISSED).annotate(n=Count("*")).order_by("-n", "appointment__seller")
    missed = {row["appointment__seller"]: row["n"] for row in late[:SELLERS_SHOWN]}
    kept = by_seller.filter(state=DeadlineState.MET, appointment__seller__in=missed).annotate(n=Count("*"))
    met = {row["appointment__seller"]: row["n"] for row in kept}
    names = dict(Seller.objects.filter(pk__in=missed).values_list("pk", "name"))
    bars = [
        Bar(str(pk), names[pk], (met.get(pk, 0), n), percent(met.get(pk, 0), met.get(pk, 0) + n))
        for pk, n in missed.items()
    ]
    return sorted(bars, key=lambda bar: bar.values[0] / sum(bar.values))


def answers_of_week(rows: QuerySet[Any], span: Span, bar: str, part: str) -> QuerySet[Any]:
    """The rows behind one number of answers."""
    return answers(rows, *_week(span, bar)).filter(state=part)


def refusals_of_week(rows: QuerySet[Any], span: Span, bar: str, part: str) -> QuerySet[Any]:
    """The rows behind one number of refusals."""
    return refusals(rows, *_week(span, bar)).filter(state=part)


def answers_of_seller(rows: QuerySet[Any], span: Span, bar: str, part: str) -> QuerySet[Any]:
    """The rows behind one number of a seller, or of all that the chart shows."""
    sellers = [int(each.key) for each in sellers_at_risk(span)] if bar == ALL else [int(bar)]
    return answers(rows, span.begins_at, span.ends_at).filter(state=part, appointment__seller__in=sellers)


CHARTS = (
    Chart(
        "answers",
        gettext_lazy("Answers in time, by week"),
        Deadline,
        ON_TIME,
        answers_by_week,
        answers_of_week,
        gettext_lazy("Sellers’ first answers, solutions and answers to counter-offers, in the week they came or fell due."),
        gettext_lazy("in time"),
        is_course=True,
    ),
    Chart(
        "refusals",
        gettext_lazy("Refusals, by week"),
        ServiceAppointment,
        REFUSED,
        refusals_by_week,
        refusals_of_week,
        gettext_lazy("Requests that ended refused; those that went on by a later offer are not among them."),
        is_course=True,
    ),
    Chart(
        "sellers",
        gettext_lazy("Sellers at risk"),
        Deadline,
        ON_TIME,
        sellers_at_risk,
        answers_of_seller,
        gettext_lazy("Those with most late answers in these weeks, the worst share first. A figure judges nobody."),
        gettext_lazy("in time"),
    ),
)  # fmt: skip
