"""The watch list and the sent reminders in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Deadline, ReminderSent
from cases.reminders.watch_list import near_its_end, standing, unruled, without_reaction
from zestech_aftersales.accounts.middleware import TimedRequest
from zestech_aftersales.staff import ReadOnlyRows

WATCHED: dict[str, tuple[str | Promise, Callable[..., QuerySet[Deadline]]]] = {
    "near": (_("past the last reminder"), near_its_end),
    "unruled": (_("offers not ruled on in time"), unruled),
    "standing": (_("standing without an end"), standing),
    "silent": (_("missed, no reaction since"), without_reaction),
}


class WatchListFilter(admin.SimpleListFilter):
    """Narrows the list of limits to one part of the watch list."""

    title = _("watch list")
    parameter_name = "watch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _query) in WATCHED.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        watched = WATCHED.get(self.value() or "")
        return queryset if watched is None else watched[1](queryset, at=cast(TimedRequest, request).received_at)


class ReminderRows(ReadOnlyRows):
    """Who was reminded of a limit, and when."""

    model = ReminderSent
    fields = readonly_fields = ("step", "person", "sent_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("person")
