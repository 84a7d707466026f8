"""verify_pack: prove that an evidence pack is whole, and that it tells what the database tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from complaints.packs.checking import verdict_on


class Command(BaseCommand):
    help = "Check an evidence pack against itself and the database; ends with status 1 if it differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the pack, a .zip")

    def handle(self, *_args: Any, file: Path, **_options: Any) -> None:
        verdict = verdict_on(file)
        for words in [*verdict.differences, *verdict.remarks]:
            self.stdout.write(words)
        if verdict.differences:
            raise CommandError(f"{len(verdict.differences)} differences found.")
        self.stdout.write(f"The pack {verdict.about} is whole and tells what the database tells.")
