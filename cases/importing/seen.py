"""Which order numbers stand in a file, and how often; kept on disk, whatever the file's size."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self


class Numbers:
    """Counts where order numbers begin; a temporary database of its own that nobody else sees."""

    def __init__(self) -> None:
        # An empty name is SQLite's temporary file: a few pages in memory, the rest on disk, gone when closed.
        self._table = sqlite3.connect("", isolation_level=None)
        self._table.execute("CREATE TABLE numbers (number TEXT PRIMARY KEY, line INTEGER, again INTEGER) WITHOUT ROWID")
        self._table.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()

    def add(self, number: str, line: int) -> None:
        """Note that an order of that number begins at a line."""
        self._table.execute(
            "INSERT INTO numbers VALUES (?, ?, NULL) ON CONFLICT (number) DO UPDATE SET again = excluded.line",
            (number, line),
        )

    def twice(self, number: str) -> tuple[int, int] | None:
        """The first and the last line at which it begins, None for a number that stands there once."""
        row = self._table.execute("SELECT line, again FROM numbers WHERE number = ?", (number,)).fetchone()
        return None if row is None or row[1] is None else (row[0], row[1])
