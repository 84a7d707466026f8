"""Applications at the staff desk: what a seller states beside what it has, screened by steps with a reason (1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from sellers.actions import enrolments
from sellers.admin_told import Told
from sellers.bars import Bar
from sellers.events import subject_of
from sellers.models import Engineer, Enrolment, EnrolmentState
from sellers.permissions import JUDGING_ROLES, SCREENING_ROLES
from sellers.screening import screening
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.rulebook.services import ServiceType
from zestech_aftersales.staff import OptionalReasonForm, ReadOnlyStateAdmin, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.ui.instants import instant_words

NOTHING = "–"


@admin.register(Enrolment)
class EnrolmentAdmin(Told, ReadOnlyStateAdmin):
    list_display = ("seller", "state", "applied_at", "decided_at", "left_at", "cleared_at")
    list_filter = ("state",)
    search_fields = ("seller__name", "seller__legal_name", "seller__slug")
    list_select_related = ("seller",)
    date_hierarchy = "applied_at"
    readonly_fields = (
        "services_stated", "methods_stated", "places_stated", "contact", "barred_until", "doubts", "on_record", "points_kept",
        "engineers_kept", "earlier",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {"fields": ("seller", "state", "reason", "applied_at", "decided_at", "left_at", "cleared_at", "bar_ends_at")},
        ),
        (
            _("What the seller states"),
            {
                "fields": (
                    "services_stated", "methods_stated", "places_stated", "charging", "contact", "statement",
                    "agreed_edition",
                )
            },
        ),
        (
            _("What to look at"),
            {"fields": ("doubts", "barred_until", "on_record", "points_kept", "engineers_kept", "earlier")},
        ),
    )  # fmt: skip
    steps = (
        Step(
            "activate",
            _("Activate"),
            enrolments.activate,
            SCREENING_ROLES,
            clause="1.1",
            consequence=_("The seller can display the mark and owes the service of these rules."),
            form=OptionalReasonForm,
            offered=lambda enrolment: enrolment.state == EnrolmentState.APPLIED,
        ),
        Step(
            "reject",
            _("Reject"),
            enrolments.reject,
            SCREENING_ROLES,
            clause="1.1",
            offered=lambda enrolment: enrolment.state == EnrolmentState.APPLIED,
        ),
    )

    def events_about(self, thing: Enrolment) -> QuerySet[Event]:
        return events_of(f"seller/{thing.seller_id}").filter(subject=subject_of(thing))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Enrolment | None:
        """The application with what there is about its seller at the instant of the request."""
        found: Enrolment | None = super().get_object(request, object_id, from_field)
        if found is not None:
            asked = cast(PersonRequest, request)
            found.screened = screening(  # type: ignore[attr-defined]
                found, asked.received_at, with_affiliates=asked.user.platform_role in JUDGING_ROLES
            )
        return found

    @admin.display(description=_("services"))
    def services_stated(self, enrolment: Enrolment) -> str:
        return ", ".join(enrolment.services_in_words) or NOTHING

    @admin.display(description=_("methods"))
    def methods_stated(self, enrolment: Enrolment) -> str:
        return ", ".join(enrolment.methods_in_words) or NOTHING

    @admin.display(description=_("places"))
    def places_stated(self, enrolment: Enrolment) -> str:
        return ", ".join(enrolment.places) or NOTHING

    @admin.display(description=_("contact for the service"))
    def contact(self, enrolment: Enrolment) -> str:
        told = (enrolment.contact_name, enrolment.contact_email, enrolment.contact_phone)
        return ", ".join(part for part in told if part) or NOTHING

    @admin.display(description=_("stated, but not kept here"))
    def doubts(self, enrolment: Any) -> str:
        return _lines(enrolment.screened.doubts)

    @admin.display(description=_("bar on this application until"))
    def barred_until(self, enrolment: Any) -> str:
        until, bars = enrolment.screened.barred_until, enrolment.screened.bars
        if until is None:
            return NOTHING
        return _lines(map(_bar, bars)) if bars else f"{instant_words(until)} (3.2)"

    @admin.display(description=_("audits, violations and clearances on record"))
    def on_record(self, enrolment: Any) -> str:
        rows = ((line.page, line.words, line.seller) for line in enrolment.screened.record)
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> · {}', rows) or NOTHING

    @admin.display(description=_("open service points"))
    def points_kept(self, enrolment: Any) -> str:
        return _lines(f"{point.name}, {point.city} ({point.country})" for point in enrolment.screened.points)

    @admin.display(description=_("engineers who take visits"))
    def engineers_kept(self, enrolment: Any) -> str:
        return _lines(_engineer(engineer) for engineer in enrolment.screened.engineers)

    @admin.display(description=_("earlier applications"))
    def earlier(self, enrolment: Any) -> str:
        return (
            format_html_join(
                mark_safe("<br>"),
                '<a href="{}">{}</a>: {} {}',
                (
                    (
                        reverse("admin:sellers_enrolment_change", args=[each.pk]),
                        instant_words(each.applied_at, "day"),
                        each.get_state_display(),
                        each.reason,
                    )
                    for each in enrolment.screened.earlier
                ),
            )
            or NOTHING
        )


def _lines(words: Iterable[object]) -> str:
    return format_html_join(mark_safe("<br>"), "{}", ((each,) for each in words)) or NOTHING


def _bar(bar: Bar) -> str:
    own = _("%(until)s (3.2), from the clearance of its own legal entity at %(begin)s")
    tied = _("%(until)s (3.2), by a tie, from the clearance of an affiliate at %(begin)s")
    return str(own if bar.is_own else tied) % {
        "until": instant_words(bar.ends_at),
        "begin": instant_words(bar.begins_at),
    }


def _engineer(engineer: Engineer) -> str:
    able = [str(label) for value, label in ServiceType.choices if value in engineer.skills]
    everything, everywhere = str(_("every service")), str(_("everywhere"))
    return f"{engineer.name}: {', '.join(able) or everything}; {', '.join(engineer.areas) or everywhere}"
