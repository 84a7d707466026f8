"""Replies against sweeps on the same rows: two sellers' desks and two sweepers, with and without the locks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier

from django.db import DatabaseError, connection

from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.unlocked import unlocked
from cases import sweep as sweeps
from cases.actions.offers import offer
from cases.deadlines import settle
from cases.models import ServiceAppointment
from cases.terms import OfferTerms, Window
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.timeline.models import Event

TRIALS = 300
CONTROL = 60
# Limits lie further apart than the settle margin, so that each trial has one appointment.
SPACE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


def measured(_size: int) -> list[Figure]:
    """How many outcomes were written twice; none may be, unless the locks are off."""
    doubled = _doubled(TRIALS)
    with unlocked():
        control = _doubled(CONTROL)
    return [
        Figure("races, doubled outcomes", str(doubled), "", "", "0", doubled == 0, TRIALS),
        Figure("races, control without locks", str(control), "", "", "> 0", control > 0, CONTROL),
    ]


def _doubled(trials: int) -> int:
    """Two desks answer each appointment a moment too late while two sweepers end it, all four at once."""
    due_at = [clock.now() - timedelta(days=5) + n * SPACE for n in range(trials)]
    keys = world.unanswered(due_at)
    gate = Barrier(4)

    def sweep(_appointment: int, due: datetime) -> None:
        sweeps.sweep_batch(at=due + settle() + MICROSECOND)

    def answer(pk: int, due: datetime) -> None:
        appointment = ServiceAppointment.objects.get(pk=pk)
        by = Actor(channel=Channel.DASHBOARD, seller_id=appointment.seller_id, seat=Seat.OWNER)
        gate.wait(timeout=60)
        with suppress(RuleBroken):  # it is late
            offer(appointment, _terms(due), by=by, at=due + MICROSECOND)

    def all_trials(step: Callable[[int, datetime], None]) -> None:
        for pk, due in zip(keys, due_at, strict=True):
            if step is sweep:
                gate.wait(timeout=60)
            with suppress(DatabaseError):  # without the locks they run into each other
                step(pk, due)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(all_trials, step) for step in (sweep, answer, sweep, answer)]:
            done.result()
    subjects = [f"appointment/{key}" for key in keys]
    outcomes = Event.objects.filter(subject__in=subjects, kind="appointment.deemed_refused")
    assert outcomes.values("subject").distinct().count() == trials
    return outcomes.count() - trials


def _terms(at: datetime) -> OfferTerms:
    begins = at + timedelta(days=2)
    return OfferTerms(
        method=ServiceMethod.DOOR,
        service_type=ServiceType.FAULT_DETECTION,
        windows=[Window(begins, begins + timedelta(hours=2))],
        contact_name="Service desk",
        price_terms="free of charge",
    )
