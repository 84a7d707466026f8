"""A longer limit for one request: the seller asks, the buyer accepts or declines before it is due (2.3.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.actions import longer_limits
from cases.case_file import CaseFile
from cases.longer_choices import extendable
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages.forms import StepForm
from zestech_aftersales.pages.steps import Step
from zestech_aftersales.rulebook.limits import LIMITS

UNITS = {"hours": _("hours"), "days": _("natural days")}


class ProposeLongerForm(StepForm):
    """Which limit, how long it shall be, and why."""

    deadline = forms.TypedChoiceField(label=_("Limit"), coerce=int, widget=forms.RadioSelect)
    amount = forms.IntegerField(
        label=_("New length"), min_value=1,
        help_text=_("The whole length from its start, in the unit of the limit; longer than it is now."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The buyer reads it and decides."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = extendable(self.file.clocks)
        self.fields["deadline"].choices = [  # type: ignore[attr-defined]
            (
                row.pk,
                _now("%(limit)s: now %(length)s, told in %(unit)s")
                % {"limit": LIMITS[row.clock].label, "length": row.length_words, "unit": UNITS[LIMITS[row.clock].unit]},
            )
            for row in rows
        ]
        if rows:
            self.initial.setdefault("deadline", rows[0].pk)


class DeclineLongerForm(StepForm):
    """The no to a longer limit, with a word if one likes."""

    answer = forms.CharField(
        label=_("A word to the seller"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def _propose(file: CaseFile, form: ProposeLongerForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    row = next(row for row in file.clocks if row.pk == typed["deadline"])
    return longer_limits.propose_longer_limit(row, typed["amount"], typed["reason"], by=by, at=at)


def _accept(file: CaseFile, _form: StepForm, by: Actor, at: datetime) -> object:
    return longer_limits.accept_longer_limit(_proposal(file), by=by, at=at)


def _decline(file: CaseFile, form: DeclineLongerForm, by: Actor, at: datetime) -> object:
    return longer_limits.decline_longer_limit(_proposal(file), form.cleaned_data["answer"], by=by, at=at)


def _proposal(file: CaseFile) -> Any:
    # The page may be older than the case: the action says what became of the proposal.
    return file.longer_limit or file.longer_limits[-1]


LONGER_LIMIT_STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "propose_longer", _("Ask for a longer limit"), _("Ask the buyer"), _("The buyer is asked for a longer limit."),
            ProposeLongerForm, _propose,
            _("The limit runs on as it is. It becomes longer only if the buyer accepts before it is due."), "2.3.3",
            template="case/new_date.html",
        ),
        Step(
            "accept_longer", _("Accept the longer limit"), _("Accept it"), _("The longer limit holds for this request."),
            StepForm, _accept,
            _("You give the seller more time for this one request. This cannot be taken back; every other limit and promise stays as it is."),
            "2.3.3", template="case/longer_limit.html", names="longer_limit",
        ),
        Step(
            "decline_longer", _("Decline the longer limit"), _("Decline it"), _("Your answer is sent. The limit stays as it is."),
            DeclineLongerForm, _decline, _("The limit stays what it is."), "2.3.3",
            template="case/longer_limit.html", names="longer_limit",
        ),
    )
}  # fmt: skip
