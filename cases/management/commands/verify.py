"""`manage.py verify`: count everything again from the events, and say what differs."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.checks.findings import Difference
from cases.models import ServiceCase
from cases.queries import REFERENCE
from cases.verification import Tally, kept, verify
from zestech_aftersales import clock

COLUMNS = (("place", 16), ("thing", 28), ("what", 24), ("stored", 34), ("counted", 34))
BAR = 24


class Command(BaseCommand):
    help = (
        "Count all clocks, states, covers and hash chains again from the events; prints what differs as a table and "
        "ends with status 1 if anything does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", metavar="ZA-2026-000418", help="this case and its order alone")

    def handle(self, *_args: Any, case: str | None, **_options: Any) -> None:
        begun_at, tally = clock.now(), Tally()
        only = _case(case) if case else None
        for found in verify(tally, at=begun_at, case=only, progress=self._progress):
            if tally.differences == 1:
                self._row(*(name for name, _width in COLUMNS))
                self._row(*("-" * width for _name, width in COLUMNS))
            self._difference(found)
        if only is None:
            kept(tally, begun_at=begun_at, done_at=clock.now())
        words = (
            f"{tally.cases} cases, {tally.limits} limits, {tally.orders} orders, {tally.judged} judged things, "
            f"{tally.events} events"
        )
        if tally.differences:
            raise CommandError(f"{tally.differences} differences in {words}.")
        self.stdout.write(f"All as the events say: {words}.")

    def _difference(self, found: Difference) -> None:
        self._row(found.place, found.thing, found.what, found.stored, found.counted)

    def _row(self, *cells: str) -> None:
        widths = [width for _name, width in COLUMNS]
        self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())

    def _progress(self, tally: Tally) -> None:
        """A bar for people at a terminal; logs stay clean."""
        if not sys.stderr.isatty():
            return
        share = tally.done / tally.total if tally.total else 1.0
        filled = "#" * min(BAR, round(share * BAR))
        end = "\n" if tally.done >= tally.total else ""
        self.stderr.write(f"\r[{filled:<{BAR}}] {tally.done} of {tally.total}", ending=end)


def _case(reference: str) -> ServiceCase:
    match = REFERENCE.match(reference.strip().upper())
    found = ServiceCase.objects.select_related("cover__order").filter(pk=int(match["pk"])).first() if match else None
    if found is None or found.reference != reference.strip().upper():
        raise CommandError(f"There is no case {reference}.")
    return found
