"""Charts of the staff desk: each app registers its own; every number is the count of rows that a link opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

PARAMETER = "figure"
WEEKS_SHOWN = 8
WEEKS_AT_MOST = 53
# In an address, in the place of a bar: all bars of the chart together.
ALL = "all"
# Of an address: chart, bar, part, first Monday, number of weeks.
WORDS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Whole weeks by the platform's calendar, from a Monday up to the day before another one."""

    monday: date
    weeks: int
    zone: tzinfo

    @classmethod
    def until(cls, day: date, zone: tzinfo, weeks: int = WEEKS_SHOWN) -> Span:
        """The last weeks, the one of this day included."""
        last = day - timedelta(days=day.weekday())
        return cls(last - timedelta(weeks=weeks - 1), weeks, zone)

    @classmethod
    def between(cls, first: date, last: date, zone: tzinfo) -> Span:
        """The weeks that two days lie in and all between, the later ones left out if they are too many."""
        monday = first - timedelta(days=first.weekday())
        weeks = (last - monday) // timedelta(weeks=1) + 1
        return cls(monday, max(1, min(weeks, WEEKS_AT_MOST)), zone)

    @property
    def mondays(self) -> list[date]:
        """The first day of each week."""
        return [self.monday + timedelta(weeks=place) for place in range(self.weeks)]

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(weeks=self.weeks) - timedelta(days=1)

    @property
    def begins_at(self) -> datetime:
        """Its first instant."""
        return self.instant(self.monday)

    @property
    def ends_at(self) -> datetime:
        """The instant behind its last one."""
        return self.instant(self.sunday + timedelta(days=1))

    def instant(self, day: date) -> datetime:
        """When a day begins."""
        return datetime.combine(day, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a chart."""

    name: str
    label: str | Promise
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its key in an address, its name, and a number for each part; `remark` stands behind them."""

    key: str
    name: str
    values: tuple[int, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its rows: `bars` counts, `rows` narrows the model to what one number has counted.

    `rows` is given the key of a bar, or ALL for the sum of a part. `is_course`: its bars are weeks.
    """

    name: str
    label: str | Promise
    model: type[Model]
    parts: tuple[Part, ...]
    bars: Callable[[Span], list[Bar]]
    rows: Callable[[QuerySet[Any], Span, str, str], QuerySet[Any]]
    about: str | Promise = ""
    remark: str | Promise = ""
    is_course: bool = False


_charts: dict[str, Chart] = {}


def register(*charts: Chart) -> None:
    """Put charts on the staff desk; called in an app's ready()."""
    _charts.update({chart.name: chart for chart in charts})


def registered() -> list[Chart]:
    """All charts, in the order they were registered."""
    return list(_charts.values())


def address_of(chart: Chart, span: Span, bar: str, part: str) -> str:
    """How an address names the rows behind one number."""
    return "~".join((chart.name, bar, part, span.monday.isoformat(), str(span.weeks)))


def rows_at(address: str, rows: QuerySet[Any], zone: tzinfo) -> QuerySet[Any] | None:
    """The rows that an address names; None for words that are none or belong to another model."""
    words = address.split("~")
    chart = _charts.get(words[0])
    if chart is None or chart.model is not rows.model or len(words) != WORDS:
        return None
    _name, bar, part, monday, weeks = words
    try:
        first = date.fromisoformat(monday)
        # By the same calendar that counted them.
        span = Span.between(first, first + timedelta(weeks=int(weeks)) - timedelta(days=1), zone)
        return chart.rows(rows, span, bar, part)
    except (ValueError, OverflowError):
        return None


def chart_named(address: str) -> Chart | None:
    """The chart that an address is about."""
    return _charts.get(address.partition("~")[0])
