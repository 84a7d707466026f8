"""Running the same step in several threads, each with its own connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def side_by_side(*steps: Callable[[], object]) -> list[object]:
    """Start all steps at one moment and return what each returned, or the exception it raised."""
    gate = threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=10)
            return step()
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))
