"""The empty sweep: what a wake-up costs when nothing is due."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.figures import Figure, at_most
from cases import sweep as sweeps
from cases.models import Deadline
from zestech_aftersales import clock


def measured(_size: int) -> list[Figure]:
    """Median milliseconds of 300 idle sweeps."""
    at = clock.now()
    took = []
    for _time in range(300):
        began = time.perf_counter()
        assert sweeps.sweep(now=lambda: at) == 0
        took.append(1000 * (time.perf_counter() - began))
    running = Deadline.objects.filter(state="running").count()
    return [at_most("empty sweep, running limits as in size", median(took), 1.0, size=running)]
