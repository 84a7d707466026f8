"""What a person can do around the service itself: tell the parts before the visit, shipments, a replaced unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.choices import Choice
from cases.models import CaseState, ServiceAppointment, Shipment, ShipmentState
from cases.models.appointment import BEFORE_SERVICE
from cases.permissions import is_buyer, is_seller, serves

if TYPE_CHECKING:
    from cases.models import Visit
    from zestech_aftersales.accounts.actors import Actor


def part_choices(appointment: ServiceAppointment, by: Actor, *, visit: Visit | None) -> list[Choice]:
    """The seller, or the engineer of the planned visit, tells what it will need."""
    if appointment.state not in BEFORE_SERVICE:
        return []
    may_tell = is_seller(appointment, by) or (visit is not None and serves(visit, by))
    return [Choice("list_parts")] if may_tell else []


def case_service_choices(appointment: ServiceAppointment, by: Actor) -> list[Choice]:
    """As long as the case is not closed the seller can announce a shipment and record that a unit was replaced."""
    if appointment.case.state == CaseState.CLOSED or not is_seller(appointment, by):
        return []
    return [Choice("announce_shipment"), Choice("replace_unit")]


@dataclass(frozen=True, slots=True)
class ShownShipment:
    """A shipment, and what the person can do about it."""

    shipment: Shipment
    choices: list[Choice]


def shown_shipments(shipments: Iterable[Shipment], by: Actor) -> list[ShownShipment]:
    """Shipments as one person sees them."""
    return [ShownShipment(each, shipment_choices(each, by)) for each in shipments]


def shipment_choices(shipment: Shipment, by: Actor) -> list[Choice]:
    """What can be done about one shipment, the expected step first."""
    state = shipment.state
    if is_buyer(shipment.case, by):
        choices = [Choice("receive", is_main=state == ShipmentState.SHIPPED)]
        if state == ShipmentState.SHIPPED and not shipment.is_missed:
            choices.append(Choice("report_missing"))
        return choices if state in (ShipmentState.SHIPPED, ShipmentState.LOST) else []
    if not is_seller(shipment.case, by):
        return []
    if state == ShipmentState.ANNOUNCED:
        return [Choice("ship", is_main=True)]
    choices = [Choice("correct"), Choice("lose")] if state == ShipmentState.SHIPPED else []
    return [*choices, Choice("take_back")] if state in (ShipmentState.SHIPPED, ShipmentState.LOST) else choices
