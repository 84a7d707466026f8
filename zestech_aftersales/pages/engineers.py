"""The choice of an engineer in a form: who can make the visit, and what each of them has before him (2.2.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from cases.case_file import CaseFile
from cases.planning import Taken, fitting, taken_times
from cases.terms import Window
from sellers import queries as sellers
from zestech_aftersales.ui.instants import instant_words


def choose_engineer(form: forms.Form, file: CaseFile, windows: list[Window], *, nobody: str | None = None) -> None:
    """The seller's engineers, those who can make the visit first; of the others why they cannot.

    `nobody` is what choosing none of them means. Below the list stands what they have before them already, so that nobody is planned for two visits at one time.
    """
    appointment = file.appointment
    engineers = sellers.engineers_of(appointment.seller_id)
    judged = fitting(list(engineers), appointment, windows)
    fit = [(each.pk, str(each)) for each, why in judged if why is None]
    unfit = [(each.pk, f"{each} – {why.label}") for each, why in judged if why is not None]
    field: Any = form.fields["engineer"]
    field.queryset = engineers
    field.choices = [("", nobody or _("nobody of them")), *fit, *([(_("Not for this visit"), unfit)] if unfit else [])]
    if taken := taken_times([each for each, _why in judged], appointment, at=file.at):
        field.help_text = _("Planned already: %(visits)s.") % {"visits": "; ".join(map(_in_words, taken))}


def _in_words(taken: Taken) -> str:
    begin, end = instant_words(taken.starts_at, "short"), instant_words(taken.ends_at, "time")
    return f"{taken.engineer}: {begin} – {end}"
