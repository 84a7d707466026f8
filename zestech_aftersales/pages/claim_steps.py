"""The seller's steps around an exclusion: claim it, prove it, say when it is over, take it back (4.1.1 to 4.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions import exclusions
from cases.case_file import CaseFile
from cases.models import Clock, Duty, EventKind, Ground
from cases.terms import ClaimTerms
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages.forms import MomentField, OptionalReasonForm, PhotosField, StepForm, ask_for
from zestech_aftersales.pages.steps import Step

NATURE = (
    EventKind.TYPHOON, EventKind.TORRENTIAL_RAIN, EventKind.HAIL, EventKind.EARTHQUAKE, EventKind.TSUNAMI,
    EventKind.FLOOD, EventKind.VOLCANIC_ERUPTION, EventKind.LANDSLIDE, EventKind.OTHER_DISASTER,
)  # fmt: skip
ABNORMAL = (
    EventKind.WAR, EventKind.RIOT, EventKind.FIRE, EventKind.EXPLOSION, EventKind.TOXIC_LEAK, EventKind.EPIDEMIC,
    EventKind.OTHER_EVENT,
)  # fmt: skip
GOVERNMENT = (EventKind.CONTROL, EventKind.BAN, EventKind.EXPROPRIATION, EventKind.OTHER_ACT)


class ClaimForm(StepForm):
    """What kept the seller from serving; the event's own fields are needed for force majeure only."""

    ground = forms.ChoiceField(label=_("Ground"), choices=Ground.choices, initial=Ground.FORCE_MAJEURE)
    kind = forms.ChoiceField(
        label=_("Kind of event"),
        required=False,
        choices=[
            ("", _("No event")),
            (_("Natural disasters"), [(kind.value, kind.label) for kind in NATURE]),
            (_("Abnormal events"), [(kind.value, kind.label) for kind in ABNORMAL]),
            (_("Acts of government"), [(kind.value, kind.label) for kind in GOVERNMENT]),
        ],
        help_text=_("For force majeure. The fields below tell about this event."),
    )
    place = forms.CharField(label=_("Place of the event"), max_length=200, required=False)
    begins_at = MomentField(label=_("It began"), required=False, help_text=_("In your own time zone."))
    ends_at = MomentField(label=_("It ended"), required=False, help_text=_("Leave empty while it still lasts."))
    duties = forms.MultipleChoiceField(
        label=_("What it makes impossible"),
        choices=Duty.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only these stand still. An event that stops a visit rarely stops a reply."),
    )
    statement = forms.CharField(
        label=_("What happened, and how you prove it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    photos = PhotosField(label=_("Photos as proof"), help_text=_("Proof can be added later, within its limit."))

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for(self, ("kind", "place", "begins_at", "duties"))
        other = {Clock.SOLUTION} if self.file.appointment.is_door else {Clock.RESPONSE, Clock.CONFIRMATION}
        duties = [(value, label) for value, label in Duty.choices if value not in other]
        self.fields["duties"].choices = duties  # type: ignore[attr-defined]

    @property
    def terms(self) -> ClaimTerms:
        """The claim as typed; the action says what is missing."""
        return ClaimTerms(**{name: value for name, value in self.cleaned_data.items() if name != "key"})


class ProofForm(StepForm):
    """Further evidence."""

    statement = forms.CharField(
        label=_("What proves it"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField(label=_("Photos as proof"), help_text=_("Everybody of the case sees them."))


class EndForm(StepForm):
    """When the event was over."""

    ends_at = MomentField(label=_("It ended"), help_text=_("In your own time zone."))


def _claim(file: CaseFile, form: ClaimForm, by: Actor, at: datetime) -> object:
    return exclusions.file_claim(file.appointment, form.terms, by=by, at=at)


def _add_proof(file: CaseFile, form: ProofForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return exclusions.add_proof(file.claims[-1], typed["statement"], typed["photos"], by=by, at=at)


def _end_event(file: CaseFile, form: EndForm, by: Actor, at: datetime) -> object:
    lasting = next((claim for claim in file.claims if claim.still_lasts), file.claims[-1])
    return exclusions.end_event(lasting, form.cleaned_data["ends_at"], by=by, at=at)


def _withdraw(file: CaseFile, form: OptionalReasonForm, by: Actor, at: datetime) -> object:
    return exclusions.withdraw_claim(file.claims[-1], reason=form.cleaned_data["reason"], by=by, at=at)


CLAIM_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "claim", _("Claim an exclusion"), _("File the claim"), _("The claim is filed. An auditor decides."),
            ClaimForm, _claim,
            _("For what nobody could foresee, avoid or overcome, or for the buyer’s own reasons. Give notice within the limit after the event began. Until the decision the named limits stand still; if it is rejected, they count as if they had never stood."),
            "4.1.2",
        ),
        Step(
            "add_proof", _("Add proof to the claim"), _("Add the proof"), _("The proof is with the auditors."),
            ProofForm, _add_proof, _("Without proof in time the claim lapses, and the limits count as before."), "4.1.2",
        ),
        Step(
            "end_event", _("The event is over"), _("Save the end"), _("Saved: your limits run on."),
            EndForm, _end_event, _("The limits that stood still run on from this instant."), "4.1.2",
        ),
        Step(
            "withdraw_claim", _("Withdraw the claim"), _("Withdraw the claim"), _("The claim is withdrawn."),
            OptionalReasonForm, _withdraw, _("The limits count as if nothing had been claimed."), is_grave=True,
        ),
    )
}  # fmt: skip
