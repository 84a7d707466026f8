"""`python -m benchmarks`: measures in a database of its own that it drops; JOBS=sweep,lateness for some, SIZE=100000."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from urllib.parse import urlsplit

import django
import psycopg2  # type: ignore[import-untyped]

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


def main() -> int:
    """Make the database, run the jobs, drop it; 1 when a goal is missed."""
    server = os.environ.get("DATABASE_URL", "")
    server = server if server.startswith("postgres") else SERVER
    name = f"zestech_bench_{os.getpid()}"
    os.environ["DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zestech_aftersales.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    _tell(server, f'CREATE DATABASE "{name}"')
    try:
        django.setup()
        met: bool = import_module("benchmarks.jobs").run(
            wanted=[job for job in os.environ.get("JOBS", "").split(",") if job],
            size=int(os.environ.get("SIZE") or 100_000),
        )
    finally:
        _tell(server, f'DROP DATABASE "{name}" WITH (FORCE)')
    return 0 if met else 1


def _tell(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
