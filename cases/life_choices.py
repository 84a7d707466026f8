"""What a buyer can do once a service is over: sign it off or object, close the case, reopen it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.choices import Choice
from cases.cover_ends import is_bookable
from cases.mails import KEPT_BY_AN_ANSWER
from cases.models import AppointmentState, CaseState, ServiceAppointment, SignOff
from cases.permissions import is_buyer

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def sign_off_choices(
    appointment: ServiceAppointment, by: Actor, *, at: datetime, sign_off: SignOff | None
) -> list[Choice]:
    """The buyer's word on a completed service, as long as it is awaited."""
    if not is_buyer(appointment, by) or sign_off is None:
        return []
    if not sign_off.is_awaited or not sign_off.can_be_answered(at):
        return []
    return [Choice("sign_off", is_main=True), Choice("object")]


def case_choices(appointment: ServiceAppointment, by: Actor, *, at: datetime) -> list[Choice]:
    """The buyer's choices around the end of a case; nobody else has any."""
    if not is_buyer(appointment, by):
        return []
    choices = []
    if appointment.state == AppointmentState.DEEMED_REFUSED and appointment.end_reason in KEPT_BY_AN_ANSWER:
        choices.append(Choice("acknowledge_answer"))
    if not appointment.is_open and appointment.case.state != CaseState.CLOSED:
        choices.append(Choice("close_case"))
    if appointment.case.state != CaseState.OPEN and is_bookable(appointment.case.cover, at):
        choices.append(Choice("reopen_case"))
    return choices
