"""The loop that beat wakes every second: what happens at 48 hours if nobody else has noticed."""

from __future__ import annotations

from celery import shared_task

from cases import sweep as sweeps
from zestech_aftersales import clock
from zestech_aftersales.timeline.models import Heartbeat


@shared_task
def sweep() -> None:
    """Apply the limits that have passed; a lost or doubled wake-up changes nothing."""
    sweeps.sweep(now=clock.now)
    Heartbeat.beat("sweep", clock.now())
