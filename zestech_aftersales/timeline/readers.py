"""Which higher app reads the events of a lower one: each registers a reader, the relay feeds it.

So a need that points upward stays an event: what happens in a case becomes a candidate violation without
the case knowing of violations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from zestech_aftersales.timeline.models import Event


class Reader(Protocol):
    """Reads new events in the relay's transaction; given the same event again it changes nothing more.

    It writes only rows of its own app and never locks those of a lower one.
    """

    def __call__(self, events: Sequence[Event], *, at: datetime) -> None:
        """Take the events in, in the order of their ids."""


_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Let `reader` read every new event; called in an app's ready()."""
    if reader not in _readers:
        _readers.append(reader)


def readers() -> Sequence[Reader]:
    """All registered readers."""
    return tuple(_readers)
