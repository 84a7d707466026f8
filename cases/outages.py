"""Applying approved outages, batch by batch, until every clock they reached is tolled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cases.actions.outages import toll_batch
from cases.models import Outage
from zestech_aftersales.accounts.actors import system

BATCH = 100


def apply_outages(*, now: Callable[[], datetime], batch: int = BATCH, rounds: int = 100) -> int:
    """Toll what approved outages reached; how many appointments. At most `rounds` batches for each wake-up.

    `now` is read once for each batch. What is left over the next wake-up finds again.
    """
    tolled = 0
    # The state as a literal of the partial index's condition.
    for outage in Outage.objects.filter(state="approved").order_by("id"):
        for _round in range(rounds):
            done = toll_batch(outage, batch=batch, by=system(), at=now())
            tolled += done
            if not done:
                break
    return tolled
