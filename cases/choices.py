"""What a person can do with an appointment now: one list for every page and channel.

A choice only tells what is worth offering; the action checks everything again under its lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.cover_ends import is_bookable
from cases.dates import check_in_opens_at
from cases.models import AppointmentState, Offer, OfferState, ServiceAppointment, Side, VisitState
from cases.models.appointment import BEFORE_SERVICE
from cases.permissions import is_buyer, is_seller
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.models import ExclusionClaim, Visit
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
LABELS: dict[str, str | Promise] = {
    "accept": _("Accept the offer"),
    "counter": _("Ask for something else"),
    "flag": _("This offer is not reasonable"),
    "cancel": _("Cancel the request"),
    "acknowledge": _("I have read the service terms"),
    "unclear": _("A service term is unclear"),
    "book_again": _("Book again in this case"),
    "offer": _("Make an offer"),
    "revise": _("Revise the offer"),
    "accept_counter": _("Accept the buyer’s wish"),
    "refuse": _("Refuse the service"),
    "disclose": _("Tell the service terms"),
    "confirm": _("Confirm the visit"),
    "video_link": _("Give the video link"),
    "check_in": _("Check in"),
    "list_parts": _("Parts for the visit"),
    "announce_shipment": _("Announce a shipment"),
    "replace_unit": _("Record a replaced unit"),
    "ship": _("It is on its way"),
    "correct": _("Correct the tracking"),
    "receive": _("It has come"),
    "report_missing": _("It has not come"),
    "lose": _("It is lost"),
    "take_back": _("It came back"),
    "complete": _("Complete the visit"),
    "claim": _("Claim an exclusion"),
    "add_proof": _("Add proof to the claim"),
    "end_event": _("The event is over"),
    "withdraw_claim": _("Withdraw the claim"),
    "sign_off": _("Sign off the service"),
    "object": _("The service is not done"),
    "acknowledge_answer": _("The answer reached me in time"),
    "close_case": _("Close the case"),
    "reopen_case": _("Reopen the case"),
    "another_engineer": _("Send another engineer"),
    "propose_date": _("Propose another date"),
    "accept_date": _("Accept the proposed date"),
    "decline_date": _("Decline the proposed date"),
    "propose_longer": _("Ask for a longer limit"),
    "accept_longer": _("Accept the longer limit"),
    "decline_longer": _("Decline the longer limit"),
    "seller_no_show": _("Nobody came"),
    "broken_off": _("The work was broken off"),
    "buyer_no_show": _("The buyer was not there"),
    "dispute_no_show": _("Dispute the no-show"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person can do: its name, its words, and whether it is the step that is waited for."""

    name: str
    is_main: bool = False

    @property
    def label(self) -> str | Promise:
        """The words of its button."""
        return LABELS[self.name]


def choices_for(
    appointment: ServiceAppointment,
    by: Actor,
    *,
    at: datetime,
    standing: Offer | None,
    visit: Visit | None,
    has_unread_terms: bool = False,
    has_terms: bool = False,
    claims: Sequence[ExclusionClaim] = (),
) -> list[Choice]:
    """The choices of a person at an instant, the expected one first."""
    if is_buyer(appointment, by):
        return _of_buyer(appointment, at=at, standing=standing, has_unread_terms=has_unread_terms, has_terms=has_terms)
    if is_seller(appointment, by):
        steps = _of_seller(appointment, at=at, standing=standing) + _of_service(appointment, visit, at=at)
        return steps + _of_claims(appointment, claims)
    if visit is not None and visit.engineer is not None and visit.engineer.user_id == by.user_id:
        return _of_service(appointment, visit, at=at)
    return []


def _of_buyer(
    appointment: ServiceAppointment, *, at: datetime, standing: Offer | None, has_unread_terms: bool, has_terms: bool
) -> list[Choice]:
    choices = []
    if standing is not None and standing.side == Side.SELLER:
        is_late_for = bool(standing.windows) and not standing.windows_ahead(at)
        choices.append(Choice("accept", is_main=not is_late_for))
        if appointment.state == State.PROPOSED:
            choices.append(Choice("counter", is_main=is_late_for))
            if standing.state == OfferState.STANDING:
                choices.append(Choice("flag"))
    if has_unread_terms:
        choices.append(Choice("acknowledge"))
    if has_terms and appointment.is_open:
        choices.append(Choice("unclear"))
    if appointment.state in BEFORE_SERVICE:
        choices.append(Choice("cancel"))
    if not appointment.is_open and is_bookable(appointment.case.cover, at):
        choices.append(Choice("book_again", is_main=not choices))
    return choices


def _of_seller(appointment: ServiceAppointment, *, at: datetime, standing: Offer | None) -> list[Choice]:
    state = appointment.state
    choices = []
    is_late_for = standing is not None and bool(standing.windows) and not standing.windows_ahead(at)
    if state == State.COUNTERED:
        choices.append(Choice("accept_counter", is_main=not is_late_for))
    if state in (State.REQUESTED, State.COUNTERED, State.REFUSED, State.DEEMED_REFUSED):
        choices.append(Choice("offer", is_main=state == State.REQUESTED or (state == State.COUNTERED and is_late_for)))
    if state == State.PROPOSED and standing is not None:
        choices.append(Choice("revise"))
    if state == State.AGREED and appointment.is_door:
        choices.append(Choice("confirm", is_main=True))
    if state in BEFORE_SERVICE:
        choices.append(Choice("disclose"))
        choices.append(Choice("refuse"))
    return choices


def _of_service(appointment: ServiceAppointment, visit: Visit | None, *, at: datetime) -> list[Choice]:
    if visit is None:
        return []
    if appointment.state == State.CONFIRMED and visit.state == VisitState.PLANNED:
        link = [Choice("video_link")] if appointment.method == ServiceMethod.REMOTE else []
        opens_at = check_in_opens_at(visit)
        is_near = opens_at is None or at >= opens_at
        return [*([Choice("check_in", is_main=True)] if is_near else []), *link]
    if appointment.state == State.IN_SERVICE and visit.state == VisitState.CHECKED_IN:
        return [Choice("complete", is_main=True)]
    return []


def _of_claims(appointment: ServiceAppointment, claims: Sequence[ExclusionClaim]) -> list[Choice]:
    choices = []
    undecided = [claim for claim in claims if claim.is_open]
    if undecided:
        choices += [Choice("add_proof"), Choice("withdraw_claim")]
    elif appointment.is_open or appointment.state == State.DEEMED_REFUSED:
        choices.append(Choice("claim"))
    if any(claim.still_lasts for claim in claims):
        choices.append(Choice("end_event"))
    return choices
