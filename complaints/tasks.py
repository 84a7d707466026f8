"""What beat wakes: the loop behind the limits of the judgement, each night the audits of the month that is over."""

from __future__ import annotations

from celery import shared_task

from complaints import samples
from complaints import sweep as limits
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.timeline.models import Heartbeat


@shared_task
def sweep() -> None:
    """Apply the limits that have passed; a lost or doubled wake-up changes nothing."""
    limits.sweep(at=clock.now())
    limits.let_groundless_fall(at=clock.now())
    Heartbeat.beat("judgement", clock.now())


@shared_task
def draw_audits() -> None:
    """Draw the samples of the months that are over, each once, and freeze what their audits look at."""
    for month in samples.months_due(clock.now()):
        samples.draw(month, seed=samples.new_seed(), by=system(), now=clock.now)
