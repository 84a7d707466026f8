"""The one clock: channels read it once per command and pass the instant down (T1)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection


class StandingClock:
    """A clock that stands at one aware instant until it is moved; shared by all threads."""

    def __init__(self, instant: datetime) -> None:
        self.instant = _utc(instant)
        #: Called with every new instant, so that a test can move the process clock along.
        self.followers: list[Callable[[datetime], object]] = []

    def move_to(self, instant: datetime | str) -> datetime:
        """Stand at an aware instant (or its ISO text) and return it in UTC.

        ValueError when the instant has no offset.
        """
        moved = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        self.instant = _utc(moved)
        for follow in self.followers:
            follow(self.instant)
        return self.instant

    def move_by(self, step: timedelta) -> datetime:
        """Move on by a step and return the new instant."""
        return self.move_to(self.instant + step)


# The clocks that stand, the innermost last; one list for all threads of the process.
_standing: list[StandingClock] = []


def now() -> datetime:
    """The present instant, aware UTC with microseconds.

    PostgreSQL answers with its own clock, so that many web processes agree; SQLite has none
    worth asking (milliseconds), there the process clock decides.
    """
    if _standing:
        return _standing[-1].instant
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            instant: datetime = cursor.fetchone()[0]
        return _utc(instant)
    return datetime.now(UTC)


@contextmanager
def standing_at(instant: datetime | str) -> Iterator[StandingClock]:
    """Replace the clock of this whole process by one that stands at the instant.

    For tests and the demo tour only: RuntimeError on a public site.
    """
    if settings.IS_PUBLIC:
        raise RuntimeError("The clock of a public site never stands still.")
    standing = StandingClock(datetime.fromisoformat(instant) if isinstance(instant, str) else instant)
    _standing.append(standing)
    try:
        yield standing
    finally:
        _standing.remove(standing)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant needs its offset from UTC.")
    return instant.astimezone(UTC)
