"""Bodies that other systems send."""

from __future__ import annotations

from typing import Any

ITEMS = {
    "service_period": "until the cover ends",
    "number_of_services": "no limit",
    "service_scope": "installation and fault detection",
    "charging_standard": "free of charge",
}


def an_offer(**given: Any) -> dict[str, Any]:
    """An effective response to R0 with two windows."""
    return {
        "method": "door",
        "service_type": "fault_detection",
        "windows": [
            {"starts_at": "2026-03-09T09:00:00+04:00", "ends_at": "2026-03-09T11:00:00+04:00"},
            {"starts_at": "2026-03-10T09:00:00+04:00", "ends_at": "2026-03-10T11:00:00+04:00"},
        ],
        "contact_name": "Service desk",
        "price_terms": "free of charge",
    } | given


def a_request(cover: int, **given: Any) -> dict[str, Any]:
    """A wish for a door visit."""
    return {
        "cover": cover,
        "title": "No CAN-bus signal",
        "description": "The steering-wheel buttons do nothing.",
        "method": "door",
        "service_type": "fault_detection",
        "address": "5 Palm Street",
        "city": "Dubai",
        "country": "AE",
        "phone": "+971 4 000 0000",
    } | given


def an_order(sku: str, **given: Any) -> dict[str, Any]:
    """An order that was placed and paid in November 2025."""
    return {
        "number": "API-1",
        "buyer_email": "buyer@example.com",
        "buyer_name": "Buyer",
        "placed_at": "2025-11-20T16:00:00+08:00",
        "paid_at": "2025-11-20T17:00:00+08:00",
        "currency": "USD",
        "total": "399.00",
        "protection": "trade_assurance",
        "ship_country": "AE",
        "lines": [{"sku": sku, "title": "Head unit"}],
    } | given
