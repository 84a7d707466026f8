"""Forms of the staff desk."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
