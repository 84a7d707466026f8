"""What people hand to the actions: plain, frozen, already typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from cases.events import instant_text
from cases.models.disclosure import ITEMS
from cases.models.exclusion import Ground
from cases.models.offer import Side
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from cases.photos import Photo
    from sellers.models import Engineer, ServicePoint


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which a visit can begin; two aware instants."""

    starts_at: datetime
    ends_at: datetime

    def as_json(self) -> dict[str, str]:
        """How offers and events keep it."""
        return {"starts_at": instant_text(self.starts_at), "ends_at": instant_text(self.ends_at)}

    @classmethod
    def from_json(cls, kept: dict[str, str]) -> Window:
        """The window that `as_json` kept."""
        return cls(datetime.fromisoformat(kept["starts_at"]), datetime.fromisoformat(kept["ends_at"]))


@dataclass(frozen=True, slots=True)
class DisclosureItems:
    """The four items of 3.1, as the seller words them."""

    service_period: str = ""
    number_of_services: str = ""
    service_scope: str = ""
    charging_standard: str = ""
    # The charging standard as a figure, where the seller gives one.
    charges_at_most: Decimal | None = None
    charges_currency: str = ""

    def missing(self) -> list[str]:
        """The items that are empty, in the order of the clause."""
        return [item for item in ITEMS if not getattr(self, item).strip()]


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What makes a response effective (domain section 3): method, service, time, person or place, price."""

    method: str
    service_type: str
    windows: Sequence[Window] = ()
    next_step: str = ""
    next_step_at: datetime | None = None
    contact_name: str = ""
    engineer: Engineer | None = None
    point: ServicePoint | None = None
    # For remote guidance; the buyer is told it once the appointment is confirmed.
    video_url: str = ""
    plan: str = ""
    parts: str = ""
    price_amount: Decimal = Decimal(0)
    price_currency: str = ""
    price_terms: str = ""
    disclosure: DisclosureItems = field(default_factory=DisclosureItems)

    def missing(self) -> list[str]:
        """What keeps the offer from being effective, by field name."""
        gaps = [name for name in ("method", "service_type") if not getattr(self, name)]
        if not self.windows and not (self.next_step and self.next_step_at):
            gaps.append("windows")
        if not (self.contact_name.strip() or self.engineer or self.point):
            gaps.append("contact_name")
        if not self.price_terms.strip():
            gaps.append("price_terms")
        if self.method != ServiceMethod.DOOR and not self.plan.strip():
            gaps.append("plan")
        return gaps


@dataclass(frozen=True, slots=True)
class PartTerms:
    """A part as the seller tells it; `amount` is what the buyer is charged for all pieces of it."""

    name: str
    number: str = ""
    quantity: int = 1
    brought_by: str = Side.SELLER
    paid_by: str = Side.SELLER
    amount: Decimal = Decimal(0)
    currency: str = ""

    def missing(self) -> list[str]:
        """What is missing or does not fit together, by field name."""
        gaps = [] if self.name.strip() else ["name"]
        if self.quantity < 1:
            gaps.append("quantity")
        if self.paid_by == Side.BUYER:
            gaps += [] if self.amount > 0 else ["amount"]
            gaps += [] if self.currency else ["currency"]
        elif self.amount:
            gaps.append("paid_by")
        return gaps


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """A unit in place of another, by serial number; an empty old one is the one the cover knew."""

    new_serial: str
    old_serial: str = ""


@dataclass(frozen=True, slots=True)
class ReportDetails:
    """What a visit's report tells beside its words: result, parts used, photos, a replaced unit."""

    result: str = ""
    parts: Sequence[PartTerms] = ()
    photos: Sequence[Photo] = ()
    unit: UnitTerms | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """How a shipment travels and how it can be followed."""

    carrier: str
    tracking_number: str
    tracking_url: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """What a buyer asks for: the fault, the method, the wish for a time, the place."""

    title: str
    method: str
    service_type: str
    description: str = ""
    wish: str = ""
    point: ServicePoint | None = None
    slot_starts_at: datetime | None = None
    address: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    photos: Sequence[Photo] = ()


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """One line of an order as the shop tells it."""

    sku: str
    title: str
    quantity: int = 1
    refunded_quantity: int = 0
    unit_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as the shop tells it; `paid_at` is the instant of full payment."""

    number: str
    buyer_email: str
    placed_at: datetime
    currency: str
    total: Decimal
    lines: Sequence[OrderLineRecord]
    buyer_name: str = ""
    paid_at: datetime | None = None
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunded_amount: Decimal = Decimal(0)
    protection: str = "other"
    is_online: bool = True
    ship_name: str = ""
    ship_address: str = ""
    ship_city: str = ""
    ship_country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """What a seller claims to have kept him from serving: ground, event, interval, the duties it stops, evidence."""

    ground: str
    statement: str
    kind: str = ""
    place: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    duties: Sequence[str] = ()
    photos: Sequence[Photo] = ()

    def missing(self) -> list[str]:
        """The fields that are still needed, by name; force majeure needs the event itself."""
        missing = [] if self.statement.strip() else ["statement"]
        if self.ground == Ground.FORCE_MAJEURE:
            missing += [name for name in ("kind", "place", "begins_at", "duties") if not getattr(self, name)]
        if self.begins_at and self.ends_at and self.ends_at <= self.begins_at:
            missing.append("ends_at")
        return missing
