"""System check: each table of evidence has its triggers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from zestech_aftersales.timeline import insert_only


def evidence_is_guarded(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of tables whose triggers are gone; `migrate` runs this too and then makes them again,
    which an error would keep it from doing."""
    return [
        checks.Warning(
            f"The table {table} of the database {alias} may be changed: missing {', '.join(names)}.",
            hint="Run manage.py migrate: it makes the triggers again. Then verify the seals.",
            id="timeline.W001",
        )
        for alias in databases or ()
        for table, names in insert_only.missing(connections[alias]).items()
    ]


def register() -> None:
    checks.register(evidence_is_guarded, checks.Tags.database)
