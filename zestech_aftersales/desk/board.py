"""The index of the staff desk as it is shown: lists by whom they wait for, charts with their numbers as links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk import charts, waiting
from zestech_aftersales.desk.charts import Chart, Span
from zestech_aftersales.desk.models import SavedFilter
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.ui import figures

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite


@dataclass(frozen=True, slots=True)
class Row:
    """One list of the index."""

    label: str | Promise
    roles: str
    shown: str
    is_empty: bool
    since: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Board:
    """All lists: the reader's own, those of the reader's role, and those of others."""

    own: list[Row]
    role: list[Row]
    others: list[Row]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a chart with the way to its rows."""

    value: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table behind a chart."""

    name: str
    cells: list[Cell]
    remark: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: its picture, its legend, and the table that says the same."""

    chart: Chart
    svg: SafeString
    legend: list[tuple[charts.Part, Cell]]
    lines: list[Line]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(total.value for _part, total in self.legend)


@dataclass(frozen=True, slots=True)
class Kept:
    """A saved filter with the name of its list and the address that it stands for."""

    pk: int
    name: str
    list: str
    url: str


def page_of(model: type[Model]) -> str:
    """The list of a model in the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def list_url(site: AdminSite, model: type[Model], name: str, value: str) -> str:
    """The list of a model, narrowed by a filter; empty where the admin has none."""
    return f"{page_of(model)}?{urlencode({name: value})}" if site.is_registered(model) else ""


def board_of(site: AdminSite, reader: Reader) -> Board:
    """What waits, as this person sees it; one query."""
    own, role, others = [], [], []
    for each in waiting.waiting_for(reader):
        row = Row(
            each.list.label,
            ", ".join(str(PlatformRole(name).label) for name in each.list.roles),
            each.shown,
            each.counted == 0,
            each.since,
            list_url(site, each.list.model, waiting.PARAMETER, each.list.name),
        )
        if each.list.is_own:
            own.append(row)
        elif reader.user.platform_role in each.list.roles:
            role.append(row)
        else:
            others.append(row)
    return Board(*(sorted(rows, key=_longest_waiting) for rows in (own, role, others)))


def _longest_waiting(row: Row) -> tuple[bool, datetime]:
    """What waits stands above what is empty, the longest waiting on top."""
    return row.is_empty, row.since or datetime.max.replace(tzinfo=UTC)


def drawn(site: AdminSite, chart: Chart, span: Span) -> Drawn:
    """A chart over a span; its numbers are counted by the chart itself."""
    bars = chart.bars(span)
    series = [figures.Series(str(part.label), part.tone) for part in chart.parts]
    lines = [Line(bar.name, _cells(site, chart, span, bar.key, bar.values), bar.remark) for bar in bars]
    sums = tuple(sum(bar.values[place] for bar in bars) for place in range(len(series)))
    rows = [(bar.name, bar.values) for bar in bars]
    picture = figures.bars(rows, series, str(chart.label), is_course=chart.is_course)
    totals = _cells(site, chart, span, charts.ALL, sums)
    return Drawn(chart, picture, list(zip(chart.parts, totals, strict=True)), lines)


def _cells(site: AdminSite, chart: Chart, span: Span, bar: str, values: tuple[int, ...]) -> list[Cell]:
    addresses = [charts.address_of(chart, span, bar, part.name) for part in chart.parts]
    return [
        Cell(value, list_url(site, chart.model, charts.PARAMETER, address))
        for address, value in zip(addresses, values, strict=True)
    ]


def kept_filters(models: Iterable[type[Model]], filters: Iterable[SavedFilter]) -> list[Kept]:
    """Saved filters whose list is among these models."""
    known = {model._meta.label_lower: model for model in models}
    found = [(each, known[each.list]) for each in filters if each.list in known]
    return [
        Kept(each.pk, each.name, str(model._meta.verbose_name_plural), f"{page_of(model)}?{each.query}")
        for each, model in found
    ]
