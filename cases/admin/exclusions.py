"""Exclusion claims at the staff desk: auditors grant, grant in part, reject, and revoke by two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cases.actions.claim_rulings import decide_revocation, grant, open_revocations, propose_revocation, reject
from cases.actions.exclusions import end_event
from cases.admin.search import ByReference
from cases.models import ClaimProof, Duty, ExclusionClaim, Ground
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.staff import ReadOnlyRows, ReasonForm, Step, fields_told
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of
from zestech_aftersales.ui.instants import instant_words

AUDITORS = (PlatformRole.AUDITOR,)


def moment_field(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateTimeField:
    """A date and time in the viewer's own zone."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=widget)


class PartForm(ReasonForm):
    """What part of a claim is granted; what is left empty stays as claimed."""

    begins_at = moment_field(_("Granted from"), help_text=_("In your own time zone. Empty: from the claimed begin."))
    ends_at = moment_field(_("Granted until"), help_text=_("Empty: until the claimed end."))
    duties = forms.MultipleChoiceField(
        label=_("Duties granted"),
        choices=Duty.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all that were claimed."),
    )


class EndForm(forms.Form):
    """When an event was over."""

    ends_at = moment_field(_("It ended"), required=True, help_text=_("In your own time zone."))


class EarlierEndForm(ReasonForm):
    """When an event was over before its granted end, and how that is known."""

    ends_at = moment_field(_("It ended"), required=True, help_text=_("In your own time zone."))


def grant_whole(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> object:
    """Grant all that was claimed."""
    return grant(claim, reason=reason, by=by, at=at)


def grant_part(
    claim: ExclusionClaim, *, reason: str, begins_at: datetime | None, ends_at: datetime | None, duties: list[str],
    by: Actor, at: datetime,
) -> object:  # fmt: skip
    """Grant a shorter interval or fewer duties."""
    return grant(claim, reason=reason, begins_at=begins_at, ends_at=ends_at, duties=duties or None, by=by, at=at)


def grant_and_end(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> object:
    """Grant, and end the request: the service can no longer be given."""
    return grant(claim, reason=reason, excludes=True, by=by, at=at)


def approve_revocation(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> object:
    """The second auditor's yes."""
    return decide_revocation(claim, approved=True, reason=reason, by=by, at=at)


def decline_revocation(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> object:
    """The second auditor's no."""
    return decide_revocation(claim, approved=False, reason=reason, by=by, at=at)


def _is_event_in_review(claim: ExclusionClaim) -> bool:
    return claim.state == "in_review" and claim.ground == Ground.FORCE_MAJEURE


def _in_words(duties: list[str]) -> str:
    return ", ".join(str(Duty(duty).label) for duty in duties) or "–"


def _revocation_proposed(claim: ExclusionClaim) -> list[str]:
    """Whose grant it is, and what it has excused; of the buyer's reasons and abuse there is no interval."""
    granted = ("granted_begins_at", "granted_ends_at") if claim.granted_begins_at else ()
    return [
        *fields_told(claim.appointment, "case", "seller", "buyer"),
        *fields_told(claim, "ground", "kind", "place", *granted),
        f"{capfirst(str(_('duties granted')))}: {_in_words(claim.granted_duties)}",
        *fields_told(claim, "decided_by", "reason"),
    ]


class ProofRows(ReadOnlyRows):
    model = ClaimProof
    fields = readonly_fields = ("received_at", "author", "words", "photos")

    def get_queryset(self, request: Any) -> QuerySet[ClaimProof]:
        return super().get_queryset(request).select_related("message").prefetch_related("message__attachments")

    @admin.display(description=_("received"))
    def received_at(self, proof: ClaimProof) -> str:
        return instant_words(proof.message.received_at)

    @admin.display(description=_("author"))
    def author(self, proof: ClaimProof) -> str:
        return proof.message.author_name

    @admin.display(description=_("evidence"))
    def words(self, proof: ClaimProof) -> str:
        return proof.message.body

    @admin.display(description=_("photos"))
    def photos(self, proof: ClaimProof) -> SafeString | str:
        links = [(photo.get_absolute_url(), photo.name) for photo in proof.message.attachments.all()]
        return format_html_join(" ", '<a href="{}">{}</a>', links) or "–"


@admin.register(ExclusionClaim)
class ExclusionClaimAdmin(ByReference):
    list_display = (
        "appointment",
        "ground",
        "kind",
        "place",
        "state",
        "begins_at",
        "ends_at",
        "filed_at",
        "proof_due_at",
    )
    list_filter = ("state", "ground", "kind")
    search_fields = ("place", "appointment__case__cover__order__number__iexact")
    list_select_related = ("appointment__case", "appointment__seller", "appointment__buyer", "decided_by")
    ordering = ("-id",)
    case_lookup = "appointment__case_id"
    inlines = (ProofRows,)
    readonly_fields = ("stopped", "granted_for")
    fieldsets = (
        (
            None,
            {"fields": ("appointment", "ground", "state", "filed_by", "filed_at", "proof_due_at", "code", "declared")},
        ),
        (_("The event"), {"fields": ("kind", "place", "begins_at", "ends_at", "stopped", "is_provisional", "visit")}),
        (
            _("The decision"),
            {"fields": ("decided_by", "decided_at", "reason", "granted_begins_at", "granted_ends_at", "granted_for")},
        ),
    )
    steps = (
        Step(
            "grant", _("Grant"), grant_whole, AUDITORS,
            consequence=_("The claimed duties stood still for the claimed time. The buyer’s reasons and abuse end the request; the cover stays."),
            offered=lambda claim: claim.state == "in_review",
        ),
        Step(
            "grant-part", _("Grant in part"), grant_part, AUDITORS, "4.1.2",
            _("Only the interval and the duties named here stood still; the rest counts as if it had not been claimed."),
            PartForm, _is_event_in_review,
        ),
        Step(
            "grant-end", _("Grant and end the request"), grant_and_end, AUDITORS, "4.1.2",
            _("Only where the service can no longer be given: the request ends without a breach."),
            offered=_is_event_in_review,
        ),
        Step(
            "reject", _("Reject"), reject, AUDITORS,
            consequence=_("The pauses are void: what came meanwhile counts by the old limits."),
            offered=lambda claim: claim.state == "in_review",
        ),
        Step(
            "end-event", _("The event is over"), end_event, AUDITORS, "4.1.2",
            _("The limits that stood still run on from this instant."), EndForm, lambda claim: claim.still_lasts,
        ),
        Step(
            "end-earlier", _("The event ended earlier"), end_event, AUDITORS, "4.1.2",
            _("The rest of what was granted is as if it had never been: what came meanwhile counts by the shorter limits."),
            EarlierEndForm, lambda claim: claim.is_granted and claim.granted_ends_at is not None,
        ),
        Step(
            "propose-revocation", _("Propose to revoke"), propose_revocation, AUDITORS,
            consequence=_("Another auditor decides. Revoked, the grant is as if it had never been."),
            offered=lambda claim: claim.is_granted,
        ),
        Step(
            "revoke", _("Approve the revocation"), approve_revocation, AUDITORS,
            consequence=_("The grant is as if it had never been: what came meanwhile counts by the old limits."),
            offered=lambda claim: claim.is_granted, decides=open_revocations, shows=_revocation_proposed,
        ),
        Step(
            "keep", _("Decline the revocation"), decline_revocation, AUDITORS,
            consequence=_("The grant stands."), offered=lambda claim: claim.is_granted,
            decides=open_revocations, shows=_revocation_proposed,
        ),
    )  # fmt: skip

    @admin.display(description=_("duties it stops"))
    def stopped(self, claim: ExclusionClaim) -> str:
        return _in_words(claim.duties)

    @admin.display(description=_("duties granted"))
    def granted_for(self, claim: ExclusionClaim) -> str:
        return _in_words(claim.granted_duties)

    def events_about(self, thing: ExclusionClaim) -> QuerySet[Event]:
        return events_of(f"case/{thing.appointment.case_id}").filter(subject=thing.cause)
