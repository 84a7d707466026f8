"""The sweep against one raw statement, against a row loop, and with two workers."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from statistics import median

from django.db import connection

from benchmarks import world
from benchmarks.figures import Figure, at_least
from benchmarks.raw import ONE_STATEMENT
from cases import sweep as sweeps
from cases.deadlines import settle
from cases.models import Deadline

ALTERNATIONS = 5
# A run that takes longer than this, in seconds, is not repeated.
LONG = 20
ROWS_OF_THE_LOOP = 2000


def measured(size: int) -> list[Figure]:
    """Rows a second of `size` passed limits among all open ones, medians of alternating runs."""
    # What other jobs have left behind.
    _sweep(world.FIRST_HOUR)
    ours, raw, two = [], [], []
    cohort = 0
    for _alternation in range(ALTERNATIONS):
        ours.append(_rate(size, _sweep, world.passed_by(cohort)))
        raw.append(_rate(size, _one_statement, world.passed_by(cohort + 1)))
        two.append(_two_workers(size, world.passed_by(cohort + 2)))
        cohort += 3
        if size / min(ours[-1], raw[-1], two[-1]) > LONG:
            break
    loop = _row_loop(world.passed_by(cohort))
    one, rival = median(ours), median(raw)
    return [
        at_least("sweep, one worker / one raw statement", one, rival, 0.6, size=size),
        at_least("sweep, two workers / one raw statement", median(two), rival, 1.1, size=size),
        at_least("sweep, one worker / row by row", one, loop, 50, size=size),
    ]


def _sweep(at: datetime) -> int:
    return sweeps.sweep(now=lambda: at, rounds=1_000_000)


def _one_statement(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ONE_STATEMENT, {"cutoff": at - settle(), "at": at})
        return int(cursor.rowcount)


def _rate(size: int, step: Callable[[datetime], int], at: datetime) -> float:
    world.settle_down()
    began = time.perf_counter()
    done = step(at)
    assert done == size, f"{done} of {size} ended"
    return done / (time.perf_counter() - began)


def _row_loop(at: datetime) -> float:
    """The transition of each appointment in a transaction of its own."""
    passed = Deadline.objects.filter(state="running", due_at__lt=at - settle()).order_by("due_at")
    keys = list(passed.values_list("appointment_id", flat=True)[:ROWS_OF_THE_LOOP])
    began = time.perf_counter()
    done = sweeps.one_by_one(keys, at=at, refused=set())
    assert done == ROWS_OF_THE_LOOP
    return done / (time.perf_counter() - began)


def _two_workers(size: int, at: datetime) -> float:
    """Two processes sweep the same limits; counted from the moment both are ready."""
    world.settle_down()
    # Forked, so that both have the program loaded; each needs a connection of its own.
    connection.close()
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(3)
    workers = [context.Process(target=_worker, args=(at, gate)) for _n in range(2)]
    for worker in workers:
        worker.start()
    gate.wait(timeout=60)
    began = time.perf_counter()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    # What one of them held while the other looked for the last time.
    _sweep(at)
    return size / took


def _worker(at: datetime, gate: Barrier) -> None:
    connection.ensure_connection()
    gate.wait(timeout=60)
    _sweep(at)
