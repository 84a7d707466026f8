"""Forms of the staff desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.desk.charts import WEEKS_AT_MOST


class SaveFilterForm(forms.Form):
    """A name for the filter of a list."""

    list = forms.CharField(widget=forms.HiddenInput, max_length=100)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    name = forms.CharField(label=_("Save this filter as"), max_length=80)


class RenameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=_("Name"), max_length=80)


class SpanForm(forms.Form):
    """From which day until which one figures are shown; whole weeks."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first one."))
        elif first and last and last - first >= timedelta(weeks=WEEKS_AT_MOST):
            self.add_error("last", _("At most %(weeks)d weeks are shown at once.") % {"weeks": WEEKS_AT_MOST})
        return cleaned
