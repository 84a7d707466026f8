"""Orders, requests and offers for tests, made through the real actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from cases.actions.answers import accept
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.offers import offer
from cases.actions.orders import ingest_order
from cases.models import Cover, Offer, OrderLine, ServiceAppointment
from cases.terms import DisclosureItems, OfferTerms, OrderLineRecord, OrderRecord, ServiceRequest, Window
from sellers.models import Engineer, MarkPeriod, Membership, Product, Seller, ServicePoint
from tests.factories.accounts import UserFactory
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

_numbers = count(1)

# Paid so that R0 (2 March 2026) lies well inside the cover.
PLACED = datetime(2025, 11, 20, 8, 0, tzinfo=UTC)
PAID = datetime(2025, 11, 20, 9, 0, tzinfo=UTC)
EVERY_DAY = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
ALL_ITEMS = DisclosureItems(
    service_period="until the cover ends",
    number_of_services="no limit",
    service_scope="installation and fault detection",
    charging_standard="free of charge",
)


def a_seller(**given: Any) -> Seller:
    """A seller with a name of its own."""
    n = next(_numbers)
    wanted = {
        "name": f"Shop {n}", "legal_name": f"Shop {n} Ltd", "slug": f"shop-{n}", "country": "CN",
        "city": "Shenzhen", "email": f"shop-{n}@example.com", "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    return Seller.objects.create(**{**wanted, **given})


def a_member(seller: Seller, seat: str = Seat.OWNER, **given: Any) -> User:
    """A person with a seat at the seller."""
    user = UserFactory(**given)
    Membership.objects.create(user=user, seller=seller, seat=seat)
    return user


def a_product(seller: Seller | None = None, *, marked: bool = True, **given: Any) -> Product:
    """A product that offers every method; marked since before the rules unless told otherwise."""
    n = next(_numbers)
    wanted = {
        "sku": f"ZT-{n}", "name": f"Head unit {n}", "brand": "ZESTECH",
        "methods": ServiceMethod.values, "service_types": ServiceType.values,
    }  # fmt: skip
    product = Product.objects.create(seller=seller or a_seller(), **{**wanted, **given})
    if marked:
        MarkPeriod.objects.create(product=product, begins_at=datetime(2021, 1, 1, tzinfo=UTC))
    return product


def a_point(seller: Seller, **given: Any) -> ServicePoint:
    """A service point with published slots, open 9 to 17 every day in Dubai."""
    wanted = {
        "name": "Point", "address": "1 Service Road", "city": "Dubai", "country": "AE", "time_zone": "Asia/Dubai",
        "opening_hours": EVERY_DAY, "slot_minutes": 60, "capacity": 1,
    }  # fmt: skip
    return ServicePoint.objects.create(seller=seller, **{**wanted, **given})


def an_engineer(seller: Seller, **given: Any) -> Engineer:
    """An engineer with a log-in of his own."""
    user = given.pop("user", None) or a_member(seller, Seat.ENGINEER)
    return Engineer.objects.create(seller=seller, user=user, **{"name": "Engineer", **given})


def an_order_record(*products: Product, **given: Any) -> OrderRecord:
    """An order as the shop tells it: placed and fully paid in November 2025."""
    n = next(_numbers)
    wanted = {
        "number": f"ORD-{n}", "buyer_email": f"buyer-{n}@example.com", "buyer_name": f"Buyer {n}",
        "placed_at": PLACED, "paid_at": PAID, "currency": "USD", "total": Decimal("399.00"),
        "protection": "trade_assurance", "ship_country": "AE", "ship_city": "Dubai",
    }  # fmt: skip
    lines = [OrderLineRecord(sku=product.sku, title=product.name) for product in products]
    return OrderRecord(**{**wanted, "lines": lines, **given})


def told(record: OrderRecord, *, at: datetime | None = None) -> Cover:
    """Ingest an order and return the cover of its first line."""
    later = max(instant for instant in (record.placed_at, record.paid_at, record.refunded_at) if instant)
    ingest_order(record, by=system(Channel.IMPORT), at=at or later + timedelta(hours=1))
    return OrderLine.objects.get(order__number=record.number, position=1).cover


def a_cover(product: Product | None = None, **given: Any) -> Cover:
    """An active cover of a paid, marked line."""
    return told(an_order_record(product or a_product(), **given))


def buyer_of(thing: Any, channel: Channel = Channel.PORTAL) -> Actor:
    """The buyer of a cover, case or appointment."""
    return Actor(channel=channel, user=thing.buyer)


def seller_of(thing: Any, seat: str = Seat.OWNER, channel: Channel = Channel.DASHBOARD) -> Actor:
    """An owner (or another seat) of the thing's seller."""
    membership = Membership.objects.filter(seller_id=thing.seller_id, seat=seat).first()
    user = membership.user if membership else a_member(thing.seller, seat)
    return Actor(channel=channel, user=user, seller_id=thing.seller_id, seat=seat)


def a_service_request(**given: Any) -> ServiceRequest:
    """A wish for a door visit."""
    wanted = {
        "title": "No CAN-bus signal", "description": "The steering-wheel buttons do nothing.",
        "method": ServiceMethod.DOOR, "service_type": ServiceType.FAULT_DETECTION,
        "address": "5 Palm Street", "city": "Dubai", "country": "AE", "phone": "+971 4 000 0000",
    }  # fmt: skip
    return ServiceRequest(**{**wanted, **given})


def requested(cover: Cover | None = None, *, at: datetime, **given: Any) -> ServiceAppointment:
    """A request received at an instant."""
    cover = cover or a_cover()
    return request_service(cover, a_service_request(**given), by=buyer_of(cover), at=at)


def offer_terms(at: datetime, **given: Any) -> OfferTerms:
    """An effective response with two windows in the days after `at`."""
    begins = (at + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    wanted: dict[str, Any] = {
        "method": ServiceMethod.DOOR, "service_type": ServiceType.FAULT_DETECTION,
        "windows": [Window(begins, begins + timedelta(hours=2)), Window(begins + timedelta(days=1), begins + timedelta(days=1, hours=2))],
        "contact_name": "Service desk", "price_terms": "free of charge",
    }  # fmt: skip
    wanted |= given
    if wanted["method"] != ServiceMethod.DOOR:
        wanted = {"plan": "Check the wiring, replace the harness.", "disclosure": ALL_ITEMS, **wanted}
    return OfferTerms(**wanted)


def far_off(at: datetime) -> list[Window]:
    """Two windows that still lie ahead when any limit that runs from `at` is over."""
    begins = (at + timedelta(days=60)).replace(minute=0, second=0, microsecond=0)
    return [Window(day, day + timedelta(hours=2)) for day in (begins, begins + timedelta(days=1))]


def offered(appointment: ServiceAppointment, *, at: datetime, **given: Any) -> Offer:
    """The seller's effective response received at an instant."""
    terms = offer_terms(at, **{"method": appointment.method, **given})
    return offer(appointment, terms, by=seller_of(appointment), at=at)


def accepted(standing: Offer, *, at: datetime, window: int = 0) -> ServiceAppointment:
    """The buyer's acceptance received at an instant."""
    return accept(standing, window=window, by=buyer_of(standing.appointment), at=at)


def cancelled(appointment: ServiceAppointment, *, at: datetime) -> ServiceAppointment:
    """The buyer's cancellation received at an instant."""
    return cancel(appointment, by=buyer_of(appointment), at=at)


def fresh(thing: Any) -> Any:
    """The thing as the database has it now; machines are fetched anew, never refreshed."""
    return type(thing).objects.get(pk=thing.pk)


def with_key(actor: Actor, key: str) -> Actor:
    """The same person with an idempotency key."""
    return replace(actor, key=key)
