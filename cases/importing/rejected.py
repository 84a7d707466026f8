"""The rejected orders, written beside the file they stood in."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cases.importing.told import Rejection
from zestech_aftersales.ui.tables import harmless

COLUMNS = ("line", "number", "code", "reason")


class RejectedFile:
    """FILE.rejected.csv: made at the first rejection; without one an earlier file of that name goes."""

    def __init__(self, beside: Path) -> None:
        self.path = beside.with_name(f"{beside.name}.rejected.csv")
        self._file: IO[str] | None = None
        self._table: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rejection: Rejection) -> None:
        """Write one row."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._table = csv.writer(self._file)
            self._table.writerow(COLUMNS)
        self._table.writerow([rejection.line, *map(harmless, (rejection.number, rejection.code, rejection.reason))])
