"""What beat wakes: each second the loop behind "what happens at 48 hours?", each night the recount of everything."""

from __future__ import annotations

import structlog
from celery import shared_task

from cases import sweep as sweeps
from cases import verification
from cases.lapses import end_restrictions, lapse_claims, sign_silently
from cases.outages import apply_outages
from cases.reminders import loop
from cases.reminders.visits import remind_of_visits
from cases.seats import release_expired
from cases.simulations import run_simulations
from zestech_aftersales import clock
from zestech_aftersales.timeline.models import Heartbeat

log = structlog.get_logger("verification")


@shared_task
def sweep() -> None:
    """Apply the limits that have passed; a lost or doubled wake-up changes nothing."""
    apply_outages(now=clock.now)
    sweeps.sweep(now=clock.now)
    lapse_claims(at=clock.now())
    end_restrictions(at=clock.now())
    sign_silently(at=clock.now())
    Heartbeat.beat("sweep", clock.now())


@shared_task
def remind() -> None:
    """Remind of the limits that draw near, and engineers of their visits; a lost or doubled wake-up changes nothing."""
    loop.remind(now=clock.now)
    remind_of_visits(at=clock.now())
    Heartbeat.beat("remind", clock.now())


@shared_task
def free_holds() -> None:
    """Write down which held slots are free again; nothing waits for it."""
    release_expired(at=clock.now())


@shared_task
def simulate() -> None:
    """Count on in the simulations of the staff, so many requests for each wake-up; a lost one changes nothing."""
    run_simulations(now=clock.now)


# Begun twice it would only take twice as long: a lost one comes again the next night.
@shared_task(acks_late=False)
def verify() -> None:
    """Count everything again from the events; `/healthz` shows what differed."""
    found = verification.run(now=clock.now)
    if found.differences:
        log.error("verification_differs", differences=found.differences, first=found.first)
