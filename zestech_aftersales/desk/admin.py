"""Reading accesses in the admin: administrators open them, auditors and administrators see all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.actions import close_reading, open_reading
from zestech_aftersales.desk.models import ReadingAccess
from zestech_aftersales.staff import MasterDataAdmin, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

OPENING = (PlatformRole.ADMINISTRATOR,)
READING = (PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)
WORDS = {
    "access.opened": _("Reading access opened"),
    "access.looked": _("Read under the access"),
    "access.closed": _("Reading access closed"),
}


class OpenForm(forms.ModelForm[ReadingAccess]):
    """Why, and for how long."""

    hours = forms.IntegerField(
        label=_("For how many hours"),
        initial=1,
        min_value=1,
        max_value=settings.READING_ACCESS_HOURS,
        help_text=_("It ends by itself. Each thing you look at is recorded, and auditors read the list."),
    )

    class Meta:
        model = ReadingAccess
        fields = ("reason",)


class NoForm(forms.Form):
    """A step that needs no words."""


def close_now(access: ReadingAccess, *, by: Actor, at: datetime) -> object:
    """End one's own access."""
    return close_reading(access, by=by, at=at)


@admin.register(ReadingAccess)
class ReadingAccessAdmin(MasterDataAdmin):
    """Opened with a reason and an end; never changed."""

    form = OpenForm
    list_display = ("person", "reason", "opened_at", "ends_at", "closed_at")
    list_select_related = ("person",)
    ordering = ("-id",)
    steps = (
        Step(
            "close",
            _("Close now"),
            close_now,
            OPENING,
            consequence=_("From now on your role alone decides again what you read."),
            form=NoForm,
            offered=lambda access: access.is_open(clock.now()),
            withheld=lambda access, person: "" if access.person_id == person.pk else _("Only who opened it closes it."),
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("reason", "hours") if obj is None else ("person", "reason", "opened_at", "ends_at", "closed_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [] if obj is None else list(self.get_fields(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return cast(PersonRequest, request).user.platform_role in READING

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        access = super().save_form(request, form, change)
        person = cast(PersonRequest, request)
        access.person, access.opened_at, access.hours = person.user, person.received_at, form.cleaned_data["hours"]
        return access

    def add_thing(self, thing: Any, by: Actor, at: datetime) -> ReadingAccess:
        return open_reading(reason=thing.reason, hours=thing.hours, by=by, at=at)

    def headline(self, event: Event) -> Any:
        return WORDS.get(event.kind, event.kind)

    def events_about(self, thing: ReadingAccess) -> QuerySet[Event]:
        return events_of(thing.stream)
