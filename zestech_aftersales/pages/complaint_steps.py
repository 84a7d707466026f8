"""The steps the two sides take in a complaint: each a form, the words around it, and the one action it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.queries import one
from complaints.actions.determinations import object_to
from complaints.actions.evidence import give_evidence
from complaints.actions.negotiation import accept_proposal, escalate, propose, withdraw
from complaints.complaint_file import ComplaintFile
from complaints.queries.complaints import requests_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.pages import complaint_forms as forms
from zestech_aftersales.pages.complaint_forms import ComplaintForm


@dataclass(frozen=True, slots=True)
class ComplaintStep:
    """One step: its words, its form, and what it does."""

    name: str
    title: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[ComplaintForm]
    take: Callable[[ComplaintFile, Any, Actor, datetime], object]
    lead: str | Promise
    clause: str = "3.3"
    is_grave: bool = False


def _propose(file: ComplaintFile, form: forms.ProposalForm, by: Actor, at: datetime) -> object:
    return propose(file.complaint, form.cleaned_data["text"], by=by, at=at)


def _accept(file: ComplaintFile, form: forms.AcceptForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return accept_proposal(file.complaint, of=typed["of"], text_hash=typed["text_hash"], by=by, at=at)


def _escalate(file: ComplaintFile, _form: ComplaintForm, by: Actor, at: datetime) -> object:
    return escalate(file.complaint, by=by, at=at)


def _withdraw(file: ComplaintFile, form: forms.WithdrawForm, by: Actor, at: datetime) -> object:
    return withdraw(file.complaint, form.cleaned_data["reason"], by=by, at=at)


def _evidence(file: ComplaintFile, form: forms.EvidenceForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    request = one(requests_for(by).filter(complaint=file.complaint), typed["request"], by)
    return give_evidence(request, typed["words"], photos=typed["photos"], by=by, at=at)


def _object(file: ComplaintFile, form: forms.ObjectionForm, by: Actor, at: datetime) -> object:
    typed = form.cleaned_data
    return object_to(file.complaint, typed["text"], typed["evidence"], photos=typed["photos"], by=by, at=at)


COMPLAINT_STEPS: dict[str, ComplaintStep] = {
    step.name: step
    for step in (
        ComplaintStep(
            "propose", _("Your proposal"), _("Put the proposal"), _("Your proposal is with the other side."),
            forms.ProposalForm, _propose,
            _("It stands beside the other side’s. If the other side accepts it, or proposes the very same text, the complaint is settled."),
            "3.4",
        ),
        ComplaintStep(
            "accept", _("Accept this proposal"), _("Accept the proposal"), _("You have accepted the proposal."),
            forms.AcceptForm, _accept,
            _("Once both sides have accepted this text the complaint is settled for good: the same breach cannot be complained of again."),
            "3.4", is_grave=True,
        ),
        ComplaintStep(
            "escalate", _("Hand it to the platform"), _("Hand it to the platform"), _("The platform now looks at your complaint."),
            ComplaintForm, _escalate,
            _("The platform asks both sides for what it needs and decides. Until then you can still settle or withdraw."),
        ),
        ComplaintStep(
            "withdraw", _("Withdraw the complaint"), _("Withdraw the complaint"), _("The complaint is withdrawn."),
            forms.WithdrawForm, _withdraw,
            _("The complaint ends without a decision. As long as there is time for it, you can file it again."),
            is_grave=True,
        ),
        ComplaintStep(
            "evidence", _("Answer the request for evidence"), _("Send the answer"), _("Your answer is with the platform."),
            forms.EvidenceForm, _evidence,
            _("Your answer stands in the conversation of the case, where the other side reads it too. Without one the platform decides on file."),
        ),
        ComplaintStep(
            "object", _("Object to the decision"), _("Send the objection"), _("Another officer will look at your objection."),
            forms.ObjectionForm, _object,
            _("There is one objection, and it needs new evidence. Another officer decides anew, for or against you; that is final here."),
            is_grave=True,
        ),
    )
}  # fmt: skip
