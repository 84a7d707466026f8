"""`manage.py import_orders`: the orders of a shop's file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cases.actions.orders import Outcome
from cases.importing.lines import UnreadableFileError
from cases.importing.order_files import REJECTED, Format, format_of, import_orders
from cases.importing.rejected import RejectedFile
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Channel, system

# The exit status when the file was read but not every order was taken over.
SOME_REJECTED = 2


class Command(BaseCommand):
    """Take over orders from a file; again as often as you like."""

    help = "Import orders from a CSV, JSON lines or Shopify export; docs/import.md tells the formats."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--format", choices=[kind.value for kind in Format], help="default: jsonl for *.jsonl, else csv"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")

    def handle(self, *_args: Any, file: Path, dry_run: bool, verbosity: int = 1, **options: Any) -> None:
        kind = Format(options["format"]) if options.get("format") else format_of(file)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        quiet = verbosity == 0 or not sys.stderr.isatty()
        with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
            task = bar.add_task(file.name, total=None)
            try:
                counts = import_orders(
                    file,
                    kind,
                    by=system(Channel.IMPORT),
                    now=clock.now,
                    dry_run=dry_run,
                    progress=lambda read, size: bar.update(task, completed=read, total=size),
                )
            except UnreadableFileError as unreadable:
                raise CommandError(_("Nothing was imported. %(why)s") % {"why": unreadable}) from unreadable
        if verbosity:
            self.stdout.write(_summary(file, counts, dry_run=dry_run))
        if counts[REJECTED]:
            raise CommandError(
                _("Rejected: %(count)d. Lines and reasons stand in %(file)s.")
                % {"count": counts[REJECTED], "file": RejectedFile(file).path},
                returncode=SOME_REJECTED,
            )


def _summary(file: Path, counts: Counter[str], *, dry_run: bool) -> str:
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in (*Outcome, REJECTED))
    return f"{file.name}: {told}" + (_(" (dry run, nothing stored)") if dry_run else "")
