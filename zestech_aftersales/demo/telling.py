"""What the chapters of the tour share: how a step is told, and the steps of time they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
NOW = timedelta(0)


class Say(Protocol):
    """Shows a step of a case, or of what is judged (`of`); what is `refused` is done, and must be refused."""

    def __call__(
        self, name: str, words: str, *, refused: Callable[[], object] | None = None, of: object | None = None
    ) -> None: ...
