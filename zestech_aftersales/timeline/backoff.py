"""How long a failed step waits before it is tried again."""

from datetime import timedelta

FIRST_WAIT_S = 5
LONGEST_WAIT_S = 3600


def wait_after(attempts: int) -> timedelta:
    """The wait after so many failures: 5 s, doubled each time, never over an hour."""
    return timedelta(seconds=min(FIRST_WAIT_S * 2 ** min(attempts - 1, 20), LONGEST_WAIT_S))
