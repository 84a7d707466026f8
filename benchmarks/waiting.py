"""Waiting for something to become true."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(is_true: Callable[[], object], seconds: float, *, pause: float = 0.05) -> None:
    """Ask again and again; TimeoutError when it is not true after so many seconds."""
    until = time.monotonic() + seconds
    nobody = threading.Event()
    while not is_true():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {seconds:g} s")
        nobody.wait(pause)
