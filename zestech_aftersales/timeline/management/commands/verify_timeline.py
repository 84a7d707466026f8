"""verify_timeline: prove that no event was changed, moved, cut off or left unsealed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zestech_aftersales import clock
from zestech_aftersales.timeline.seals import verify


class Command(BaseCommand):
    help = "Check the hash chains of the timeline; ends with status 1 if a history was tampered with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("stream", nargs="?", help="one history, like case/17; without it all of them")
        parser.add_argument(
            "--grace", type=int, default=60, metavar="SECONDS", help="how long an event may wait for its seal (60)"
        )

    def handle(self, *_args: Any, stream: str | None, grace: int, **_options: Any) -> None:
        count = 0
        for broken in verify(stream, sealed_by=clock.now() - timedelta(seconds=grace)):
            count += 1
            place = f"{broken.stream} #{broken.position or '-'} event {broken.event_id or '-'}"
            self.stdout.write(f"{place}: {broken.text}")
        if count:
            raise CommandError(f"{count} breaks found.")
        self.stdout.write("Every history is whole.")
