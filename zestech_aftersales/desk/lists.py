"""Every list of the staff: filters of the desk, saved filters, and the rows as CSV."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from zestech_aftersales.desk import charts, waiting
from zestech_aftersales.desk.actions import note_export
from zestech_aftersales.desk.exports import columns_of, streamed
from zestech_aftersales.desk.filters import AssignedFilter, FigureFilter, WaitingFilter
from zestech_aftersales.desk.forms import SaveFilterForm
from zestech_aftersales.desk.queries import filters_for
from zestech_aftersales.desk.reader import reader_of, staff_actor


class DeskList(admin.ModelAdmin[Any]):
    """What the list pages of the staff desk share."""

    change_list_template = "admin/change_list_of_desk.html"

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        kept = list(super().get_list_filter(request))
        if waiting.lists_of(self.model):
            kept.append(WaitingFilter)
        if any(chart.model is self.model for chart in charts.registered()):
            kept.append(FigureFilter)
        if any(field.name == "officer" for field in self.opts.fields):
            kept.append(AssignedFilter)
        return kept

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        return [path("export.csv", view, name=self._export_url_name), *super().get_urls()]

    @property
    def _export_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        query = request.GET.urlencode()
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "export_url": f"{reverse(f'admin:{self._export_url_name}')}{'?' if query else ''}{query}",
            "saved_filters": filters_for(staff_actor(request)).filter(list=self.opts.label_lower),
            "filter_form": SaveFilterForm(initial={"list": self.opts.label_lower, "query": query}),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as they are filtered now, noted on the timeline."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(page)
        query = request.GET.urlencode()
        note_export(self.opts.label_lower, query=query, by=staff_actor(request), at=reader_of(request).at)
        columns = columns_of(list(listed.list_display))
        return streamed(f"zestech-{self.opts.model_name}", self, columns, listed.queryset)
