"""Naming a person or a seller in a form of the staff, with and without scripts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.models import User


class PersonField(forms.ModelChoiceField[User]):
    """Somebody by the e-mail address they log in with: there are too many people for a list."""

    default_error_messages = {"invalid_choice": _("Nobody logs in with this e-mail address.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("The e-mail address they log in with."))
        super().__init__(
            User.objects.all(), to_field_name="email", widget=forms.EmailInput(attrs={"class": "vTextField"}), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        """The address, also where the form begins with a key."""
        if isinstance(value, int):
            value = User.objects.filter(pk=value).first() or value
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Addresses are stored in lower case."""
        return super().to_python(value.strip().lower() if isinstance(value, str) else value)
