"""The form with which anybody can count a limit."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.limits import LIMITS, limit_due
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.periods import Pause
from zestech_aftersales.rulebook.queries import editions

#: What a calendar can be trusted with.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _instant(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")
    return forms.DateTimeField(
        label=label,
        required=required,
        widget=widget,
        help_text=help_text,
        validators=[MinValueValidator(_EARLIEST), MaxValueValidator(_LATEST)],
    )


class CountForm(forms.Form):
    """A limit, when it starts, and one time in which it stands still."""

    kind = forms.ChoiceField(
        label=_("Which limit"), choices=lambda: [(each.kind, each.label) for each in LIMITS.values()]
    )
    start = _instant(_("It starts"), help_text=_("In your own time zone."))
    edition = forms.ModelChoiceField(RuleEdition.objects.none(), label=_("Edition of the rules"), empty_label=None)
    pause_begin = _instant(_("It stands still from"), required=False, help_text=_("Leave empty if it never does."))
    pause_end = _instant(_("It stands still until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].queryset = editions()  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean(self) -> dict[str, Any]:
        """A pause has both ends, in order, and belongs to a limit that can stand still."""
        answers: dict[str, Any] = super().clean() or {}
        begin, end = answers.get("pause_begin"), answers.get("pause_end")
        if self.errors or not (begin or end):
            return answers
        if begin is None:
            self.add_error("pause_begin", _("Say from when it stands still."))
        elif end is None:
            self.add_error("pause_end", _("Say until when it stands still. Until then it has no end."))
        elif end < begin:
            self.add_error("pause_end", _("It cannot go on before it stands still."))
        elif LIMITS[answers["kind"]].unit == "years":
            self.add_error("pause_begin", _("Years never stand still; leave this empty."))
        return answers

    def due(self) -> datetime | None:
        """The due instant of what was asked; the form must be valid."""
        asked = self.cleaned_data
        pauses = [Pause(asked["pause_begin"], asked["pause_end"])] if asked["pause_begin"] else []
        return limit_due(asked["kind"], asked["start"], asked["edition"].law, pauses=pauses)
