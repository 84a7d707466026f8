"""`manage.py draw_audits`: draw the audits of a month, or draw them again and compare (3.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.models import AuditDraw
from complaints.population import month_before
from complaints.samples import differences, draw, new_seed
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.rulebook import RuleBroken


class Command(BaseCommand):
    help = (
        "Draw the sellers to be audited for a month that is over; a month is drawn once. With --again draw from the "
        "kept figures and seed and compare: prints what differs and ends with status 1 if anything does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", metavar="2026-03", help="the month; without it the one that was over last")
        parser.add_argument("--seed", default="", help="the seed; without it one that nobody could foresee")
        parser.add_argument("--again", action="store_true", help="draw the kept sample again and compare")

    def handle(self, *_args: Any, month: str | None, seed: str, again: bool, **_options: Any) -> None:
        wanted = _month(month) if month else month_before(clock.now())
        if again:
            self._compare(wanted)
            return
        try:
            sample = draw(wanted, seed=seed or new_seed(), by=system(Channel.COMMAND), now=clock.now)
        except RuleBroken as broken:
            raise CommandError(str(broken.detail)) from broken
        if seed and sample.seed != seed:
            raise CommandError(f"{sample} was drawn before, with the seed {sample.seed}.")
        self._told(sample)

    def _compare(self, month: date) -> None:
        sample = AuditDraw.objects.filter(month=month).first()
        if sample is None:
            raise CommandError(f"{month:%Y-%m} was not drawn.")
        self._told(sample)
        found = differences(sample)
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("Drawn again: the same.")

    def _told(self, sample: AuditDraw) -> None:
        self.stdout.write(f"{sample}: seed {sample.seed}, {len(sample.population)} sellers, {sample.population_hash}")
        for audit in sample.audits.select_related("seller").order_by("pk"):
            self.stdout.write(f"{audit}  {audit.part:<7} {audit.seller}")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise CommandError("Write the month like 2026-03.") from error
