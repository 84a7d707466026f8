"""The jobs in the order in which they run, and the data they need."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command

from benchmarks import world
from benchmarks.figures import Figure, show
from benchmarks.jobs import actions, idle, lateness, races, simulation, sweep

# An alternation of the sweep job takes three cohorts; a last one is left for the row loop.
COHORTS = 3 * sweep.ALTERNATIONS + 1
Job = Callable[[int], list[Figure]]
# The sweep is the last: it leaves its markers for nobody to deliver.
JOBS: dict[str, Job] = {
    "idle": idle.measured,
    "actions": actions.measured,
    "races": races.measured,
    "lateness": lateness.measured,
    "simulation": simulation.measured,
    "sweep": sweep.measured,
}


def run(*, wanted: list[str], size: int) -> bool:
    """Load the data, run the wanted jobs (all without a name), show the table; whether every goal is met."""
    if unknown := set(wanted) - set(JOBS):
        raise SystemExit(f"No such job: {', '.join(sorted(unknown))}. There are: {', '.join(JOBS)}.")
    names = [name for name in JOBS if not wanted or name in wanted]
    call_command("migrate", verbosity=0)
    figures: list[Figure] = []
    if "idle" in names:
        world.load(cohorts=1, passed=10_000, closed=0)
        figures += idle.measured(10_000)
        world.clear()
    began = time.monotonic()
    world.load(cohorts=COHORTS if "sweep" in names or "idle" in names else 1, passed=size, closed=size)
    _say(f"loaded in {time.monotonic() - began:.0f} s")
    for name in names:
        began = time.monotonic()
        figures += JOBS[name](size)
        _say(f"{name}: {time.monotonic() - began:.0f} s")
    show(figures, settings.VAR_DIR / "bench.json")
    return all(figure.met for figure in figures)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
