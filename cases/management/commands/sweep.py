"""`manage.py sweep`: apply the limits that have passed; with --loop for ever, without any broker."""

from __future__ import annotations

import signal
import threading
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, connection

from cases import sweep as sweeps
from cases.lapses import end_restrictions, lapse_claims, sign_silently
from cases.outages import apply_outages
from zestech_aftersales import clock
from zestech_aftersales.timeline.models import Heartbeat

log = structlog.get_logger(__name__)

# Seconds. A limit that a request has just started, or a row that was locked, is looked at after this at the latest.
LONGEST_SLEEP = 1.0


class Command(BaseCommand):
    """Sweeps once, or sleeps until the next limit is due (at most a second) and sweeps again until it is stopped."""

    help = "Apply the limits that have passed. With --loop it needs neither worker, beat nor broker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or Ctrl-C")

    def handle(self, *_args: Any, loop: bool, **_options: Any) -> None:
        if not loop:
            self.stdout.write(f"{self._sweep()} ended")
            return
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stopped.set())
        self.stdout.write("Sweeping; Ctrl-C stops it.")
        while not stopped.is_set():
            stopped.wait(self._sweep_and_look_ahead())
        self.stdout.write("Stopped.")

    def _sweep_and_look_ahead(self) -> float:
        """Sweep, and return the seconds until the next limit will be ripe."""
        try:
            if ended := self._sweep():
                self.stdout.write(f"{clock.now().isoformat(timespec='milliseconds')} {ended} ended")
            at = clock.now()
            ripe_at = sweeps.next_due_instant(after=at)
        except (OperationalError, InterfaceError) as error:
            # The database is away: limits lose nothing by waiting for it.
            log.warning("sweep_waits_for_database", error=str(error))
            connection.close()
            return LONGEST_SLEEP
        return LONGEST_SLEEP if ripe_at is None else min(LONGEST_SLEEP, (ripe_at - at).total_seconds())

    def _sweep(self) -> int:
        apply_outages(now=clock.now)
        ended = sweeps.sweep(now=clock.now)
        lapse_claims(at=clock.now())
        end_restrictions(at=clock.now())
        sign_silently(at=clock.now())
        Heartbeat.beat("sweep", clock.now())
        return ended
