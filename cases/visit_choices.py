"""What a person can do about a visit: report a no-show, dispute one, propose another date, answer a
proposal, send another engineer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cases.actions.no_shows import buyer_missed_at, seller_missed_at
from cases.choices import Choice
from cases.dates import MOVABLE
from cases.models import AppointmentState, ProposalState, ServiceAppointment, Side, VisitState
from cases.permissions import is_buyer, is_seller

if TYPE_CHECKING:
    from cases.models import DateProposal, Visit
    from zestech_aftersales.accounts.actors import Actor


def proposal_standing(
    appointment: ServiceAppointment, visits: Sequence[Visit], proposals: Sequence[DateProposal]
) -> DateProposal | None:
    """The proposed date that can be answered: about the latest visit of a confirmed appointment."""
    if appointment.state != AppointmentState.CONFIRMED or not visits:
        return None
    open_ones = (each for each in proposals if each.state == ProposalState.STANDING)
    return next((each for each in open_ones if each.visit_id == visits[-1].pk), None)


def visit_choices(
    appointment: ServiceAppointment,
    by: Actor,
    *,
    at: datetime,
    visits: Sequence[Visit],
    proposal: DateProposal | None,
) -> list[Choice]:
    """The choices around the latest visit, the expected one first; nothing before a visit was planned."""
    if not visits:
        return []
    latest = visits[-1]
    if is_buyer(appointment, by):
        mine, theirs, accuses_me = Side.BUYER, Side.SELLER, VisitState.BUYER_NO_SHOW
    elif is_seller(appointment, by):
        mine, theirs, accuses_me = Side.SELLER, Side.BUYER, VisitState.SELLER_NO_SHOW
    else:
        return _of_engineer(appointment, latest, by, at=at)
    choices = []
    if proposal is not None and proposal.side == theirs:
        choices += [Choice("accept_date", is_main=True), Choice("decline_date")]
    if appointment.state == AppointmentState.CONFIRMED and latest.state in MOVABLE:
        owes = mine == Side.SELLER and latest.state == VisitState.SELLER_NO_SHOW and proposal is None
        choices.append(Choice("propose_date", is_main=owes))
    if mine == Side.SELLER and appointment.state == AppointmentState.CONFIRMED and latest.state == VisitState.PLANNED:
        choices.append(Choice("another_engineer"))
    if _is_missed(appointment, latest, at=at, by_seller=mine == Side.BUYER):
        choices.append(Choice("seller_no_show" if mine == Side.BUYER else "buyer_no_show"))
    if latest.state == accuses_me:
        choices.append(Choice("dispute_no_show"))
    return choices


def _of_engineer(appointment: ServiceAppointment, latest: Visit, by: Actor, *, at: datetime) -> list[Choice]:
    engineer = latest.engineer
    if engineer is None or engineer.user_id is None or engineer.user_id != by.user_id:
        return []
    if latest.state == VisitState.SELLER_NO_SHOW:
        return [Choice("dispute_no_show")]
    return [Choice("buyer_no_show")] if _is_missed(appointment, latest, at=at, by_seller=False) else []


def _is_missed(appointment: ServiceAppointment, visit: Visit, *, at: datetime, by_seller: bool) -> bool:
    """Whether a no-show of that side can be reported by now."""
    is_planned = appointment.state == AppointmentState.CONFIRMED and visit.state == VisitState.PLANNED
    return is_planned and at >= (seller_missed_at(visit) if by_seller else buyer_missed_at(visit))
