"""Filters whose choices are known: no list of all rows or of everybody is read to show them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from complaints.queries.assignments import auditors
from zestech_aftersales.rulebook import CLAUSES


class OfClauseFilter(admin.SimpleListFilter):
    """The rows about a clause of the rules."""

    title = gettext_lazy("clause")
    parameter_name = "clause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each, each) for each in CLAUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(clause=self.value()) if self.value() in CLAUSES else queryset


class AuditorFilter(admin.SimpleListFilter):
    """What one auditor looks after."""

    title = gettext_lazy("assigned to")
    parameter_name = "officer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(person.pk), str(person)) for person in auditors()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(officer=int(value)) if value.isascii() and value.isdigit() else queryset
