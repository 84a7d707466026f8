"""flush, for the databases of tests only: elsewhere the evidence stays."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from zestech_aftersales.timeline import insert_only


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        if not is_for_tests(connection):
            raise CommandError("This database holds evidence and is not emptied. Drop the database itself instead.")
        if options.get("reset_sequences", True) or not can_rest_triggers(connection):
            with insert_only.unguarded(connection):
                super().handle(**options)
            return
        empty(connection)
        if not options.get("inhibit_post_migrate"):
            emit_post_migrate_signal(options["verbosity"], options["interactive"], connection.alias)


def is_for_tests(connection: BaseDatabaseWrapper) -> bool:
    """Whether Django's test runner made the database: its name begins with test_, or it is in memory."""
    name = str(connection.settings_dict["NAME"])
    return name.startswith("test_") or ":memory:" in name or "mode=memory" in name


def can_rest_triggers(connection: BaseDatabaseWrapper) -> bool:
    """Whether this role may let all triggers rest for a transaction: PostgreSQL's superuser may."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return bool(cursor.fetchone()[0])


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete the rows of those tables that hold any: TRUNCATE of all of them takes a hundred times as long."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    has_rows = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)  # noqa: S608 – names of our own models
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(has_rows)
        for (table,) in cursor.fetchall():
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
