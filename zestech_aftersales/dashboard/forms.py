"""What sellers type about their own things: service points, engineers, the programme."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sellers.models import Engineer, ServicePoint
from sellers.slots import DAYS, HoursError, read_hours
from zestech_aftersales.accounts.forms import zone_choices
from zestech_aftersales.rulebook.services import ServiceType
from zestech_aftersales.ui.keyed import KeyedForm

DAY_NAMES = dict(
    zip(
        DAYS,
        (
            gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
            gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
        ),
        strict=True,
    )
)  # fmt: skip


class HoursField(forms.CharField):
    """The opening hours of a day, `09:00-12:30, 13:30-17:00`; cleans to pairs of times."""

    def __init__(self, day: str, empty: str | Promise = "") -> None:
        self.day = day
        hint = forms.TextInput(attrs={"placeholder": empty or pgettext("opening hours", "closed")})
        super().__init__(label=DAY_NAMES[day], required=False, max_length=120, widget=hint)

    def clean(self, value: Any) -> list[list[str]]:
        """The windows of the day; ValidationError says what cannot be read."""
        text = super().clean(value).replace("–", "-")
        windows = [[end.strip() for end in part.split("-")] for part in text.split(",") if part.strip()]
        try:
            read_hours({self.day: windows})
        except HoursError as broken:
            raise forms.ValidationError(_("Write hours as 09:00-12:30, 13:30-17:00.")) from broken
        return windows

    @staticmethod
    def text(windows: list[list[str]]) -> str:
        """How the hours of a day are typed."""
        return ", ".join("-".join(window) for window in windows)


class DaysField(forms.CharField):
    """Dates, one a line; cleans to a sorted list of ISO dates without doubles."""

    def clean(self, value: Any) -> list[str]:
        """The dates; ValidationError names the one that cannot be read."""
        words = super().clean(value).replace(",", " ").split()
        for word in words:
            try:
                date.fromisoformat(word)
            except ValueError as unreadable:
                raise forms.ValidationError(
                    _("%(day)s is no date. Write dates like 2026-12-25.") % {"day": word}
                ) from unreadable
        return sorted({date.fromisoformat(word).isoformat() for word in words})


class ZoneField(forms.ChoiceField):
    """A time zone by its name."""

    def __init__(self) -> None:
        super().__init__(label=gettext_lazy("Time zone"), choices=zone_choices)


class CountryField(forms.RegexField):
    """Two letters, in capitals whatever was typed."""

    def __init__(self) -> None:
        super().__init__(
            r"^[A-Z]{2}$", label=gettext_lazy("Country"), help_text=gettext_lazy("Two letters, such as DE.")
        )

    def to_python(self, value: Any) -> str:
        """The letters in capitals."""
        return str(super().to_python(value)).upper()


class PointForm(KeyedForm):
    """A service point: where, when, how many at a time."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    address = forms.CharField(label=gettext_lazy("Street and number"), max_length=240)
    city = forms.CharField(label=gettext_lazy("City"), max_length=80)
    country = CountryField()
    time_zone = ZoneField()
    slot_minutes = forms.IntegerField(label=gettext_lazy("Minutes for one visit"), min_value=5, max_value=1440)
    capacity = forms.IntegerField(label=gettext_lazy("Units served at the same time"), min_value=1, max_value=1000)
    closed_days = DaysField(
        label=gettext_lazy("Closed days"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One date a line, like 2026-12-25."),
    )  # fmt: skip
    has_published_slots = forms.BooleanField(
        label=gettext_lazy("Buyers choose a free time themselves"), required=False,
        help_text=gettext_lazy("Otherwise the buyer books the point, and you offer a time."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("Open for bookings"), required=False)

    def __init__(self, *args: object, point: ServicePoint | None = None, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in DAYS:
            self.fields[day] = HoursField(day)
        if point is None:
            fresh = ServicePoint(time_zone=zone)
            self._fill_in(fresh)
        else:
            self._fill_in(point)

    def _fill_in(self, point: ServicePoint) -> None:
        for name in self.fields:
            if hasattr(point, name) and name != "closed_days":
                self.initial.setdefault(name, getattr(point, name))
        self.initial.setdefault("closed_days", "\n".join(point.closed_days))
        for day in DAYS:
            self.initial.setdefault(day, HoursField.text(point.opening_hours.get(day, [])))

    @property
    def day_fields(self) -> list[Any]:
        """The fields of the opening hours."""
        return [self[day] for day in DAYS]

    @property
    def values(self) -> dict[str, Any]:
        """The point's columns as typed."""
        typed = {name: value for name, value in self.cleaned_data.items() if name not in (*DAYS, "key")}
        hours = {day: self.cleaned_data[day] for day in DAYS if self.cleaned_data[day]}
        return {**typed, "opening_hours": hours}


class NamesField(forms.CharField):
    """Names with commas between them; cleans to a list without doubles."""

    def clean(self, value: Any) -> list[str]:
        """The names in the order typed."""
        text = super().clean(value)
        return list(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


class EngineerForm(KeyedForm):
    """An engineer: who, what they can do, where they go."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    user: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=gettext_lazy("Log-in"), queryset=None, required=False, empty_label=gettext_lazy("no log-in"),
        help_text=gettext_lazy("A member with the seat “engineer” sees and serves exactly these visits."),
    )  # fmt: skip
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("Services"), choices=ServiceType.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None ticked: every service."),
    )  # fmt: skip
    areas = NamesField(
        label=gettext_lazy("Areas"), required=False, max_length=1000,
        help_text=gettext_lazy("With commas between them: countries (AE), cities (Berlin), cities of a country (DE Frankfurt). Empty: everywhere."),
    )  # fmt: skip
    time_zone = ZoneField()
    days_off = DaysField(
        label=gettext_lazy("Days off"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One date a line, like 2026-12-25, in the engineer’s time zone."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("Takes visits"), required=False)

    def __init__(
        self, *args: object, members: Any, engineer: Engineer | None = None, zone: str = "UTC", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(Any, self.fields["user"]).queryset = members
        shown = engineer or Engineer(time_zone=zone)
        for name in ("name", "user", "skills", "time_zone", "is_active"):
            self.initial.setdefault(name, getattr(shown, name))
        self.initial.setdefault("areas", ", ".join(shown.areas))
        self.initial.setdefault("days_off", "\n".join(shown.days_off))
        for day in DAYS:
            self.fields[day] = HoursField(day, empty=gettext_lazy("off"))
            self.initial.setdefault(day, HoursField.text(shown.working_hours.get(day, [])))

    @property
    def day_fields(self) -> list[Any]:
        """The fields of the working hours."""
        return [self[day] for day in DAYS]

    @property
    def plain_fields(self) -> list[Any]:
        """All others that are shown."""
        return [field for field in self.visible_fields() if field.name not in DAYS]

    @property
    def values(self) -> dict[str, Any]:
        """The engineer's columns as typed."""
        typed = {name: value for name, value in self.cleaned_data.items() if name not in (*DAYS, "key")}
        return {**typed, "working_hours": {day: self.cleaned_data[day] for day in DAYS if self.cleaned_data[day]}}
