"""Take in products, their marks and their pages' promises from a CSV file.

The file is UTF-8 with a header line; instants are ISO 8601 with their offset from UTC; several values
in a cell are separated by semicolons. Columns, the first three needed:

  sku                 the product's number, unique over all sellers
  seller              the seller's short name; the seller must exist
  name                the product's name
  brand, description  as on the page
  service_types       what is offered, of: video_guidance, installation, debugging, fault_detection,
                      parts_delivery, parts_replacement, local_service; empty: all of them
  methods             of: door, point, remote; empty: door and point
  marked_from         since when the product bears the after-sales service mark; empty: nothing new
  marked_until        the last instant of that mark; empty: it stands
  page_from           since when the page makes the promises below; empty: since marked_from for a
                      product that is new here, otherwise since now
  page_statement      the page's words
  response_hours, solution_hours, confirmation_days, cover_months
                      whole numbers, where the page promises something (2.3.3)
  number_of_services  a whole number, or unlimited
  charge              free or charged
  areas               where service is promised

A row is taken in as a whole or refused as a whole. Refused rows are written beside the file as
FILE.rejected.csv, with their line and the reason. The same file again changes nothing.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress

from sellers.actions.imports import Outcome, import_product
from sellers.importing.files import FileError, Refused, Row, line_count, rows_of, write_refused
from sellers.importing.products import NEEDED, OPTIONAL, RowError, read_row
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.rulebook.refusals import RuleBroken


class Command(BaseCommand):
    help = __doc__

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, **kwargs, formatter_class=RawDescriptionHelpFormatter)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="check every row and keep nothing")

    def handle(self, *_args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        counts: Counter[str] = Counter()
        refused: list[Refused] = []
        lines_by_sku: dict[str, int] = {}
        quiet = options["verbosity"] == 0 or not sys.stderr.isatty()
        fault: FileError | None = None
        with Progress(console=Console(stderr=True), disable=quiet, transient=True) as progress:
            bar = progress.add_task(file.name, total=line_count(file) if file.is_file() else None)
            try:
                for row in rows_of(file, NEEDED, OPTIONAL):
                    progress.update(bar, completed=row.line)
                    reason = self.take_in(row, lines_by_sku, counts, rehearse=dry_run)
                    if reason:
                        refused.append(Refused(row, reason))
            except FileError as wrong:
                fault = wrong
        if fault is not None and not (counts or refused):
            raise CommandError(f"{file}: {fault}")
        self.tell(counts, refused, dry_run=dry_run)
        try:
            told = write_refused(file, refused)
        except FileError as wrong:
            raise CommandError(str(wrong)) from wrong
        if told is not None:
            self.stdout.write(_("Rejected rows with their reasons: %(file)s") % {"file": told})
        if fault is not None:
            raise CommandError(f"{file}: {fault}")

    def take_in(self, row: Row, lines_by_sku: dict[str, int], counts: Counter[str], *, rehearse: bool) -> str:
        """Take in one row and count it; the reason if it is refused."""
        if row.fault:
            return row.fault
        try:
            record = read_row(row.cells)
            first = lines_by_sku.setdefault(record.sku, row.line)
            if first != row.line:
                return _("sku: stands in line %(line)d already.") % {"line": first}
            outcome = import_product(record, by=system(Channel.IMPORT), at=clock.now(), rehearse=rehearse)
        except RowError as wrong:
            return str(wrong)
        except RuleBroken as broken:
            return str(broken)
        counts[outcome] += 1
        return ""

    def tell(self, counts: Counter[str], refused: list[Refused], *, dry_run: bool) -> None:
        """Print the summary: created, changed, unchanged, rejected."""
        summary = ", ".join(f"{counts[outcome]} {outcome.label}" for outcome in Outcome)
        self.stdout.write(
            _("Products: %(summary)s, %(refused)d rejected.") % {"summary": summary, "refused": len(refused)}
        )
        if dry_run:
            self.stdout.write(_("This was a dry run: nothing was kept."))
