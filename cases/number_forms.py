"""All numbers of the rules as fields of a form, each with its unit, held against the edition in force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import EditionDraft, Simulation
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.editions import LARGEST, UNITS, EditionNumbers, InvalidNumbersError, known_zones
from zestech_aftersales.rulebook.numbers import SENSES, number_name, number_words, sense_of
from zestech_aftersales.rulebook.publication import days_span

UNIT_WORDS = {
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("natural days"),
    "years": gettext_lazy("years"),
    "count": gettext_lazy("times"),
}


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(known_zones())]


def number_field(name: str) -> forms.Field:
    """The field of one number."""
    label: Any = number_name(name)[1]
    match UNITS[name]:
        case "zone":
            return forms.ChoiceField(label=label, choices=_zones)
        case "switch":
            return forms.BooleanField(label=label, required=False)
        case unit:
            return forms.IntegerField(label=label, min_value=1, max_value=LARGEST[unit])


class NumbersForm(forms.Form):
    """The numbers; `in_force` is the law that each is held against, set before the form is made."""

    in_force: EditionNumbers | None = None

    # A field for each number that an edition has, in the order of the rulebook.
    vars().update({name: number_field(name) for name in UNITS})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instance: Any = kwargs.get("instance")
        law = self.in_force
        stored = dict(instance.numbers) if instance is not None and instance.pk else law.to_json() if law else {}
        for name in UNITS:
            self.initial.setdefault(name, stored.get(name))
            if law is not None:
                self._hold_against(law, name)

    def _hold_against(self, law: EditionNumbers, name: str) -> None:
        """Say what is in force, and mark what differs from it."""
        field, clause = self.fields[name], number_name(name)[0]
        sense = sense_of(name, getattr(law, name), self.initial[name])
        told = [str(UNIT_WORDS.get(UNITS[name], "")), _("rule %(clause)s") % {"clause": clause}]
        told.append(_("in force: %(words)s") % {"words": number_words(law, name)})
        if sense:
            told.append(_("changed: %(sense)s") % {"sense": SENSES[sense]})
            field.widget.attrs["class"] = f"changed changed-{sense}"
        field.help_text = " · ".join(words for words in told if words)

    def clean(self) -> dict[str, Any]:
        """Numbers that contradict each other are told at their field."""
        answers: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.numbers = EditionNumbers.from_json({name: answers[name] for name in UNITS}).to_json()
            except InvalidNumbersError as invalid:
                for name, error in invalid.errors.items():
                    self.add_error(name, error)
        return answers


class DraftForm(NumbersForm, forms.ModelForm[EditionDraft]):
    """A draft: what it is to change, and all numbers."""

    class Meta:
        model = EditionDraft
        fields = ("title",)

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if not self.errors:
            self.instance.numbers = self.numbers
        return answers


class SimulationForm(NumbersForm, forms.ModelForm[Simulation]):
    """A run: numbers, perhaps those of a draft, and the days whose requests are counted."""

    first_day = forms.DateField(
        label=gettext_lazy("Requests received from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=gettext_lazy("until and with"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Days in the zone of the numbers below."),
    )

    class Meta:
        model = Simulation
        fields = ("draft", "seller")

    def clean(self) -> dict[str, Any]:
        """A day before the first one is no end; numbers that were changed here are no draft’s any more."""
        answers = super().clean()
        first, last = answers.get("first_day"), answers.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first one."))
        if not self.errors and first and last:
            try:
                days_span(first, last, EditionNumbers.from_json(self.numbers))
            except RuleBroken as broken:
                self.add_error("first_day", str(broken.detail))
        draft = answers.get("draft")
        if not self.errors and draft is not None and draft.numbers != self.numbers:
            answers["draft"] = None
        return answers
