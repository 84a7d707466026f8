"""The loops that beat wakes each second; bounded, so that no run keeps a worker for long."""

from __future__ import annotations

from celery import shared_task

from zestech_aftersales import clock
from zestech_aftersales.timeline import deliveries
from zestech_aftersales.timeline import relay as relays
from zestech_aftersales.timeline.models import Heartbeat

RELAY_ROUNDS = 10
DELIVERY_ROUNDS = 25


@shared_task
def relay() -> None:
    """Seal and fan out what is waiting, at most RELAY_ROUNDS batches."""
    for _round in range(RELAY_ROUNDS):
        at = clock.now()
        if relays.relay_batch(at=at, limit=relays.BATCH) < relays.BATCH:
            break
    Heartbeat.beat("relay", at)


@shared_task
def deliver() -> None:
    """Send the notices that are due, at most DELIVERY_ROUNDS batches."""
    for _round in range(DELIVERY_ROUNDS):
        at = clock.now()
        if deliveries.deliver_batch(at=at, limit=deliveries.BATCH) < deliveries.BATCH:
            break
    Heartbeat.beat("deliver", at)
