"""The triggers that make the database itself refuse to change or empty a table of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections, migrations, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from zestech_aftersales.timeline.models.evidence import Evidence

FUNCTION = """
CREATE OR REPLACE FUNCTION timeline_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guarded_tables() -> list[str]:
    """The tables of all models that are Evidence, in whatever app."""
    models = (model for model in apps.get_models() if issubclass(model, Evidence))
    return sorted(model._meta.db_table for model in models)  # Django documents _meta


def _statements(vendor: str, table: str) -> dict[str, str]:
    """The triggers a table needs: name to CREATE statement."""
    if vendor == "postgresql":
        return {
            f"{table}_no_change": f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION timeline_refuse_change()",
            f"{table}_no_truncate": f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION timeline_refuse_change()",
        }
    return {
        f"{table}_no_{verb.lower()}": f'CREATE TRIGGER "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only: {verb} refused'); END"
        for verb in ("UPDATE", "DELETE")
    }


def _present(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the triggers that stand and fire."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {row[0] for row in cursor.fetchall()}


def missing(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The guarded tables that exist without all of their triggers: table to missing names."""
    existing = set(connection.introspection.table_names())
    present = _present(connection)
    wanting = {
        table: [name for name in _statements(connection.vendor, table) if name not in present]
        for table in guarded_tables()
        if table in existing
    }
    return {table: names for table, names in wanting.items() if names}


def make(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """Make the triggers of these tables anew."""
    drop(connection, tables)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for table in tables:
            for statement in _statements(connection.vendor, table).values():
                cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """Take the triggers of these tables away; only the flush of a test database and tests do."""
    with connection.cursor() as cursor:
        for table in tables:
            on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            for name in _statements(connection.vendor, table):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')


@contextmanager
def unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Run a block without the triggers, in one transaction that makes them again at its end."""
    existing = set(connection.introspection.table_names())
    tables = [table for table in guarded_tables() if table in existing]
    with transaction.atomic(using=connection.alias):
        drop(connection, tables)
        yield
        make(connection, tables)


def remake_after_migration(*, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """Make what a migration lost: SQLite drops a table's triggers when it rebuilds the table."""
    connection = connections[using]
    if router.allow_migrate(using, "timeline"):
        make(connection, list(missing(connection)))


def guard(*tables: str) -> migrations.RunPython:
    """The operation of a migration that guards these tables."""

    def forwards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        make(schema_editor.connection, list(tables))

    def backwards(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        drop(schema_editor.connection, list(tables))

    return migrations.RunPython(forwards, backwards)
