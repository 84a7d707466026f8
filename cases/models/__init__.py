"""What happens: orders, covers, cases and the appointments in them."""

from cases.models.appointment import AppointmentState, ServiceAppointment
from cases.models.case import Attachment, CaseState, Message, ServiceCase
from cases.models.chat_promise import ChatPromise
from cases.models.cover import Cover, CoverState, NotCovered
from cases.models.deadline import Clock, Deadline, DeadlineState, Limit, Pause
from cases.models.declared import DeclaredEvent
from cases.models.disclosure import Disclosure, DisclosureDoubt
from cases.models.draft import DraftState, EditionDraft
from cases.models.exclusion import ClaimProof, ClaimState, Duty, EventKind, ExclusionClaim, Ground
from cases.models.longer_limit import LongerLimit, LongerLimitState
from cases.models.offer import Offer, OfferState, Side
from cases.models.order import Order, OrderLine, OrderState, Protection
from cases.models.outage import Outage, OutageState
from cases.models.part import ListedPart, PartsList, UsedPart
from cases.models.proposal import DateProposal, ProposalState
from cases.models.reminder import (
    ProofReminder,
    Reminder,
    ReminderSent,
    RestrictionReminder,
    SignOffReminder,
    VisitReminder,
    VisitStep,
)
from cases.models.restriction import Restriction, RestrictionState
from cases.models.seat import SlotSeat
from cases.models.shipment import Shipment, ShipmentKind, ShipmentState
from cases.models.sign_off import SignOff, SignOffOutcome
from cases.models.simulation import Fate, SimulatedChange, Simulation
from cases.models.unit import UnitReplacement
from cases.models.visit import Visit, VisitResult, VisitState
from cases.models.waiver import Waiver, WaiverState

__all__ = [
    "AppointmentState",
    "Attachment",
    "CaseState",
    "ChatPromise",
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
    "DisclosureDoubt",
    "DraftState",
    "Duty",
    "EditionDraft",
    "EventKind",
    "ExclusionClaim",
    "Fate",
    "Ground",
    "Limit",
    "ListedPart",
    "LongerLimit",
    "LongerLimitState",
    "Message",
    "NotCovered",
    "Offer",
    "OfferState",
    "Order",
    "OrderLine",
    "OrderState",
    "Outage",
    "OutageState",
    "PartsList",
    "Pause",
    "ProofReminder",
    "ProposalState",
    "Protection",
    "Reminder",
    "ReminderSent",
    "Restriction",
    "RestrictionReminder",
    "RestrictionState",
    "ServiceAppointment",
    "ServiceCase",
    "Shipment",
    "ShipmentKind",
    "ShipmentState",
    "Side",
    "SignOff",
    "SignOffOutcome",
    "SignOffReminder",
    "SimulatedChange",
    "Simulation",
    "SlotSeat",
    "UnitReplacement",
    "UsedPart",
    "Visit",
    "VisitReminder",
    "VisitResult",
    "VisitState",
    "VisitStep",
    "Waiver",
    "WaiverState",
]
