"""What a person can do about a visit: report a no-show, dispute one, propose another date, answer a
proposal, send another engineer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cases.choices import Choice
from cases.dates import MOVABLE, broken_off_at, buyer_missed_at, seller_missed_at
from cases.models import (
    AppointmentState,
    DateProposal,
    ProposalState,
    ServiceAppointment,
    Side,
    Visit,
    VisitState,
)
from cases.permissions import is_buyer, is_seller

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


ACCUSES_SELLER = (VisitState.SELLER_NO_SHOW, VisitState.BROKEN_OFF)


def proposal_standing(
    appointment: ServiceAppointment, visits: Sequence[Visit], proposals: Sequence[DateProposal]
) -> DateProposal | None:
    """The proposed date that can be answered: about the latest visit, or about what is agreed and not yet confirmed."""
    if appointment.state == AppointmentState.AGREED:
        about = None
    elif appointment.state == AppointmentState.CONFIRMED and visits:
        about = visits[-1].pk
    else:
        return None
    open_ones = (each for each in proposals if each.state == ProposalState.STANDING)
    return next((each for each in open_ones if each.visit_id == about), None)


def dates_to_answer(side: Side) -> QuerySet[DateProposal]:
    """The proposed dates of a side that can be answered: what `proposal_standing` says of one request, for all."""
    latest = Visit.objects.filter(appointment=OuterRef("appointment")).order_by("-pk")
    agreed = Q(appointment__state=AppointmentState.AGREED, visit=None)
    confirmed = Q(appointment__state=AppointmentState.CONFIRMED, visit=Subquery(latest.values("pk")[:1]))
    # The state as a literal of the partial index's condition.
    return DateProposal.objects.filter(agreed | confirmed, side=side, state="standing")


def visit_choices(
    appointment: ServiceAppointment,
    by: Actor,
    *,
    at: datetime,
    visits: Sequence[Visit],
    proposal: DateProposal | None,
) -> list[Choice]:
    """The choices around the latest visit, or the agreed date of one to come, the expected one first."""
    latest = visits[-1] if visits else None
    accuses_me: tuple[VisitState, ...]
    if is_buyer(appointment, by):
        mine, theirs, accuses_me = Side.BUYER, Side.SELLER, (VisitState.BUYER_NO_SHOW,)
    elif is_seller(appointment, by):
        mine, theirs, accuses_me = Side.SELLER, Side.BUYER, ACCUSES_SELLER
    else:
        return [] if latest is None else _of_engineer(appointment, latest, by, at=at)
    choices = []
    if proposal is not None and proposal.side == theirs:
        choices += [Choice("accept_date", is_main=True), Choice("decline_date")]
    if appointment.state == AppointmentState.AGREED:
        return [*choices, Choice("propose_date")]
    if latest is None:
        return choices
    if appointment.state == AppointmentState.CONFIRMED and latest.state in MOVABLE:
        owes = mine == Side.SELLER and latest.owes_date and proposal is None
        choices.append(Choice("propose_date", is_main=owes))
    if mine == Side.SELLER and appointment.state == AppointmentState.CONFIRMED and latest.state == VisitState.PLANNED:
        choices.append(Choice("another_engineer"))
    if _is_missed(appointment, latest, at=at, by_seller=mine == Side.BUYER):
        choices.append(Choice("seller_no_show" if mine == Side.BUYER else "buyer_no_show"))
    if mine == Side.BUYER and _can_be_broken_off(appointment, latest, at=at):
        choices.append(Choice("broken_off"))
    if latest.state in accuses_me:
        choices.append(Choice("dispute_no_show"))
    return choices


def _of_engineer(appointment: ServiceAppointment, latest: Visit, by: Actor, *, at: datetime) -> list[Choice]:
    engineer = latest.engineer
    if engineer is None or engineer.user_id is None or engineer.user_id != by.user_id:
        return []
    if latest.state in ACCUSES_SELLER:
        return [Choice("dispute_no_show")]
    return [Choice("buyer_no_show")] if _is_missed(appointment, latest, at=at, by_seller=False) else []


def _is_missed(appointment: ServiceAppointment, visit: Visit, *, at: datetime, by_seller: bool) -> bool:
    """Whether a no-show of that side can be reported by now."""
    is_planned = appointment.state == AppointmentState.CONFIRMED and visit.state == VisitState.PLANNED
    missed_at = seller_missed_at(visit) if by_seller else buyer_missed_at(visit)
    return is_planned and missed_at is not None and at >= missed_at


def _can_be_broken_off(appointment: ServiceAppointment, visit: Visit, *, at: datetime) -> bool:
    """Whether the buyer can say by now that the engineer has left before the work was done."""
    is_under_way = appointment.state == AppointmentState.IN_SERVICE and visit.state == VisitState.CHECKED_IN
    left_at = broken_off_at(visit)
    return is_under_way and left_at is not None and at >= left_at
