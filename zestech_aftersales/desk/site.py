"""The admin site of the staff: the stock one with an index of what waits, figures and saved filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zestech_aftersales.desk import actions, charts
from zestech_aftersales.desk.board import Board, Kept, board_of, drawn, kept_filters, page_of
from zestech_aftersales.desk.calendar import platform_zone
from zestech_aftersales.desk.charts import Span
from zestech_aftersales.desk.forms import RenameForm, SaveFilterForm, SpanForm
from zestech_aftersales.desk.queries import filters_for
from zestech_aftersales.desk.reader import reader_of, staff_actor
from zestech_aftersales.rulebook.refusals import RuleBroken

View = Callable[..., HttpResponseBase]


class StaffDesk(admin.AdminSite):
    """Where the staff work; apps add pages of their own by `add_page`."""

    index_template = "admin/desk.html"
    index_title = gettext_lazy("Staff desk")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[tuple[str, str, View]] = []

    def add_page(self, address: str, name: str, view: View) -> None:
        """Put a page of an app below the admin, for staff alone; called when the app's admin is loaded."""
        self._pages.append((address, name, view))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own: list[tuple[str, str, View]] = [
            ("desk/figures/", "desk_figures", self.figures_view),
            ("desk/filters/", "desk_filters", self.filters_view),
            ("desk/filters/save/", "desk_filter_save", require_POST(self.save_filter_view)),
            ("desk/filters/<int:pk>/rename/", "desk_filter_rename", self.rename_filter_view),
            ("desk/filters/<int:pk>/remove/", "desk_filter_remove", require_POST(self.remove_filter_view)),
        ]
        pages = [path(address, self.admin_view(view), name=name) for address, name, view in [*own, *self._pages]]
        return [*pages, *super().get_urls()]

    def _kept(self, request: HttpRequest) -> list[Kept]:
        return kept_filters(self._registry, filters_for(staff_actor(request)))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        reader = reader_of(request)
        zone = platform_zone(reader.at)
        span = Span.until(reader.at.astimezone(zone).date(), zone)
        board: Board = board_of(self, reader)
        context = {
            "board": board,
            "figures": [drawn(self, chart, span) for chart in charts.registered()],
            "span": span,
            "saved_filters": self._kept(request),
            **(extra_context or {}),
        }
        return super().index(request, context)

    def figures_view(self, request: HttpRequest) -> HttpResponse:
        """All charts for a range of weeks."""
        reader = reader_of(request)
        zone = platform_zone(reader.at)
        span = Span.until(reader.at.astimezone(zone).date(), zone)
        asked = {"first": span.monday, "last": span.sunday} | request.GET.dict()
        form = SpanForm(asked)
        if form.is_valid():
            span = Span.between(form.cleaned_data["first"], form.cleaned_data["last"], zone)
        context = {
            **self.each_context(request),
            "title": _("Figures"),
            "form": form,
            "span": span,
            "figures": [drawn(self, chart, span) for chart in charts.registered()],
        }
        return TemplateResponse(request, "admin/figures.html", context)

    def filters_view(self, request: HttpRequest) -> HttpResponse:
        """Somebody's own saved filters."""
        context = {
            **self.each_context(request),
            "title": _("Saved filters"),
            "saved_filters": self._kept(request),
        }
        return TemplateResponse(request, "admin/filters.html", context)

    def save_filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the filter of a list, and go back to it."""
        form = SaveFilterForm(request.POST)
        model = next((each for each in self._registry if each._meta.label_lower == request.POST.get("list")), None)
        if model is None:
            raise Http404
        back = f"{page_of(model)}?{request.POST.get('query', '')}"
        if not form.is_valid():
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return HttpResponseRedirect(back)
        given = form.cleaned_data
        try:
            by, at = staff_actor(request), reader_of(request).at
            actions.save_filter(given["list"], name=given["name"], query=given["query"], by=by, at=at)
        except RuleBroken as broken:
            messages.error(request, broken.detail)
        else:
            messages.success(request, _("The filter “%(name)s” is saved.") % {"name": given["name"]})
        return HttpResponseRedirect(back)

    def rename_filter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for another name of one's own filter."""
        kept = get_object_or_404(filters_for(staff_actor(request)), pk=pk)
        form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": kept.name})
        if request.method == "POST" and form.is_valid():
            try:
                actions.rename_filter(kept, by=staff_actor(request), at=reader_of(request).at, **form.cleaned_data)
            except RuleBroken as broken:
                form.add_error("name", broken.detail)
            else:
                return HttpResponseRedirect(reverse("admin:desk_filters"))
        context = {**self.each_context(request), "title": _("Rename: %(name)s") % {"name": kept.name}, "form": form}
        return TemplateResponse(request, "admin/filter_rename.html", context)

    def remove_filter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget one's own filter."""
        kept = get_object_or_404(filters_for(staff_actor(request)), pk=pk)
        actions.remove_filter(kept, by=staff_actor(request), at=reader_of(request).at)
        messages.success(request, _("The filter “%(name)s” is removed.") % {"name": kept.name})
        return HttpResponseRedirect(reverse("admin:desk_filters"))
