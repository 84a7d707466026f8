"""What touches many cases at once, at the staff desk: outages by two administrators, declared events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.actions.declared import declare, end_declared, grant_for_event
from cases.actions.exclusions import end_event
from cases.actions.outages import decide_outage, propose_outage, toll_batch
from cases.admin.exclusions import EndForm, moment_field
from cases.admin.told import Told
from cases.models import DeclaredEvent, Duty, Outage
from cases.outages import BATCH
from cases.touched import lasting_claims, touched_by
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.staff import MasterDataAdmin, ReasonForm, Step, decision_in, fields_told
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

ADMINISTRATORS = (PlatformRole.ADMINISTRATOR,)
AUDITORS = (PlatformRole.AUDITOR,)
# How many batches an approval applies before it answers; the sweep goes on with the rest.
ROUNDS_AT_ONCE = 20
SHOWN = 200


def approve_outage(outage: Outage, *, reason: str, by: Actor, at: datetime) -> object:
    """The second administrator's yes; what it reached is tolled at once."""
    approved = decide_outage(outage, approved=True, reason=reason, by=by, at=at)
    for _round in range(ROUNDS_AT_ONCE):
        if not toll_batch(approved, batch=BATCH, by=by, at=at):
            break
    return approved


def decline_outage(outage: Outage, *, reason: str, by: Actor, at: datetime) -> object:
    """The second administrator's no."""
    return decide_outage(outage, approved=False, reason=reason, by=by, at=at)


def _outage_proposed(outage: Outage) -> Iterator[str]:
    return fields_told(outage, "begins_at", "ends_at")


class ConfirmedReasonForm(ReasonForm):
    """For a decision about many cases at once: a reason, what is left out, and a deliberate yes."""

    leave_out = forms.CharField(
        label=_("Cases to leave out"),
        required=False,
        help_text=_("References such as ZA-2026-000418, separated by spaces: they are decided by themselves."),
    )
    confirmed = forms.BooleanField(label=_("Yes, excuse all other touched cases for this event"))


def grant_for_touched(
    declared: DeclaredEvent, *, reason: str, leave_out: str, confirmed: bool, by: Actor, at: datetime
) -> object:
    """Excuse every touched case but those left out, each by itself; a case with a claim of its own is passed over."""
    if not confirmed:
        raise RuleBroken("4.1.2", "not_confirmed", status=422, detail=_("Confirm the decision for all of them."))
    left_out = set(leave_out.upper().replace(",", " ").split())
    passed_over = []
    for appointment in list(touched_by(declared)):
        if appointment.case.reference in left_out:
            continue
        try:
            # Each is a command of its own, and so is its key.
            grant_for_event(declared, appointment, reason=reason, by=by.with_key(f"{by.key}/{appointment.pk}"), at=at)
        except RuleBroken as broken:
            if broken.code != "claim_open":
                raise
            passed_over.append(appointment.case.reference)
    if passed_over:
        raise RuleBroken(
            "4.1.2", "claim_open",
            detail=_("Done, but for %(cases)s: the seller’s own claim there is decided first.")
            % {"cases": ", ".join(passed_over)},
        )  # fmt: skip
    return declared


def end_for_all(declared: DeclaredEvent, *, ends_at: datetime, by: Actor, at: datetime) -> object:
    """End the event, and what it excuses in each case by itself; begun again, it goes on where it was broken off."""
    if declared.ends_at is None:
        declared = end_declared(declared, ends_at, by=by, at=at)
    for claim in lasting_claims(declared):
        end_event(claim, declared.ends_at or ends_at, by=by.with_key(f"{by.key}/{claim.pk}"), at=at)
    return declared


class OutageForm(forms.ModelForm[Outage]):
    """An incident that is over, to the minute."""

    begins_at = moment_field(_("Began"), required=True, help_text=_("In your own time zone."))
    ends_at = moment_field(_("Ended"), required=True)

    class Meta:
        model = Outage
        fields = ("begins_at", "ends_at", "reason")


@admin.register(Outage)
class OutageAdmin(Told, MasterDataAdmin):
    """Proposed by one administrator, approved by another; never changed."""

    form = OutageForm
    list_display = ("__str__", "state", "begins_at", "ends_at", "proposer", "approver")
    list_filter = ("state",)
    list_select_related = ("decision__proposer", "decision__approver")
    ordering = ("-id",)
    fields = ("begins_at", "ends_at", "reason")
    steps = (
        Step(
            "approve", _("Approve and toll all clocks"), approve_outage, ADMINISTRATORS,
            consequence=_("Every limit that the outage reached becomes longer by it, for both sides; deemed refusals that it overtakes are taken back."),
            offered=lambda outage: outage.state == "proposed", decides=decision_in("decision"),
            shows=_outage_proposed,
        ),
        Step(
            "decline", _("Decline"), decline_outage, ADMINISTRATORS,
            consequence=_("No limit moves."),
            offered=lambda outage: outage.state == "proposed", decides=decision_in("decision"),
            shows=_outage_proposed,
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), "reason"] if obj is not None else []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields if obj is None else (*self.fields, "state", "proposer", "approver")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_thing(self, thing: Any, by: Actor, at: datetime) -> Outage:
        return propose_outage(begins_at=thing.begins_at, ends_at=thing.ends_at, reason=thing.reason, by=by, at=at)

    @admin.display(description=_("proposed by"))
    def proposer(self, outage: Outage) -> str:
        return str(outage.decision.proposer) if outage.decision else "–"

    @admin.display(description=_("decided by"))
    def approver(self, outage: Outage) -> str:
        return str(outage.decision.approver or "–") if outage.decision else "–"

    def events_about(self, thing: Outage) -> QuerySet[Event]:
        return events_of(thing.cause)


class DeclaredEventForm(forms.ModelForm[DeclaredEvent]):
    """Place, time, source, and the duties as boxes to tick."""

    begins_at = moment_field(_("Began"), required=True, help_text=_("In your own time zone."))
    ends_at = moment_field(_("Ended"), help_text=_("Empty while it still lasts."))
    duties = forms.MultipleChoiceField(
        label=_("Duties it stops"), choices=Duty.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = DeclaredEvent
        fields = ("kind", "country", "city", "begins_at", "ends_at", "duties", "source")


@admin.register(DeclaredEvent)
class DeclaredEventAdmin(Told, MasterDataAdmin):
    """Declared by one of the staff; an auditor who did not declare it decides what it excuses."""

    form = DeclaredEventForm
    list_display = ("kind", "place", "begins_at", "ends_at", "declared_by", "declared_at")
    list_filter = ("kind", "country")
    list_select_related = ("declared_by",)
    ordering = ("-id",)
    steps = (
        Step(
            "excuse", _("Excuse all touched cases"), grant_for_touched, AUDITORS, "4.1.2",
            _("In each touched case the named duties stood still for the time of the event, as if its seller had claimed and proven it."),
            ConfirmedReasonForm,
        ),
        Step(
            "end", _("The event is over"), end_for_all, AUDITORS, "4.1.2",
            _("In each case that is excused for it, the limits that stood still run on from this instant."),
            EndForm, lambda declared: declared.ends_at is None or lasting_claims(declared).exists(),
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else list(self.get_fields(request, obj))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        typed = ["kind", "country", "city", "begins_at", "ends_at", "duties", "source"]
        if obj is None:
            return typed
        return [*("stopped" if name == "duties" else name for name in typed), "declared_by", "declared_at", "touched"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(cast(PersonRequest, request).user.platform_role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_thing(self, thing: Any, by: Actor, at: datetime) -> DeclaredEvent:
        return declare(
            kind=thing.kind, country=thing.country, city=thing.city, begins_at=thing.begins_at, ends_at=thing.ends_at,
            duties=thing.duties, source=thing.source, by=by, at=at,
        )  # fmt: skip

    @admin.display(description=_("duties it stops"))
    def stopped(self, declared: DeclaredEvent) -> str:
        return ", ".join(str(Duty(duty).label) for duty in declared.duties) or "–"

    @admin.display(description=_("touched cases"))
    def touched(self, declared: DeclaredEvent) -> SafeString | str:
        rows = [
            (
                reverse("admin:cases_serviceappointment_change", args=[appointment.pk]),
                appointment.case.reference,
                appointment.seller.name,
                appointment.get_state_display(),
            )
            for appointment in touched_by(declared)[:SHOWN]
        ]
        listed = format_html_join("", '<a href="{}">{}</a>: {}, {}<br>', rows)
        more = touched_by(declared).count() - len(rows)
        if more > 0:
            listed += format_html("{}", ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
        return listed or "–"

    def events_about(self, thing: DeclaredEvent) -> QuerySet[Event]:
        return events_of(thing.subject)
