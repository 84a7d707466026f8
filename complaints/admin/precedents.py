"""Precedents: every decision of a complaint at the staff desk, found by clause, topic and words (4.2)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from complaints.models import Determination, Topic
from complaints.queries.complaints import about_clause, about_topic
from zestech_aftersales.rulebook import CLAUSES
from zestech_aftersales.staff import ReadOnlyStateAdmin
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of


def topics_of(decision: Determination) -> str:
    """What a decision is about, in words."""
    return ", ".join(str(Topic(topic).label) for topic in decision.topics) or "–"


class ClauseFilter(admin.SimpleListFilter):
    """The decisions that cite a clause."""

    title = gettext_lazy("clause")
    parameter_name = "clause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(each, each) for each in CLAUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return about_clause(queryset, self.value() or "") if self.value() in CLAUSES else queryset


class TopicFilter(admin.SimpleListFilter):
    """The decisions on a topic."""

    title = gettext_lazy("topic")
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in Topic.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return about_topic(queryset, self.value() or "") if self.value() in Topic.values else queryset


class StandingFilter(admin.SimpleListFilter):
    """Decisions that count, or all."""

    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", gettext_lazy("not replaced by a review"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(review=None) if self.value() == "1" else queryset


@admin.register(Determination)
class PrecedentAdmin(ReadOnlyStateAdmin):
    """Every decision of a complaint, to look for similar ones."""

    list_display = ("__str__", "liability", "cited", "about", "decided_by", "decided_at")
    list_filter = (StandingFilter, "liability", ClauseFilter, TopicFilter)
    search_fields = ("reason", "complaint__statement")
    search_help_text = gettext_lazy("Words of the reasons, or of what had happened")
    list_select_related = ("complaint", "decided_by")
    ordering = ("-id",)
    fields = readonly_fields = (
        "complaint_link", "liability", "reason", "cited", "about", "decided_by", "decided_at", "reviews",
    )  # fmt: skip

    def events_about(self, thing: Determination) -> QuerySet[Event]:
        return events_of(thing.complaint.subject)

    @admin.display(description=gettext_lazy("complaint"))
    def complaint_link(self, decision: Determination) -> SafeString:
        url = reverse("admin:complaints_complaint_change", args=[decision.complaint_id])
        return format_html('<a href="{}">{}</a>', url, decision.complaint)

    @admin.display(description=gettext_lazy("clauses"))
    def cited(self, decision: Determination) -> str:
        return ", ".join(decision.clauses)

    @admin.display(description=gettext_lazy("topics"))
    def about(self, decision: Determination) -> str:
        return topics_of(decision)
