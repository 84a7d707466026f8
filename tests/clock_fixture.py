"""The one fixture that stops time: our clock and the clock of the process together."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from zestech_aftersales import clock

#: 2026-03-02 09:15:30 +08:00, the instant at which the base scenario R0 is received.
R0 = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


@pytest.fixture
def frozen() -> Iterator[clock.StandingClock]:
    """Time stands at R0 until the test moves it: frozen.move_to("2026-03-04T01:15:30Z")."""
    with time_machine.travel(R0, tick=False) as traveller, clock.standing_at(R0) as standing:
        standing.followers.append(traveller.move_to)
        yield standing
