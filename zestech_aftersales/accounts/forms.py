"""What people say about themselves: at sign-up and on their profile."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.models import Language, User

ZoneChoices = list[tuple[str, str | list[tuple[str, str]]]]


def zone_choices() -> ZoneChoices:
    """The places of the IANA list by part of the world, UTC first."""
    named = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    areas: ZoneChoices = [
        (area, [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for area, names in groupby(named, key=lambda name: name.partition("/")[0])
    ]
    return [("UTC", "UTC"), *areas]


class SignUpForm(forms.Form):
    """What allauth's sign-up form asks beside address and password."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        initial="UTC",
        help_text=_("All times are shown in this zone. You can change it later."),
    )

    field_order = ["email", "name", "time_zone", "password1", "password2"]

    def signup(self, _request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.time_zone = self.cleaned_data["time_zone"]
        spoken = get_language()
        if spoken in Language.values:
            user.language = spoken
        user.save(update_fields=["name", "time_zone", "language"])


class TimeOfDay(forms.TimeInput):
    """The browser's own control for hours and minutes."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name", "time_zone", "language", "quiet_from", "quiet_until", "digest_at")
        labels = {
            "name": _("Your name"),
            "time_zone": _("Time zone"),
            "language": _("Language"),
            "quiet_from": _("No e-mail from"),
            "quiet_until": _("No e-mail until"),
            "digest_at": _("One e-mail a day at"),
        }
        help_texts = {
            "time_zone": _("All times are shown in this zone, beside the platform's."),
            "quiet_from": _("In your time zone; it may go past midnight. Empty: e-mails come at any time."),
            "quiet_until": _(
                "E-mails wait until then. The last reminder before a limit and the news that one has passed "
                "come at once all the same. No limit ever waits for your quiet hours."
            ),
            "digest_at": _(
                "All notices of a day in one e-mail; what cannot wait still comes at once. "
                "Empty: each notice by itself. Here in the application you see every notice at once."
            ),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "quiet_from": TimeOfDay(),
            "quiet_until": TimeOfDay(),
            "digest_at": TimeOfDay(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = zone_choices()
        current = self.instance.time_zone
        if not any(current == name or (isinstance(rest, list) and (current in dict(rest))) for name, rest in choices):
            choices.insert(0, (current, current))
        self.fields["time_zone"] = forms.ChoiceField(
            label=self.fields["time_zone"].label,
            help_text=self.fields["time_zone"].help_text,
            choices=choices,
        )
