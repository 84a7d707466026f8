"""The pages of a shipment: announced in its case, sent by the seller, received by the buyer (2.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actions import shipments
from cases.case_file import CaseFile
from cases.models import Shipment, ShipmentKind, ShipmentState
from cases.terms import Parcel
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.pages.forms import ReasonForm, StepForm, ask_for
from zestech_aftersales.ui.keyed import attempt

if TYPE_CHECKING:
    from zestech_aftersales.pages.views import CasePages


class AnnounceForm(StepForm):
    """What will be sent."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ShipmentKind.choices)
    contents = forms.CharField(
        label=_("What is inside"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Each thing with its part number and how many."),
    )  # fmt: skip


class ParcelForm(StepForm):
    """Who carries it, and how it can be followed."""

    carrier = forms.CharField(label=_("Carrier"), max_length=80, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=80, required=False)
    tracking_url = forms.CharField(
        label=_("Tracking link"), max_length=300, required=False, help_text=_("Begins with https://."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for(self, ("carrier", "tracking_number"))

    @property
    def parcel(self) -> Parcel:
        """The parcel as typed; the action says what is missing."""
        return Parcel(**{name: self.cleaned_data[name] for name in ("carrier", "tracking_number", "tracking_url")})


@dataclass(frozen=True, slots=True)
class ShipmentStep:
    """One step of a shipment: its form, the words around it, and the one action it calls."""

    title: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[StepForm]
    take: Callable[[Shipment, Any, Actor, datetime], object]
    lead: str | Promise
    is_grave: bool = False
    clause: str = "2.1.1"


def announce(file: CaseFile, form: AnnounceForm, by: Actor, at: datetime) -> object:
    """Announce a shipment in the case."""
    typed = form.cleaned_data
    return shipments.announce_shipment(file.case, typed["kind"], typed["contents"], by=by, at=at)


def _ship(shipment: Shipment, form: ParcelForm, by: Actor, at: datetime) -> object:
    return shipments.ship(shipment, form.parcel, by=by, at=at)


def _correct(shipment: Shipment, form: ParcelForm, by: Actor, at: datetime) -> object:
    return shipments.correct_tracking(shipment, form.parcel, by=by, at=at)


def _receive(shipment: Shipment, _form: StepForm, by: Actor, at: datetime) -> object:
    return shipments.receive(shipment, by=by, at=at)


def _miss(shipment: Shipment, form: ReasonForm, by: Actor, at: datetime) -> object:
    return shipments.report_missing(shipment, form.cleaned_data["reason"], by=by, at=at)


def _lose(shipment: Shipment, form: ReasonForm, by: Actor, at: datetime) -> object:
    return shipments.end_shipment(shipment, ShipmentState.LOST, form.cleaned_data["reason"], by=by, at=at)


def _take_back(shipment: Shipment, form: ReasonForm, by: Actor, at: datetime) -> object:
    return shipments.end_shipment(shipment, ShipmentState.RETURNED, form.cleaned_data["reason"], by=by, at=at)


SHIPMENT_STEPS = {
    "ship": ShipmentStep(
        _("Send the shipment"), _("It is on its way"), _("The buyer can follow the shipment."), ParcelForm, _ship,
        _("The buyer sees the carrier and can follow it. It stops no limit."),
    ),
    "correct": ShipmentStep(
        _("Correct the tracking"), _("Correct it"), _("The buyer has the corrected tracking."), ParcelForm, _correct,
        _("The buyer sees the new carrier and number. What was told before stays in the history."),
    ),
    "receive": ShipmentStep(
        _("Confirm receipt"), _("It has come"), _("Receipt confirmed."), StepForm, _receive,
        _("You confirm that it has come, not that it is right: write in the conversation if something is missing."),
    ),
    "report_missing": ShipmentStep(
        _("It has not come"), _("Report it"), _("The seller knows that it has not come."), ReasonForm, _miss,
        _("The seller looks for it or sends another. If it still comes, confirm the receipt."),
    ),
    "lose": ShipmentStep(
        _("The shipment is lost"), _("It is lost"), _("The buyer knows. Send another one."), ReasonForm, _lose,
        _("You still owe what was inside: announce another shipment. If it turns up, the buyer confirms it."),
        is_grave=True,
    ),
    "take_back": ShipmentStep(
        _("The shipment came back"), _("It came back"), _("The buyer knows. Send it again."), ReasonForm, _take_back,
        _("You still owe what was inside: agree on an address and announce another shipment."), is_grave=True,
    ),
}  # fmt: skip


def _tracking(shipment: Shipment) -> dict[str, str]:
    """What is told already of how it travels."""
    return {name: getattr(shipment, name) for name in ("carrier", "tracking_number", "tracking_url")}


def shipment_step(pages: CasePages, request: HttpRequest, reference: str, pk: int, name: str) -> HttpResponse:
    """One step of a shipment: shown with what it means first, taken on POST."""
    step = SHIPMENT_STEPS.get(name)
    file, by = pages.file(request, reference)
    shown = next((each for each in file.shipments if each.shipment.pk == pk), None)
    if step is None or shown is None:
        raise Http404
    if request.method != "POST" and name not in [choice.name for choice in shown.choices]:
        return redirect(pages.address(file))
    form = step.form(request.POST or None, file=file, initial=_tracking(shown.shipment))
    if request.method == "POST" and form.is_valid():
        actor, at = by.with_key(form.cleaned_data["key"]), cast(PersonRequest, request).received_at
        if attempt(form, lambda: step.take(shown.shipment, form, actor, at)) is not None:
            messages.success(request, str(step.done))
            return redirect(f"{pages.address(file)}#shipments")
    context = {
        "step": step, "form": form, "file": file, "pages": pages, "refusal": form.refusal,
        "back": pages.address(file), "shipment": shown.shipment,
    }  # fmt: skip
    return render(request, "case/shipment.html", context, status=form.status)
