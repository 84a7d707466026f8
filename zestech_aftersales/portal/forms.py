"""The questions of the four booking steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sellers.models import ServicePoint
from zestech_aftersales.pages.forms import PhotosField, ask_for
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.ui.keyed import KeyedForm


class FaultForm(forms.Form):
    """Step 2: what is wrong, what service is wanted, photos."""

    title = forms.CharField(label=_("The fault in a few words"), max_length=140)
    description = forms.CharField(
        label=_("Describe it"), max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happens, since when, which messages are shown, which car it is."),
    )  # fmt: skip
    service_type = forms.ChoiceField(label=_("Which service do you need?"), choices=())
    photos = PhotosField()
    drop_photos = forms.BooleanField(label=_("Remove the photos chosen before"), required=False)

    def __init__(self, *args: Any, services: list[str], has_photos: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(value, ServiceType(value).label) for value in services]
        self.fields["service_type"].choices = choices  # type: ignore[attr-defined]
        # Who is unsure has a fault; guidance by video, the first of the list, can be booked without a visit only.
        self.fields["service_type"].initial = ServiceType.FAULT_DETECTION
        if not has_photos:
            del self.fields["drop_photos"]


class MethodForm(KeyedForm):
    """Step 3: method, place and the wish for a time; what the method does not need is not asked for."""

    method = forms.ChoiceField(label=_("Method"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=_("Service point and time"), required=False, widget=forms.RadioSelect)
    address = forms.CharField(label=_("Street and number"), max_length=300, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$", label=_("Country"), required=False, help_text=_("Two letters, such as DE.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    wish = forms.CharField(
        label=_("When would it suit you?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, methods: list[str], places: list[tuple[str, list[tuple[str, str]]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(value, label) for value, label in ServiceMethod.choices if value in methods]
        self.fields["method"].choices = choices  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.places = places
        ask_for(self, ("address", "city", "country", "phone"))

    def clean(self) -> dict[str, Any]:
        """A door visit needs an address, a service point needs a place."""
        cleaned = super().clean() or {}
        if cleaned.get("method") == ServiceMethod.DOOR:
            for name in ("address", "city", "country", "phone"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("The engineer needs this to find you."))
        if cleaned.get("method") == ServiceMethod.POINT and not cleaned.get("place") and "place" not in self.errors:
            self.add_error("place", _("Choose a service point and a time."))
        cleaned["country"] = str(cleaned.get("country", "")).upper()
        return cleaned


class CheckForm(KeyedForm):
    """Step 4: nothing to type, only to send; the draft's key makes a second click harmless."""


def place_value(point: ServicePoint, starts_at: datetime | None) -> str:
    """A point and one of its slots (or no slot) as a form value."""
    return f"{point.pk}@{starts_at.isoformat() if starts_at else ''}"


def place_of(value: str) -> tuple[int, datetime | None]:
    """The point's id and the slot that a form value means."""
    point, _sign, starts_at = value.partition("@")
    return int(point), datetime.fromisoformat(starts_at) if starts_at else None
