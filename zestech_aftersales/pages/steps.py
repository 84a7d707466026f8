"""The steps people take in a case: each a form, the words around it, and the one action it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actions import answers, cancel, confirm, disclose, offers, rulings, visits
from cases.case_file import CaseFile
from cases.refusals import date_gone, longer_limit_gone, offer_gone, version_replaced
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages import forms
from zestech_aftersales.pages.forms import StepForm
from zestech_aftersales.pages.part_forms import ReportForm
from zestech_aftersales.rulebook import RuleBroken


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the choice that leads here, its form, and what it does."""

    name: str
    title: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[StepForm]
    take: Callable[[CaseFile, Any, Actor, datetime], object]
    lead: str | Promise = ""
    clause: str = ""
    is_grave: bool = False
    template: str = "case/step.html"
    # What of `CaseFile.meant` it answers, replaces or notes: it is taken on that which the page showed, or not at all.
    names: str = ""

    def still_meant(self, file: CaseFile, seen: str) -> RuleBroken | None:
        """The refusal of a form whose page showed another request, or another offer, than stands now; None if it fits.

        `seen` is the mark of that page. A form that brings none was shown nothing: it is refused like a stale one.
        """
        request, *shown = seen.split("-")
        if not request:
            detail = _(
                "Nothing says which request this page was about. Below is the one that is open now: read it first."
            )
            return RuleBroken("", "illegal_transition", detail=detail)
        if request != str(file.appointment.pk):
            detail = _("This page was about an earlier request. Below is the one that is open now: read it first.")
            return RuleBroken("", "illegal_transition", detail=detail)
        meant = file.meant.get(self.names)
        if meant and dict(zip(file.meant, shown, strict=False)).get(self.names) != str(meant.pk):
            return GONE[self.names](file)
        return None


GONE: dict[str, Callable[[CaseFile], RuleBroken]] = {
    "offer": lambda file: offer_gone(file.appointment),
    "date": lambda _file: date_gone(),
    "longer_limit": lambda _file: longer_limit_gone(),
    "terms": lambda _file: version_replaced(),
}


def _accept(file: CaseFile, form: forms.AcceptForm, by: Actor, at: datetime) -> object:
    return answers.accept(_standing(file), window=form.cleaned_data.get("window"), by=by, at=at)


def _counter(file: CaseFile, form: forms.CounterForm, by: Actor, at: datetime) -> object:
    return answers.counter(_standing(file), windows=form.windows, wish=form.cleaned_data["wish"], by=by, at=at)


def _flag(file: CaseFile, form: forms.ReasonForm, by: Actor, at: datetime) -> object:
    return rulings.flag(_standing(file), form.cleaned_data["reason"], by=by, at=at)


def _cancel(file: CaseFile, form: forms.OptionalReasonForm, by: Actor, at: datetime) -> object:
    return cancel.cancel(file.appointment, form.cleaned_data["reason"], by=by, at=at)


def _acknowledge(file: CaseFile, _form: StepForm, by: Actor, at: datetime) -> object:
    return disclose.acknowledge(_last(file.disclosures), by=by, at=at)


def _find_unclear(file: CaseFile, form: forms.UnclearForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return disclose.find_unclear(_last(file.disclosures), typed["item"], typed["question"], by=by, at=at)


def _offer(file: CaseFile, form: forms.OfferForm, by: Actor, at: datetime) -> object:
    return offers.offer(file.appointment, form.terms, by=by, at=at)


def _revise(file: CaseFile, form: forms.OfferForm, by: Actor, at: datetime) -> object:
    return offers.revise(_standing(file), form.terms, by=by, at=at)


def _refuse(file: CaseFile, form: forms.ReasonForm, by: Actor, at: datetime) -> object:
    return offers.refuse(file.appointment, form.cleaned_data["reason"], by=by, at=at)


def _disclose(file: CaseFile, form: forms.DisclosureForm, by: Actor, at: datetime) -> object:
    return disclose.disclose(file.appointment, form.items, by=by, at=at)


def _confirm(file: CaseFile, form: forms.ConfirmForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    who = {"engineer": typed["engineer"], "contact_name": typed["contact_name"]}
    return confirm.confirm(file.appointment, items=form.items, **who, by=by, at=at)


def _check_in(file: CaseFile, _form: StepForm, by: Actor, at: datetime) -> object:
    return visits.check_in(_visit(file), by=by, at=at)


def _complete(file: CaseFile, form: ReportForm, by: Actor, at: datetime) -> object:
    report = form.cleaned_data["report"]
    return visits.complete(_visit(file), report, details=form.details, another=form.another, by=by, at=at)


def _standing(file: CaseFile) -> Any:
    # The page may be older than the case: the action says what became of the offer.
    return file.standing or _last(file.offers)


def _visit(file: CaseFile) -> Any:
    return file.visit or _last(file.visits)


def _last(things: Sequence[Any]) -> Any:
    """The latest of them; RuleBroken where there is none: the page was about something that is gone."""
    if not things:
        raise RuleBroken(
            "",
            "illegal_transition",
            detail=_("The case has moved on meanwhile. Go back to the case to see where it stands."),
        )
    return things[-1]


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step(
            "accept", _("Accept the offer"), _("Accept the offer"), _("You have accepted the offer."),
            forms.AcceptForm, _accept, _("The appointment goes on as offered."), "2.3.1",
            template="case/answer_offer.html", names="offer",
        ),
        Step(
            "counter", _("Ask for something else"), _("Send the counter-offer"), _("Your counter-offer is sent."),
            forms.CounterForm, _counter,
            _("The offer is set aside. The seller has a fresh limit to answer you."), "2.3.1",
            template="case/answer_offer.html", names="offer",
        ),
        Step(
            "flag", _("This offer is not reasonable"), _("Ask the platform to rule"), _("The platform will rule on the offer."),
            forms.ReasonForm, _flag,
            _("Say why: an impossible time or place, a charge that was not told, less than was promised. An auditor rules on it; your time to decide stands still until then."),
            "2.3.1", template="case/answer_offer.html", names="offer",
        ),
        Step(
            "cancel", _("Cancel the request"), _("Cancel the request"), _("The request is cancelled."),
            forms.OptionalReasonForm, _cancel,
            _("The seller no longer owes an answer to this request. Your cover stays, and you can book again."),
            is_grave=True,
        ),
        Step(
            "acknowledge", _("Service terms"), _("I have read them"), _("Noted: you have read the service terms."),
            StepForm, _acknowledge, _("This confirms that you have read them, nothing else."), "3.1",
            template="case/acknowledge.html", names="terms",
        ),
        Step(
            "unclear", _("A service term is unclear"), _("Ask the seller"), _("Your question is with the seller."),
            forms.UnclearForm, _find_unclear,
            _("It stops no limit. The seller answers with a clearer text; until then an unclear item counts in a dispute as the rules infer it."),
            "3.1", template="case/unclear.html", names="terms",
        ),
        Step(
            "offer", _("Make an offer"), _("Send the offer"), _("The offer is with the buyer."),
            forms.OfferForm, _offer,
            _("An effective response names method, service, a time or a dated next step, a person or service point, and price terms."),
            "2.3.1", template="case/offer.html",
        ),
        Step(
            "revise", _("Revise the offer"), _("Replace the offer"), _("The new offer is with the buyer."),
            forms.OfferForm, _revise, _("The standing offer is replaced; the buyer has the full time to decide again."),
            "2.3.1", template="case/offer.html", names="offer",
        ),
        Step(
            "accept_counter", _("Accept the buyer’s wish"), _("Accept it"), _("You have accepted the buyer’s wish."),
            forms.AcceptForm, _accept, _("The appointment is agreed as the buyer wishes."), "2.3.1",
            template="case/answer_offer.html", names="offer",
        ),
        Step(
            "refuse", _("Refuse the service"), _("Refuse the service"), _("The refusal is recorded."),
            forms.ReasonForm, _refuse,
            _("A refusal inside the cover is a breach of your commitment and stays on the record. You can still make an offer later that the buyer may accept."),
            "2.3.4", is_grave=True,
        ),
        Step(
            "disclose", _("Tell the service terms"), _("Tell the buyer"), _("The service terms are with the buyer."),
            forms.DisclosureForm, _disclose,
            _("All four are told before a visit is confirmed or a service given. A changed text becomes a new version."),
            "3.1",
        ),
        Step(
            "confirm", _("Confirm the visit"), _("Confirm the visit"), _("The visit is confirmed."),
            forms.ConfirmForm, _confirm, _("The buyer gets the date, the engineer’s name and the service terms."), "3.1",
            template="case/confirm.html",
        ),
        Step(
            "check_in", _("Check in"), _("Check in now"), _("Checked in."),
            StepForm, _check_in, _("The service begins now."), "3.1",
        ),
        Step(
            "complete", _("Complete the visit"), _("Save the report"), _("The report is saved."),
            ReportForm, _complete, _("The buyer sees your report with its parts and photos, and signs it off."), "2.1.1",
            template="case/complete.html",
        ),
    )
}  # fmt: skip
