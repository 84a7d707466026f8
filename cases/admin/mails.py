"""Mails at the staff desk: support keeps one with its receipt, and says what it is (domain section 3, responding)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.actions.mails import classify_as_confirmation, classify_as_offer, dismiss_mail, record_mail
from cases.mails import acknowledged_at, mails_to_classify
from cases.models import Message, ServiceAppointment
from cases.models.appointment import BEFORE_SERVICE, AppointmentState
from cases.terms import DisclosureItems, OfferTerms, Window
from sellers.admin_people import PersonField
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.staff import FormOfThings, Step
from zestech_aftersales.ui.instants import instant_words

SUPPORT = (PlatformRole.SUPPORT,)
MAY_BE_ANSWERED = (*BEFORE_SERVICE, AppointmentState.DEEMED_REFUSED, AppointmentState.REFUSED)


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """An instant to the second, in the reader's own zone: a limit is counted by it."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"})
    return forms.DateTimeField(label=label, required=required, help_text=help_text, widget=widget)


class MailForm(forms.Form):
    """A mail as our mail server accepted it."""

    sender = PersonField(label=_("Sender"))
    received_at = moment(
        _("Accepted by our mail server"), help_text=_("In your own time zone. Not the date that the mail itself says.")
    )
    body = forms.CharField(label=_("Words"), max_length=20000, widget=forms.Textarea(attrs={"rows": 6}))
    is_automatic = forms.BooleanField(
        label=_("An automatic answer"), required=False, help_text=_("Out of office, “we got it”: it never answers.")
    )


class ClassifyForm(FormOfThings):
    """Which mail, and why it is what it is said to be."""

    mail = forms.TypedChoiceField(label=_("Mail"), coerce=int)
    reason = forms.CharField(
        label=_("What makes it that"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It is kept on the timeline with your name."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mails = {mail.pk: mail for thing in self.things for mail in mails_to_classify(thing)}
        cast(forms.ChoiceField, self.fields["mail"]).choices = [(pk, _named(mail)) for pk, mail in self.mails.items()]

        for name in ("method", "service_type"):
            if self.things and name in self.fields:
                self.initial.setdefault(name, getattr(self.things[0], name))

    def clean_mail(self) -> Message:
        """The mail itself."""
        return self.mails[self.cleaned_data["mail"]]


def _named(mail: Message) -> str:
    """A mail, or what the buyer has acknowledged, with the instant from which it counts."""
    answered_at = acknowledged_at(mail)
    if answered_at is None:
        return f"{mail}: {mail.body[:60]}"
    told = {"when": instant_words(answered_at), "words": mail.body[:60]}
    return _now("The buyer says that it reached him at %(when)s: %(words)s") % told


class DismissForm(ClassifyForm):
    """Why a mail, or what the buyer has acknowledged, is no answer."""

    reason = forms.CharField(
        label=_("Why it is no answer"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Both sides read it. It is kept on the timeline with your name."),
    )  # fmt: skip


class ConfirmationForm(ClassifyForm):
    """Who comes, where the mail says so."""

    contact_name = forms.CharField(label=_("Who comes, if the mail names somebody"), max_length=120, required=False)


class OfferForm(ClassifyForm):
    """What the mail offers, as it says it; what it does not say is not made up."""

    method = forms.ChoiceField(label=_("Method"), choices=ServiceMethod.choices)
    service_type = forms.ChoiceField(label=_("Service"), choices=ServiceType.choices)
    starts_at = moment(_("From"), required=False)
    ends_at = moment(_("Until"), required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=300, required=False)
    next_step_at = moment(_("Date of the next step"), required=False)
    contact_name = forms.CharField(label=_("Named person"), max_length=120, required=False)
    plan = forms.CharField(label=_("Plan"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 2}))
    price_amount = forms.DecimalField(label=_("Price"), max_digits=10, decimal_places=2, min_value=0, required=False)
    price_currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), required=False)
    price_terms = forms.CharField(label=_("Price terms"), max_length=300, required=False)
    service_period = forms.CharField(label=_("Service period"), max_length=300, required=False)
    number_of_services = forms.CharField(label=_("Number of services"), max_length=300, required=False)
    service_scope = forms.CharField(label=_("Service scope"), max_length=2000, required=False)
    charging_standard = forms.CharField(label=_("Charging standard"), max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        """What the action takes: the mail, the terms of the offer, the reason."""
        typed = super().clean() or {}
        begin, end = typed.get("starts_at"), typed.get("ends_at")
        if (begin is None) != (end is None):
            self.add_error("ends_at", _now("Give both ends of the time."))
        items = ("service_period", "number_of_services", "service_scope", "charging_standard")
        plain = ("method", "service_type", "next_step", "contact_name", "plan", "price_currency", "price_terms")
        terms = OfferTerms(
            windows=[Window(begin, end)] if begin and end else [],
            next_step_at=typed.get("next_step_at"),
            price_amount=typed.get("price_amount") or Decimal(0),
            disclosure=DisclosureItems(**{name: typed.get(name, "") for name in items}),
            **{name: typed.get(name, "") for name in plain},
        )
        return {"mail": typed.get("mail"), "reason": typed.get("reason", ""), "terms": terms}


def keep_mail(appointment: ServiceAppointment, *, by: Actor, at: datetime, **told: Any) -> object:
    """Keep a mail with the request's case."""
    return record_mail(appointment.case, by=by, at=at, **told)


MAIL_STEPS = (
    Step(
        "record_mail", _("Keep a mail"), keep_mail, SUPPORT, "2.3.1",
        _("It is a message in the conversation as of its receipt. By itself it stops no limit."), MailForm,
    ),
    Step(
        "classify_offer", _("Classify a mail as an offer"), classify_as_offer, SUPPORT, "2.3.1",
        _("The seller’s own words, put into an offer as they stand. It counts from the mail’s receipt: in time it "
          "takes a deemed refusal back, late it is kept as a late offer. The event names the sender and you."),
        OfferForm, lambda appointment: appointment.state in MAY_BE_ANSWERED and bool(mails_to_classify(appointment)),
    ),
    Step(
        "classify_confirmation", _("Classify a mail as a confirmation"), classify_as_confirmation, SUPPORT, "2.3.1",
        _("The visit is confirmed as of the mail’s receipt. Without the service terms before it is valid, and marked "
          "as a disclosure gap."),
        ConfirmationForm,
        lambda appointment: appointment.state in MAY_BE_ANSWERED and bool(mails_to_classify(appointment)),
    ),
    Step(
        "dismiss_mail", _("Dismiss a mail as no answer"), dismiss_mail, SUPPORT, "2.3.1",
        _("It stays in the conversation and changes nothing. If the buyer had acknowledged it, he can acknowledge another answer."),
        DismissForm, lambda appointment: bool(mails_to_classify(appointment)),
    ),
)  # fmt: skip
