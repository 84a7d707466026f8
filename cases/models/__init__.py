"""What happens: orders, covers, cases and the appointments in them."""

from cases.models.appointment import AppointmentState, ServiceAppointment
from cases.models.case import Attachment, CaseState, Message, ServiceCase
from cases.models.cover import Cover, CoverState, NotCovered
from cases.models.deadline import Clock, Deadline, DeadlineState, Limit, Pause
from cases.models.declared import DeclaredEvent
from cases.models.disclosure import Disclosure
from cases.models.exclusion import ClaimProof, ClaimState, Duty, EventKind, ExclusionClaim, Ground
from cases.models.offer import Offer, OfferState, Side
from cases.models.order import Order, OrderLine, OrderState, Protection
from cases.models.outage import Outage, OutageState
from cases.models.proposal import DateProposal, ProposalState
from cases.models.reminder import ReminderSent
from cases.models.restriction import Restriction, RestrictionState
from cases.models.seat import SlotSeat
from cases.models.sign_off import SignOff, SignOffOutcome
from cases.models.visit import Visit, VisitState
from cases.models.waiver import Waiver, WaiverState

__all__ = [
    "AppointmentState",
    "Attachment",
    "CaseState",
    "ClaimProof",
    "ClaimState",
    "Clock",
    "Cover",
    "CoverState",
    "DateProposal",
    "Deadline",
    "DeadlineState",
    "DeclaredEvent",
    "Disclosure",
    "Duty",
    "EventKind",
    "ExclusionClaim",
    "Ground",
    "Limit",
    "Message",
    "NotCovered",
    "Offer",
    "OfferState",
    "Order",
    "OrderLine",
    "OrderState",
    "Outage",
    "OutageState",
    "Pause",
    "ProposalState",
    "Protection",
    "ReminderSent",
    "Restriction",
    "RestrictionState",
    "ServiceAppointment",
    "ServiceCase",
    "Side",
    "SignOff",
    "SignOffOutcome",
    "SlotSeat",
    "Visit",
    "VisitState",
    "Waiver",
    "WaiverState",
]
