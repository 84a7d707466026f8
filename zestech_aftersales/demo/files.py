"""The files under demo/, imported by the real commands; the orders of 2026 keep their age."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command

from cases.models import Order

# The day for which the files are written, a Monday, and an order of them that tells how far they were moved.
WRITTEN_FOR = date(2026, 11, 23)
YARDSTICK, YARDSTICK_DAY = "ZS-104101", date(2026, 4, 24)
DAY_OF_2026 = re.compile(r"(?<![0-9])2026-[0-9]{2}-[0-9]{2}(?![0-9])")
WEEK = timedelta(weeks=1)

PRODUCTS = "products.csv"
ORDERS = {"orders.csv": "csv", "orders.jsonl": "jsonl", "orders_shopify.csv": "shopify"}


def import_files(*, at: datetime, told: Callable[[str], object]) -> None:
    """Import products and orders, moved by whole weeks so that covers are as old as on the day they were written for.

    A later call finds how far they were moved and changes nothing. Dates before 2026 stay: they show
    what the rules say of old orders.
    """
    weeks = _weeks_moved() if Order.objects.filter(number=YARDSTICK).exists() else (at.date() - WRITTEN_FOR) // WEEK
    with TemporaryDirectory(prefix="zestech-demo-") as folder:
        for name in (PRODUCTS, *ORDERS):
            text = (Path(settings.BASE_DIR) / "demo" / name).read_text(encoding="utf-8")
            path = Path(folder) / name
            path.write_text(moved(text, weeks), encoding="utf-8")
            if name == PRODUCTS:
                call_command("import_products", str(path), verbosity=0, stdout=Told(told))
            else:
                call_command("import_orders", str(path), format=ORDERS[name], stdout=Told(told))


def moved(text: str, weeks: int) -> str:
    """The text with every day of 2026 that stands in it moved by so many weeks."""
    return DAY_OF_2026.sub(lambda day: (date.fromisoformat(day[0]) + weeks * WEEK).isoformat(), text)


def _weeks_moved() -> int:
    placed_at = Order.objects.get(number=YARDSTICK).placed_at
    return (placed_at.astimezone(UTC).date() - YARDSTICK_DAY) // WEEK


class Told:
    """A stream that hands every line on, as a command's `stdout`."""

    def __init__(self, told: Callable[[str], object]) -> None:
        self._told = told

    def write(self, text: str) -> None:
        if text.strip():
            self._told(text.strip())

    def flush(self) -> None:
        """Nothing is kept back."""
