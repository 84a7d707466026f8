"""Things of a case in the admin, found by its reference."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.admin.told import Told
from cases.queries import REFERENCE
from zestech_aftersales.staff import ReadOnlyStateAdmin


class ByReference(Told, ReadOnlyStateAdmin):
    """Things of a case, found by its reference."""

    case_lookup = "pk"
    search_help_text = _("Case reference (ZA-…), order number, or the beginning of the buyer’s e-mail")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        match = REFERENCE.match(search_term.strip().upper())
        if match:
            return queryset.filter(**{self.case_lookup: int(match["pk"])}), False
        return super().get_search_results(request, queryset, search_term)
