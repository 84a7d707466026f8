"""A process that outlives the supervisor just long enough to end what it left behind.

Run as a script, standard library only. The supervisor writes "+PGID" and "-PGID" lines to its input; the end of the
input means the supervisor is gone, however it went.
"""

import contextlib
import os
import select
import signal
import sys

GRACE_SECONDS = 5.0


def is_running(group: int) -> bool:
    """Tell whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def send(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, number)


def end(groups: set[int]) -> None:
    """Ask the groups to stop, and stop those that don't within GRACE_SECONDS."""
    send(groups, signal.SIGTERM)
    left = {group for group in groups if is_running(group)}
    tick = 0.05
    for _ in range(int(GRACE_SECONDS / tick)):
        if not left:
            return
        select.select([], [], [], tick)
        left = {group for group in left if is_running(group)}
    send(left, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    end(groups)


if __name__ == "__main__":
    main()
