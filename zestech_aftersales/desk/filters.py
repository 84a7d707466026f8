"""Filters of the staff's lists that the desk brings along: what waits, what a figure counted, what is assigned to me."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zestech_aftersales.desk import charts, waiting
from zestech_aftersales.desk.calendar import platform_zone
from zestech_aftersales.desk.reader import reader_of


class WaitingFilter(admin.SimpleListFilter):
    """Narrows a list to what waits for somebody, as the index counts it."""

    title = gettext_lazy("what waits")
    parameter_name = waiting.PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each.name, each.label) for each in waiting.lists_of(model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        found = next((each for each in waiting.lists_of(queryset.model) if each.name == self.value()), None)
        # A list that is none holds nothing: all rows would be taken for it.
        return queryset.none() if found is None else found.rows(queryset, reader_of(request))


class FigureFilter(admin.SimpleListFilter):
    """Narrows a list to the rows behind one number of a chart; only there when a link of one led here."""

    title = gettext_lazy("figure")
    parameter_name = charts.PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return []

    def has_output(self) -> bool:
        return self.value() is not None

    def choices(self, changelist: Any) -> Any:
        """The figure, and the way back to all."""
        chart = charts.chart_named(self.value() or "")
        yield {
            "selected": False,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("All"),
        }
        yield {
            "selected": True,
            "query_string": changelist.get_query_string(),
            "display": "–" if chart is None else chart.label,
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        narrowed = charts.rows_at(self.value() or "", queryset, platform_zone(reader_of(request).at))
        return queryset.none() if narrowed is None else narrowed


class AssignedFilter(admin.SimpleListFilter):
    """Narrows a list to what the reader looks after, or nobody does; for models with an `officer`."""

    title = gettext_lazy("assignment")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("assigned to me")), ("nobody", gettext_lazy("assigned to nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "mine":
                return queryset.filter(officer=reader_of(request).user.pk)
            case "nobody":
                return queryset.filter(officer=None)
        return queryset
