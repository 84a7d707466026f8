"""The buyer's steps at the end of a case: sign off or object, close it, reopen it (2.1.1, 2.3.4)."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions import acknowledged, case_life, sign_offs
from cases.case_file import CaseFile
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages.forms import MomentField, ReasonForm, StepForm
from zestech_aftersales.pages.steps import Step


def _sign_off(file: CaseFile, _form: StepForm, by: Actor, at: datetime) -> object:
    return sign_offs.sign_off(file.appointment, by=by, at=at)


def _object(file: CaseFile, form: ReasonForm, by: Actor, at: datetime) -> object:
    return sign_offs.object_to(file.appointment, form.cleaned_data["reason"], by=by, at=at)


class AcknowledgeForm(StepForm):
    """When the seller's answer reached the buyer, and what it said."""

    answered_at = MomentField(label=_("When did it reach you?"), help_text=_("In your own time zone."))
    words = forms.CharField(
        label=_("What did the seller answer?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("As the seller wrote or said it: who comes, when, and at what price."),
    )  # fmt: skip


def _acknowledge(file: CaseFile, form: AcknowledgeForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return acknowledged.acknowledge_answer(file.appointment, typed["words"], typed["answered_at"], by=by, at=at)


def _close(file: CaseFile, _form: StepForm, by: Actor, at: datetime) -> object:
    return case_life.close_case(file.case, by=by, at=at)


def _reopen(file: CaseFile, form: ReasonForm, by: Actor, at: datetime) -> object:
    return case_life.reopen_case(file.case, form.cleaned_data["reason"], by=by, at=at)


LIFE_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "sign_off", _("Sign off the service"), _("Sign it off"), _("The service is signed off."),
            StepForm, _sign_off, _("You confirm what the report says. The case is closed; you can reopen it while your cover runs."),
            "2.1.1", template="case/new_date.html",
        ),
        Step(
            "object", _("The service is not done"), _("Object"), _("Your objection is recorded. The case is open again."),
            ReasonForm, _object, _("Say what is not done. The case is open again, and you can book another visit in it."),
            "2.1.1", template="case/new_date.html",
        ),
        Step(
            "acknowledge_answer", _("The answer reached me in time"), _("Acknowledge the answer"),
            _("Your word is kept as evidence. Support reads it; as an offer or a confirmation it takes the refusal back."),
            AcknowledgeForm, _acknowledge,
            _("The request counts as refused because no answer of the seller is known in time. If one reached you elsewhere, say when and what it said."),
            "2.3.1",
        ),
        Step(
            "close_case", _("Close the case"), _("Close the case"), _("The case is closed."),
            StepForm, _close, _("Nothing more is wanted in this case. You can reopen it while your cover runs."), "2.3.4",
        ),
        Step(
            "reopen_case", _("Reopen the case"), _("Reopen the case"), _("The case is open again. Book the next service in it."),
            ReasonForm, _reopen, _("For the same fault that is back or was never gone. A limit begins when you book."), "2.3.4",
        ),
    )
}  # fmt: skip
