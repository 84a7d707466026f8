"""`manage.py load_demo`: people, sellers, orders and cases to look at; only with DEBUG on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.urls import reverse

from zestech_aftersales import clock
from zestech_aftersales.accounts.models import User
from zestech_aftersales.demo.disputes import dispute
from zestech_aftersales.demo.files import import_files
from zestech_aftersales.demo.people import PASSWORD, bring_people, demo_clients, demo_logins
from zestech_aftersales.demo.shop import open_shop
from zestech_aftersales.demo.stories import tell_stories


class Command(BaseCommand):
    """Load the demo; once more changes nothing."""

    help = "Load the demo data and accounts (DEBUG only): imports the files under demo/ and plays some cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are people already")
        parser.add_argument("--log-ins", action="store_true", help="only print who can log in")

    def handle(self, *_args: Any, if_empty: bool, log_ins: bool, **_options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Everybody knows the demo's passwords: it is loaded only where DEBUG is on.")
        if log_ins:
            self.print_log_ins()
            return
        if if_empty and User.objects.exists():
            return
        now = clock.now()
        self.stdout.write("Loading the demo ...")
        open_shop(bring_people(), at=now)
        import_files(at=now, told=self.stdout.write)
        # Read anew: the orders were just imported, and nothing happens before that.
        now = clock.now()
        played = tell_stories(now=now)
        if played:
            dispute(now=now)
        self.stdout.write(f"Cases: {played} played")

    def print_log_ins(self) -> None:
        """Who can log in, and which systems can ask for a token."""
        known = set(
            User.objects.filter(email__in=[each.email for each in demo_logins()]).values_list("email", flat=True)
        )
        if not known:
            return
        self.stdout.write(f"  Demo log-ins, all with the password {PASSWORD}")
        for login in demo_logins():
            if login.email in known:
                self.stdout.write(f"    {login.email:28} {login.place:14} {login.name}")
        self.stdout.write(f"  Demo systems, OAuth2 client credentials at {reverse('api:token')}")
        for client in demo_clients():
            self.stdout.write(f"    {client.client_id:28} {client.client_secret:24} {client.scope}")
