"""`manage.py tour`: a story of the limits, played in a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from rich.console import Console

from zestech_aftersales import clock
from zestech_aftersales.demo.telling import REQUESTED
from zestech_aftersales.demo.tour import Answer, Outcome, tell
from zestech_aftersales.rulebook.queries import edition_in_force

# How long a step stays on a screen; a file or a pipe needs no time to read.
PACE = 0.4
# The program's own settings must not follow into the other database.
LEFT_BEHIND = (
    "BASE_URL", "PORT", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MEDIA_ROOT", "STATIC_ROOT",
    "SENTRY_DSN", "SETTLE_SECONDS",
)  # fmt: skip


class Command(BaseCommand):
    """Play the tour; the exit status tells whether everything came out as the rules say."""

    help = "Watch twenty requests and their limits in a terminal; plays in a temporary database in half a minute."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pace", type=float, help=f"seconds for each step; default: {PACE} in a terminal, else 0")
        parser.add_argument("--inside", type=Path, help=SUPPRESS)

    def handle(self, *_args: Any, pace: float | None, inside: Path | None, **_options: Any) -> None:
        if pace is None:
            pace = PACE if sys.stdout.isatty() else 0
        if inside is None:
            self.play_apart(pace)
        else:
            self.play(inside, pace)

    def play_apart(self, pace: float) -> None:
        """Run this command once more, in a process that knows nothing but a temporary folder."""
        with TemporaryDirectory(prefix="zestech-tour-") as folder:
            environment = {name: value for name, value in os.environ.items() if name not in LEFT_BEHIND}
            environment |= {
                "VAR_DIR": folder,
                "DATABASE_URL": f"sqlite:///{folder}/tour.sqlite3",
                "DEBUG": "on",
                "LOG_LEVEL": "ERROR",
            }
            command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "tour"]
            try:
                ended = subprocess.run(
                    [*command, "--inside", folder, "--pace", str(pace)], env=environment, check=False
                )
            except KeyboardInterrupt:
                raise CommandError("Stopped.") from None
        if ended.returncode:
            raise CommandError("The tour did not end as the rules say.", returncode=ended.returncode)

    def play(self, folder: Path, pace: float) -> None:
        """Play in this process, whose database lies in `folder` and is new."""
        database = Path(settings.DATABASES["default"]["NAME"])
        if database.parent != folder or database.exists():
            raise CommandError("The tour plays in a new database of its own only.")
        call_command("migrate", interactive=False, verbosity=0)
        with clock.standing_at(REQUESTED) as standing:
            outcomes = tell(Console(), standing, edition_in_force(REQUESTED).law, pace=pace)
        must_be_right(outcomes)


def must_be_right(outcomes: Sequence[Outcome | Answer]) -> None:
    """CommandError, and so an exit status, when a case came out, or a question was answered, otherwise than it must."""
    if wrong := [each.expected.case for each in outcomes if not each.is_right]:
        raise CommandError(f"Not what the rules say: {', '.join(wrong)}.")
