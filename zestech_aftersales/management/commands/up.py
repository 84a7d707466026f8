"""`manage.py up`: the whole program on this machine, under one small supervisor."""

import os
import socket
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from zestech_aftersales.supervisor import programs
from zestech_aftersales.supervisor.keeper import AlreadyRunning, Keeper


class Command(BaseCommand):
    """Start broker, web, worker and beat; stop them all with Ctrl-C."""

    help = "Run everything on this machine: embedded broker, web, worker and beat. Ctrl-C stops all of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"), help="default: PORT or 8000")

    def handle(self, *_args: Any, port: int, **_options: Any) -> None:
        began = time.monotonic()
        refuse_taken_port(port)
        try:
            with Keeper(settings.VAR_DIR, settings.BASE_DIR, self.stdout.write) as keeper:
                self.run_all(keeper, port, began)
        except AlreadyRunning:
            raise CommandError(f"It is running already: another `up` works in {settings.VAR_DIR}.") from None
        self.stdout.write("Stopped.")

    def run_all(self, keeper: Keeper, port: int, began: float) -> None:
        """Start everything in the order of need and stay with it."""
        if settings.HAS_EMBEDDED_BROKER:
            keeper.start(programs.broker())
        self.stdout.write("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)
        # The first page need not wait for the demo; the loops do, as the demo plays its past itself.
        keeper.start(programs.web(port))
        self.load_demo()
        connections.close_all()
        if not keeper.wait_for(programs.broker_answers, seconds=20):
            if keeper.asked_to_stop.is_set():
                return
            raise CommandError(f"The broker at {settings.REDIS_URL} does not answer.")
        keeper.start(programs.worker())
        keeper.start(programs.beat())
        if keeper.wait_for(lambda: page_answers(port), seconds=60):
            self.say_where(port, time.monotonic() - began)
        keeper.keep()
        self.stdout.write("Stopping ...")

    def load_demo(self) -> None:
        """Fill an empty database with the demo; only with DEBUG on, as its passwords are known to everybody."""
        if settings.DEBUG:
            call_command("load_demo", if_empty=True)

    def say_where(self, port: int, seconds: float) -> None:
        """Print the addresses, and who can log in."""
        url = f"http://{programs.HOST}:{port}"
        for line in (
            "",
            f"Ready after {seconds:.1f} s.",
            f"  Site       {url}/",
            f"  Rules      {url}/rules/",
            f"  Admin      {url}/admin/",
            f"  API        {url}/api/v1/   documentation {url}/api/docs/",
            f"  Mails      {settings.EMAIL_FILE_PATH}",
            f"  Logs       {settings.VAR_DIR / 'log'}",
            "",
        ):
            self.stdout.write(line)
        if settings.DEBUG:
            call_command("load_demo", log_ins=True)
        self.stdout.write("Ctrl-C stops everything; the data stays.")
        self.stdout.flush()


def refuse_taken_port(port: int) -> None:
    """Say at once that the port is taken, instead of restarting the web server for ever."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((programs.HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Try PORT={port + 123} make run"
            ) from None


def page_answers(port: int) -> bool:
    """Tell whether the web server answers at all."""
    try:
        with urllib.request.urlopen(f"http://{programs.HOST}:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
