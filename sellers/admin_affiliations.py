"""The graph between sellers at the staff desk: auditors keep it, nobody else of the staff sees it (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sellers import queries
from sellers.actions.affiliations import end_affiliation, record_affiliation
from sellers.models import Affiliation
from sellers.notices import EVENT_WORDS
from sellers.permissions import JUDGING_ROLES
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.staff import MasterDataAdmin, Step, staff_actor
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of


class TieForm(forms.ModelForm[Affiliation]):
    """A pair in any order; it is kept in one."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        pair = [one for one in (cleaned.get("seller"), cleaned.get("affiliate")) if one is not None]
        if len(pair) > 1:
            cleaned["seller"], cleaned["affiliate"] = sorted(pair, key=lambda one: one.pk)
        return cleaned


@admin.register(Affiliation)
class AffiliationAdmin(MasterDataAdmin):
    form = TieForm
    list_display = ("seller", "affiliate", "basis", "kept_from", "ended_at", "recorded_by")
    list_filter = ("basis", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("seller__name", "seller__legal_name", "affiliate__name", "affiliate__legal_name")
    list_select_related = ("seller", "affiliate", "recorded_by")
    raw_id_fields = ("seller", "affiliate")
    readonly_fields = ("recorded_by", "ended_by", "end_reason")
    steps = (
        Step(
            "end", _("End the affiliation"), end_affiliation, JUDGING_ROLES, "3.2",
            _("From now on a bar on one does not reach the other by this tie. The history is kept."),
            offered=lambda affiliation: affiliation.ended_at is None,
        ),
    )  # fmt: skip

    def headline(self, event: Event) -> Any:
        return EVENT_WORDS[event.kind].headline

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.affiliations_for(staff_actor(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_auditor(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_auditor(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_auditor(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("seller", "affiliate", "basis", "evidence")

    def events_about(self, thing: Affiliation) -> QuerySet[Event]:
        return events_of(thing.subject)

    def add_thing(self, thing: Affiliation, by: Actor, at: datetime) -> Affiliation:
        return record_affiliation(
            thing.seller, thing.affiliate, basis=cast(Any, thing.basis), evidence=thing.evidence, by=by, at=at
        )


def _is_auditor(request: HttpRequest) -> bool:
    user = cast(PersonRequest, request).user
    return user.is_active and getattr(user, "platform_role", "") in JUDGING_ROLES
