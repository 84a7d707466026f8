"""The simulator: past requests counted again under the numbers of a draft."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import connection

from benchmarks.figures import Figure, at_least
from benchmarks.world import FIRST_HOUR
from cases.actions.simulations import begin_simulation
from cases.models import Simulation
from cases.simulations import BATCH, run_on
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.rulebook.first_edition import NUMBERS

# Three of four past requests were answered, at any hour of their 48: a draft of 24 hours finds half of those late.
ANSWERED = """
UPDATE cases_deadline d
SET state = 'met', ended_at = d.started_at + interval '48 hours' * random()
FROM cases_serviceappointment a
WHERE d.appointment_id = a.id AND a.state = 'deemed_refused' AND d.state = 'missed' AND a.id % 4 <> 0
"""
# The past requests lie in the month before the first open limit; the open ones are received from two days before it.
LAST_DAY = (FIRST_HOUR - timedelta(days=3)).date()
FIRST_DAY = LAST_DAY - timedelta(days=31)
ONE_BY_ONE = 1000


def measured(size: int) -> list[Figure]:
    """Requests a second of a whole run in batches, beside the first of them one by one."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED)
        cursor.execute("VACUUM (ANALYZE) cases_deadline")
    staff = User.objects.create(email="simulates@example.com", platform_role=PlatformRole.ADMINISTRATOR)
    by = Actor(channel=Channel.ADMIN, user=staff)
    one_by_one = _rate(_begun(by), batch=1, rounds=min(ONE_BY_ONE, size))
    whole = _begun(by)
    rate = _rate(whole, batch=BATCH, rounds=whole.total // BATCH + 1)
    done = Simulation.objects.get(pk=whole.pk)
    assert done.finished_at is not None
    assert done.done == done.total > 0
    assert done.differing > 0
    return [
        at_least("simulated past requests, beside one by one", rate, one_by_one, 5, size=done.total, unit="requests/s")
    ]


def _begun(by: Actor) -> Simulation:
    numbers: dict[str, Any] = NUMBERS | {"response_hours": 24}
    return begin_simulation(numbers, first_day=FIRST_DAY, last_day=LAST_DAY, by=by, at=FIRST_HOUR)


def _rate(simulation: Simulation, *, batch: int, rounds: int) -> float:
    began = time.perf_counter()
    counted = run_on(simulation, now=clock.now, batch=batch, rounds=rounds)
    return counted / (time.perf_counter() - began)
