"""Support files a complaint for a buyer who asked for it, from the case file; recorded with both names (3.3, section 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import ServiceCase
from cases.photos import NotAPhoto, Photo, safe_photo
from cases.queries import cases_for, one
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.matters import DUTIES
from complaints.models import ComplaintState
from complaints.permissions import SUPPORT
from complaints.queries.filing import Trial, matters_of, next_limit, trial_of
from zestech_aftersales.desk.reader import reader_of, staff_actor
from zestech_aftersales.desk.site import StaffDesk
from zestech_aftersales.rulebook import clause
from zestech_aftersales.staff import told
from zestech_aftersales.ui.instants import instant_words
from zestech_aftersales.ui.keyed import KeyedForm, attempt

# The choice of a breach that no fact of the case tells.
TOLD = "told"
PHOTOS_AT_ONCE = 6
MOMENT = "%Y-%m-%dT%H:%M"


class PhotoInput(forms.ClearableFileInput):
    """Several photos at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """What the buyer sent along, each encoded anew."""

    def clean(self, data: Any, initial: Any = None) -> list[Photo]:
        """Safe photos; ValidationError names the file that cannot be taken."""
        uploads = list(data or [])
        if len(uploads) > PHOTOS_AT_ONCE:
            raise forms.ValidationError(_("Choose at most %(most)d photos.") % {"most": PHOTOS_AT_ONCE})
        try:
            return [safe_photo(upload, str(upload.name)) for upload in uploads]
        except NotAPhoto as refused:
            raise forms.ValidationError(str(refused)) from refused


class ForBuyerForm(KeyedForm):
    """Which breach, in the buyer's words, and what he asks for."""

    breach = forms.ChoiceField(label=gettext_lazy("What is complained of"), widget=forms.RadioSelect)
    clause = forms.ChoiceField(label=gettext_lazy("Duty, where the buyer tells it"), required=False)
    breach_at = forms.DateTimeField(
        label=gettext_lazy("When it happened, where the buyer tells it"),
        required=False,
        input_formats=[MOMENT, f"{MOMENT}:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("In your own time zone."),
    )
    statement = forms.CharField(
        label=gettext_lazy("What happened, in the buyer’s words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    remedy = forms.CharField(
        label=gettext_lazy("What the buyer asks for"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = PhotosField(
        label=gettext_lazy("Photos"), required=False, widget=PhotoInput(attrs={"accept": "image/*"}),
        help_text=gettext_lazy("Up to 6 photos that the buyer sent, 10 MB each."),
    )  # fmt: skip

    def __init__(self, *args: Any, trials: list[Trial], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = [(trial.matter.key, f"{trial.matter.words}, {instant_words(trial.matter.at)}") for trial in trials]
        duties = [(each, f"{each} {clause(each).title}") for each in DUTIES]
        choices = {
            "breach": [*facts, (TOLD, _("As the buyer tells it"))],
            "clause": [("", _("something else")), *duties],
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered

    @property
    def terms(self) -> ComplaintTerms:
        """The complaint as typed; duty and instant only where no fact tells them."""
        typed = self.cleaned_data
        is_told = typed["breach"] == TOLD
        return ComplaintTerms(
            statement=typed["statement"],
            breach="" if is_told else typed["breach"],
            clause=typed["clause"] if is_told else "",
            breach_at=typed["breach_at"] if is_told else None,
            remedy=typed["remedy"],
            photos=typed["photos"],
        )


def complain_view(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be complained of with what the test would say, and the form; 403 for anybody but support."""
    by, at = staff_actor(request), reader_of(request).at
    if by.platform_role not in SUPPORT:
        raise PermissionDenied
    case: ServiceCase = one(cases_for(by), pk, by)
    if case.merged_into_id is not None and request.method != "POST":
        return HttpResponseRedirect(reverse("admin:complain_for_buyer", args=[case.merged_into_id]))
    trials = [trial_of(case, matter, at=at) for matter in matters_of(case, at=at)]
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ForBuyerForm(*typed, trials=trials)
    if request.method == "POST" and form.is_valid():
        for_buyer = replace(by.with_key(form.cleaned_data["key"]), acting_for=case.buyer)
        filed = attempt(form, lambda: file_complaint(case, form.terms, by=for_buyer, at=at))
        if filed is not None:
            if filed.state == ComplaintState.REJECTED:
                messages.warning(request, _("%(complaint)s was not accepted. Its test says why, and where the buyer can go.") % {"complaint": filed})  # fmt: skip
            else:
                messages.success(request, _("%(complaint)s is taken up. Both sides are told.") % {"complaint": filed})
            return HttpResponseRedirect(reverse("admin:complaints_complaint_change", args=[filed.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("File a complaint for the buyer of %(reference)s") % {"reference": case.reference},
        "case": case,
        "trials": trials,
        "next_limit": next_limit(case),
        "form": form,
        "refusal": told(form.refusal) if form.refusal is not None else "",
    }
    return TemplateResponse(request, "admin/complain.html", context, status=form.status)


cast(StaffDesk, admin.site).add_page(
    "cases/servicecase/<int:pk>/complain/", "complain_for_buyer", complain_view
)  # fmt: skip
