"""Order files written by tests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

# One order as our own CSV tells it, paid inside the rules.
ORDER = {
    "number": "ZT-1", "buyer_email": "buyer@example.com", "buyer_name": "Buyer", "placed_at": "2025-11-20T16:00:00+08:00",
    "paid_at": "2025-11-20T17:00:00+08:00", "currency": "EUR", "total": "399.00", "protection": "trade_assurance",
    "sku": "ZT-9000", "title": "Head unit", "quantity": "1", "unit_price": "399.00",
}  # fmt: skip

# The same as Shopify's order export tells it; the real export has about sixty columns more.
SHOPIFY = {
    "Name": "#1001", "Email": "buyer@example.com", "Financial Status": "paid", "Paid at": "2025-11-20 17:00:00 +0800",
    "Fulfillment Status": "fulfilled", "Currency": "EUR", "Subtotal": "399.00", "Total": "399.00",
    "Created at": "2025-11-20 16:59:58 +0800", "Lineitem quantity": "1", "Lineitem name": "Head unit - 10 inch",
    "Lineitem price": "399.00", "Lineitem sku": "ZT-9000", "Billing Name": "Buyer", "Billing Phone": "'+49 30 0000000",
    "Shipping Name": "Buyer", "Shipping Street": "Example Street 5, back yard", "Shipping City": "Berlin",
    "Shipping Zip": "'10115", "Shipping Country": "DE", "Cancelled at": "", "Payment Method": "Shopify Payments",
    "Refunded Amount": "0.00", "Vendor": "ZESTECH", "Id": "5550000001", "Phone": "", "Source": "web",
}  # fmt: skip
# What Shopify leaves to an order's further rows.
FURTHER = ("Name", "Email", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku")


def a_further_row(**given: str) -> dict[str, str]:
    """Another line item of the order of the row before."""
    return {name: SHOPIFY[name] if name in FURTHER else "" for name in SHOPIFY} | given


def csv_file(path: Path, *rows: Mapping[str, str], encoding: str = "utf-8") -> Path:
    """Write rows as CSV; the first row's keys are the header."""
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def jsonl_file(path: Path, *orders: Mapping[str, Any]) -> Path:
    """Write orders as JSON lines."""
    path.write_text("".join(json.dumps(order) + "\n" for order in orders))
    return path


def imported(path: Path, **options: Any) -> str:
    """Run the command and return its summary; that some were rejected is no failure here."""
    out = io.StringIO()
    with suppress(CommandError):
        call_command("import_orders", str(path), stdout=out, **options)
    return out.getvalue().strip()


def rejections(path: Path) -> list[dict[str, str]]:
    """What stands in the file of rejections, none when there is no such file."""
    beside = path.with_name(f"{path.name}.rejected.csv")
    return list(csv.DictReader(io.StringIO(beside.read_text(), newline=""))) if beside.exists() else []
