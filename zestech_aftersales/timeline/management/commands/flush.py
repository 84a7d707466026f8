"""flush, for the databases of tests only: elsewhere the evidence stays."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from zestech_aftersales.timeline import insert_only


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        if not is_for_tests(connection):
            raise CommandError("This database holds evidence and is not emptied. Drop the database itself instead.")
        with insert_only.unguarded(connection):
            super().handle(**options)


def is_for_tests(connection: BaseDatabaseWrapper) -> bool:
    """Whether Django's test runner made the database: its name begins with test_, or it is in memory."""
    name = str(connection.settings_dict["NAME"])
    return name.startswith("test_") or ":memory:" in name or "mode=memory" in name
