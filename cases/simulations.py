"""Running simulations on, batch by batch, beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import OperationalError

from cases.actions.simulations import simulate_batch
from cases.models import Simulation
from zestech_aftersales.accounts.actors import system

BATCH = 200

log = structlog.get_logger(__name__)


def run_simulations(*, now: Callable[[], datetime], batch: int = BATCH, rounds: int = 25) -> int:
    """Count on in every run that is not finished; how many requests. At most `rounds` batches for each wake-up.

    What is left over the next wake-up finds again: a run remembers how far it came.
    """
    counted = 0
    for simulation in Simulation.objects.filter(finished_at=None).order_by("id"):
        try:
            counted += run_on(simulation, now=now, batch=batch, rounds=rounds)
        except OperationalError:
            # The server is away or busy: nothing is wrong with the run, the next wake-up finds it again.
            raise
        except Exception:
            # Whatever is wrong with one must not stop the others.
            log.exception("simulation_failed", simulation=simulation.pk)
    return counted


def run_on(simulation: Simulation, *, now: Callable[[], datetime], batch: int = BATCH, rounds: int) -> int:
    """Count at most so many batches of one run."""
    counted = 0
    for _round in range(rounds):
        done = simulate_batch(simulation, batch=batch, by=system(), at=now())
        counted += done
        if done < batch:
            break
    return counted
