"""The sweep: applies the limits that nobody's command came to apply, in claimed batches (T8, T10).

On PostgreSQL a batch is two statements, built from the appointment machine's own transition table; elsewhere
it is the row-wise `apply_passed_limit`. A test holds both to the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from cases.deadlines import OUTCOME_OF_A_MISS, Clocks, apply_passed_limit, settle
from cases.models import Deadline, ServiceAppointment
from cases.sweep_sql import CLAIM, MISS
from zestech_aftersales.accounts.actors import system

log = structlog.get_logger(__name__)

BATCH = 1000


def sweep(*, now: Callable[[], datetime], batch: int = BATCH, rounds: int = 50) -> int:
    """Apply every limit whose settle margin is over; returns how many appointments ended.

    `now` is read once for each batch. At most `rounds` batches, so that one wake-up never runs for ever.
    """
    ended = 0
    for _round in range(rounds):
        done = sweep_batch(at=now(), batch=batch)
        ended += done
        if done < batch:
            break
    return ended


def sweep_batch(*, at: datetime, batch: int = BATCH) -> int:
    """Apply the limits of at most `batch` appointments; returns how many ended.

    Looks before it opens a transaction: an idle sweep costs one index probe.
    """
    cutoff = at - settle()
    if not _passed(cutoff).exists():
        return 0
    if connection.vendor != "postgresql":
        return _one_by_one(_due_appointments(cutoff, batch), at=at)
    try:
        return _set_based(at=at, cutoff=cutoff, batch=batch)
    except DatabaseError:
        # One row that the database refuses must not hold up the other 999.
        log.exception("sweep_batch_failed", batch=batch)
        return _one_by_one(_due_appointments(cutoff, batch), at=at)


def next_due_instant() -> datetime | None:
    """When the earliest running limit will be ripe for the sweep; None when none runs."""
    due_at = (
        Deadline.objects.filter(state="running", due_at__isnull=False, clock__in=list(OUTCOME_OF_A_MISS))
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    return None if due_at is None else due_at + settle()


def _passed(cutoff: datetime) -> QuerySet[Deadline]:
    return Deadline.objects.filter(state="running", due_at__lt=cutoff, clock__in=list(OUTCOME_OF_A_MISS))


def _due_appointments(cutoff: datetime, batch: int) -> list[int]:
    due = _passed(cutoff).order_by("due_at").values_list("appointment_id", flat=True)[:batch]
    return list(dict.fromkeys(due))


def _set_based(*, at: datetime, cutoff: datetime, batch: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"cutoff": cutoff, "batch": batch})
        claimed = sorted({row[0] for row in cursor.fetchall()})
        if not claimed:
            return 0
        cursor.execute(MISS, {"claimed": claimed, "cutoff": cutoff, "recorded_at": at})
        return int(cursor.rowcount)


def _one_by_one(appointments: list[int], *, at: datetime) -> int:
    ended = 0
    for pk in appointments:
        try:
            with transaction.atomic():
                ended += _end_one(pk, at=at)
        except DatabaseError:
            log.exception("sweep_row_failed", appointment=pk)
    return ended


def _end_one(pk: int, *, at: datetime) -> int:
    rows = ServiceAppointment.objects.select_related("case__cover__edition")
    appointment = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()
    if appointment is None:
        return 0
    return int(apply_passed_limit(Clocks(appointment), by=system(), at=at - settle(), recorded_at=at) is not None)
