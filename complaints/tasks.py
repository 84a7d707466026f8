"""What beat wakes: the loop behind the limits of the judgement, each night the audits of the month that is over."""

from __future__ import annotations

from celery import shared_task

from complaints import samples
from complaints import sweep as limits
from complaints.population import month_before
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
    """Draw the sample of the month that is over, once, and freeze what its audits look at."""
    samples.draw(month_before(clock.now()), seed=samples.new_seed(), by=system(), now=clock.now)
