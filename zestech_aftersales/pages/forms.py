"""What people type in a case, turned into the terms that the actions take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.case_file import CaseFile
from cases.models import Offer, Side
from cases.models.disclosure import ITEM_WORDS, ITEMS
from cases.photos import NotAPhoto, Photo, safe_photo
from cases.planning import agreed_time
from cases.terms import DisclosureItems, OfferTerms, Window
from sellers import queries as sellers
from zestech_aftersales.pages.engineers import choose_engineer
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.keyed import KeyedForm

# What an effective response needs, each with the fields that tell it: any of the groups, all fields of a group.
# A field with a value means that choice. The page's script reads the same groups.
NEEDS: tuple[tuple[str | Promise, str], ...] = (
    (_("Method and service"), "method+service_type"),
    (
        _("A time for the visit, or a next step with its date"),
        "starts_at_1+ends_at_1 starts_at_2+ends_at_2 starts_at_3+ends_at_3 next_step+next_step_at",
    ),
    (_("A named person, an engineer or a service point"), "contact_name engineer point"),
    (_("Price terms, also when it is free"), "price_terms"),
    (_("A plan (not for a door visit)"), "method=door plan"),
    (
        _("The four service terms (for a door visit at the confirmation)"),
        "method=door service_period+number_of_services+service_scope+charging_standard",
    ),
)
MOMENT = "%Y-%m-%dT%H:%M"
OFFERED_WINDOWS = 3
PHOTOS_AT_ONCE = 6


class MomentField(forms.DateTimeField):
    """A date and time in the viewer's own zone; an aware instant comes out."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=[MOMENT, f"{MOMENT}:%S", "%Y-%m-%d %H:%M"], **options)


class PhotoInput(forms.ClearableFileInput):
    """Several photos at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to six photos, each sniffed and encoded anew; cleans to a list of Photo."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Photos"))
        options.setdefault("help_text", _("Up to 6 photos, 10 MB each. They help, but are not compulsory."))
        super().__init__(widget=PhotoInput(attrs={"accept": "image/*"}), required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Photo]:
        """Safe photos; ValidationError names the file that cannot be taken."""
        uploads: list[UploadedFile[Any]] = list(data or [])
        if len(uploads) > PHOTOS_AT_ONCE:
            raise forms.ValidationError(_("Choose at most %(most)d photos.") % {"most": PHOTOS_AT_ONCE})
        try:
            return [safe_photo(upload, str(upload.name)) for upload in uploads]  # type: ignore[arg-type]
        except NotAPhoto as refused:
            raise forms.ValidationError(str(refused)) from refused


class StepForm(KeyedForm):
    """A form about a case; `file` is the case as the person sees it."""

    def __init__(self, *args: object, file: CaseFile, **kwargs: object) -> None:
        self.file = file
        super().__init__(*args, **kwargs)


class ReasonForm(StepForm):
    """A reason in one's own words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class OptionalReasonForm(StepForm):
    """A reason that may be left out."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AcceptForm(StepForm):
    """The buyer's (or the seller's) yes to the standing offer, with the chosen window."""

    window = forms.TypedChoiceField(label=_("Which time suits you?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer = self.file.standing
        windows = [Window.from_json(kept) for kept in (offer.windows if offer else [])]
        if offer is not None and windows:
            ahead = offer.choosable(self.file.at)
            self.fields["window"].choices = [(n, window_words(windows[n])) for n in ahead]  # type: ignore[attr-defined]
            if len(ahead) == 1:
                self.initial.setdefault("window", ahead[0])
        else:
            del self.fields["window"]


class CounterForm(StepForm):
    """Another wish: in words, with a time if there is one."""

    wish = forms.CharField(label=_("What would suit you better?"), widget=forms.Textarea(attrs={"rows": 4}))
    starts_at = MomentField(label=_("From"), required=False, help_text=_("In your own time zone."))
    ends_at = MomentField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        """Both ends of a time or none."""
        cleaned = super().clean() or {}
        require_both_ends(self, "starts_at", "ends_at")
        return cleaned

    def field_for(self, missing: str) -> str:
        """A wished time is told by its begin."""
        return "starts_at" if missing == "windows" else missing

    @property
    def windows(self) -> list[Window]:
        """The wished time, if one was given."""
        return windows_of([(self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at"))])


class DisclosureForm(StepForm):
    """The four items of 3.1; the last told version is filled in."""

    service_period = forms.CharField(label=_("Service period"), max_length=300, required=False)
    number_of_services = forms.CharField(label=_("Number of services"), max_length=300, required=False)
    service_scope = forms.CharField(
        label=_("Service scope"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    charging_standard = forms.CharField(
        label=_("Charging standard"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    charges_at_most = forms.DecimalField(
        label=_("Charges at most"), max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text=_("Zero when nothing is charged. What is beyond it is flagged to the buyer."),
    )  # fmt: skip
    charges_currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), required=False, help_text=_("Such as EUR."))

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = self.file.disclosure
        ask_for(self, ITEMS)
        for item in (*ITEMS, "charges_at_most", "charges_currency"):
            if told is not None:
                self.initial.setdefault(item, getattr(told, item))

    @property
    def items(self) -> DisclosureItems:
        """The items as typed; the action says which are missing."""
        return DisclosureItems(
            **{item: self.cleaned_data.get(item, "") for item in ITEMS},
            charges_at_most=self.cleaned_data.get("charges_at_most"),
            charges_currency=self.cleaned_data.get("charges_currency", ""),
        )


class UnclearForm(StepForm):
    """Which of the four items is unclear, and what about it."""

    item = forms.ChoiceField(label=_("Which service term?"), choices=ITEM_WORDS, widget=forms.RadioSelect)
    question = forms.CharField(label=_("What is unclear?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ConfirmForm(DisclosureForm):
    """Confirm the visit: who comes, and the four items."""

    engineer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Engineer"), queryset=None, required=False)
    contact_name = forms.CharField(
        label=_("Or a named person"),
        max_length=120,
        required=False,
        help_text=_("Who comes if it is no engineer of the list."),
    )
    field_order = ["engineer", "contact_name", *ITEMS, "charges_at_most", "charges_currency"]

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agreed, moved = self.file.agreed, self.file.moved
        window = None if agreed is None else agreed_time(self.file.appointment, agreed, moved)
        choose_engineer(self, self.file, [] if window is None else [window])
        named = moved if moved is not None and (moved.engineer_id or moved.contact_name) else agreed
        if named is not None:
            self.initial.setdefault("engineer", named.engineer)
        if named is moved and moved is not None:
            self.initial.setdefault("contact_name", moved.contact_name)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that an effective response needs, and whether the form has it already."""

    words: str | Promise
    groups: str
    is_met: bool


class OfferForm(DisclosureForm):
    """An effective response: what, who, when, where, and for how much."""

    method = forms.ChoiceField(label=_("Method"), choices=ServiceMethod.choices)
    service_type = forms.ChoiceField(label=_("Service"), choices=ServiceType.choices)
    next_step = forms.CharField(
        label=_("Next step"),
        max_length=300,
        required=False,
        help_text=_("Instead of a visit time: what happens next, with its date."),
    )
    next_step_at = MomentField(label=_("Date of the next step"), required=False)
    contact_name = forms.CharField(label=_("Named person"), max_length=120, required=False)
    engineer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Engineer"), queryset=None, required=False)
    point: forms.ModelChoiceField[Any] = forms.ModelChoiceField(label=_("Service point"), queryset=None, required=False)
    video_url = forms.CharField(
        label=_("Video link"), max_length=500, required=False, widget=forms.URLInput,
        help_text=_("For video guidance: begins with https://. The buyer gets it once the appointment is confirmed."),
    )  # fmt: skip
    plan = forms.CharField(
        label=_("Plan"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What will be done. Required for a service point and for video guidance."),
    )  # fmt: skip
    parts = forms.CharField(label=_("Parts"), max_length=300, required=False)
    price_amount = forms.DecimalField(label=_("Price"), max_digits=10, decimal_places=2, min_value=0, required=False)
    price_currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), required=False, help_text=_("Such as EUR."))
    price_terms = forms.CharField(label=_("Price terms"), max_length=300, required=False)

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        appointment = self.file.appointment
        self.initial.setdefault("method", appointment.method)
        self.initial.setdefault("service_type", appointment.service_type)
        choose_engineer(self, self.file, [])
        self.fields["point"].queryset = sellers.points_of(appointment.seller_id)  # type: ignore[attr-defined]
        if appointment.point_id:
            self.initial.setdefault("point", appointment.point_id)
        for n in range(1, OFFERED_WINDOWS + 1):
            self.fields[f"starts_at_{n}"] = MomentField(label=_("Time %(n)d from") % {"n": n}, required=False)
            self.fields[f"ends_at_{n}"] = MomentField(label=_("until"), required=False)
        ask_for(self, ("starts_at_1", "ends_at_1", "contact_name", "engineer", "point", "price_terms"))
        ask_for(self, (*ITEMS, "plan"), is_needed=not appointment.is_door)
        if offer := kwargs.get("replacing") or self.file.standing:
            self._fill_in(offer)

    def _fill_in(self, offer: Offer) -> None:
        for name in (
            "method", "service_type", "next_step", "next_step_at", "contact_name", "engineer", "point",
            "video_url", "plan", "parts", "price_amount", "price_currency", "price_terms",
        ):  # fmt: skip
            # The buyer's wish is no plan of the seller's.
            if name != "plan" or offer.side == Side.SELLER:
                self.initial.setdefault(name, getattr(offer, name))
        for n, kept in enumerate(offer.windows[:OFFERED_WINDOWS], start=1):
            window = Window.from_json(kept)
            self.initial.setdefault(f"starts_at_{n}", window.starts_at)
            self.initial.setdefault(f"ends_at_{n}", window.ends_at)

    def clean(self) -> dict[str, Any]:
        """Both ends of each time or none."""
        cleaned = super().clean() or {}
        for n in range(1, OFFERED_WINDOWS + 1):
            require_both_ends(self, f"starts_at_{n}", f"ends_at_{n}")
        return cleaned

    @property
    def needs(self) -> list[Need]:
        """What makes the response effective, with what is filled in so far."""
        return [Need(words, groups, any(map(self._has, groups.split()))) for words, groups in NEEDS]

    def _has(self, group: str) -> bool:
        wanted = [part.partition("=") for part in group.split("+")]
        typed = [(str(self[name].value() or "").strip(), value) for name, _sign, value in wanted]
        return all(text == value if value else text for text, value in typed)

    def field_for(self, missing: str) -> str:
        """The times stand in pairs of fields."""
        return "starts_at_1" if missing == "windows" else missing

    @property
    def window_rows(self) -> list[tuple[Any, Any]]:
        """The pairs of fields for the page."""
        return [(self[f"starts_at_{n}"], self[f"ends_at_{n}"]) for n in range(1, OFFERED_WINDOWS + 1)]

    @property
    def terms(self) -> OfferTerms:
        """The offer as typed; the action says what is missing for an effective response."""
        typed = self.cleaned_data
        rows = [(typed.get(f"starts_at_{n}"), typed.get(f"ends_at_{n}")) for n in range(1, OFFERED_WINDOWS + 1)]
        return OfferTerms(
            method=typed["method"],
            service_type=typed["service_type"],
            windows=windows_of(rows),
            next_step=typed["next_step"],
            next_step_at=typed["next_step_at"],
            contact_name=typed["contact_name"],
            engineer=typed["engineer"],
            point=typed["point"],
            video_url=typed["video_url"],
            plan=typed["plan"],
            parts=typed["parts"],
            price_amount=typed["price_amount"] or Decimal(0),
            price_currency=typed["price_currency"],
            price_terms=typed["price_terms"],
            disclosure=self.items,
        )


class CompleteForm(StepForm):
    """The report of a visit, and whether another one is needed."""

    report = forms.CharField(label=_("What was done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    starts_at = MomentField(
        label=_("Another visit from"),
        required=False,
        help_text=_(
            "Leave empty when the service is completed. The buyer says yes to the time, or asks for another one."
        ),
    )
    ends_at = MomentField(label=_("until"), required=False)

    def clean(self) -> dict[str, Any]:
        """Both ends of the next visit or none."""
        cleaned = super().clean() or {}
        require_both_ends(self, "starts_at", "ends_at")
        return cleaned

    @property
    def another(self) -> Window | None:
        """The time of the next visit, if one is needed."""
        return next(iter(windows_of([(self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at"))])), None)


class MessageForm(KeyedForm):
    """A word in the thread, with photos."""

    body = forms.CharField(
        label=_("Message"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = PhotosField(label=_("Add photos"))


def ask_for(form: forms.Form, names: Iterable[str], *, is_needed: bool = True) -> None:
    """Fields that the rules ask for, not the form: their refusal names the clause, and they are not called optional."""
    for name in names:
        form.fields[name].is_needed = is_needed  # type: ignore[attr-defined]


def require_both_ends(form: forms.Form, begin: str, end: str) -> None:
    """Add an error where only one end of a time was given, or the end lies before the begin."""
    starts_at, ends_at = form.cleaned_data.get(begin), form.cleaned_data.get(end)
    if starts_at and not ends_at and end not in form.errors:
        form.add_error(end, _("Give the end of this time as well."))
    if ends_at and not starts_at and begin not in form.errors:
        form.add_error(begin, _("Give the begin of this time as well."))
    if starts_at and ends_at and ends_at <= starts_at:
        form.add_error(end, _("The end must lie after the begin."))


def windows_of(rows: list[tuple[datetime | None, datetime | None]]) -> list[Window]:
    """The complete ones among pairs of instants."""
    return [Window(starts_at, ends_at) for starts_at, ends_at in rows if starts_at and ends_at]


def window_words(window: Window) -> str:
    """A window in the viewer's zone: date and time, until time."""
    return f"{instant_words(window.starts_at, 'full')} – {instant_words(window.ends_at, 'time')}"
