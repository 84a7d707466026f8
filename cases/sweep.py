"""The sweep: applies the limits that nobody's command came to apply, in claimed batches (T8, T10).

On PostgreSQL a batch is two statements, built from the appointment machine's own transition table; elsewhere
it is the row-wise `apply_passed_limit`. A test holds both to the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django_fsm import TransitionNotAllowed

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
    refused: set[int] = set()
    for _round in range(rounds):
        refused_before = len(refused)
        done = sweep_batch(at=now(), batch=batch, refused=refused)
        ended += done
        if not done and len(refused) == refused_before:
            break
    return ended


def sweep_batch(*, at: datetime, batch: int = BATCH, refused: set[int] | None = None) -> int:
    """Apply at most `batch` limits; returns how many appointments ended.

    Looks before it opens a transaction: an idle sweep costs one index probe. An appointment that the database
    refuses to end is logged, put into `refused` and passed over: it must not hold up the other 999.
    """
    refused = set() if refused is None else refused
    cutoff = at - settle()
    if not _passed(cutoff).exists():
        return 0
    if connection.vendor == "postgresql":
        return _set_based(at=at, cutoff=cutoff, batch=batch, refused=refused)
    return one_by_one(_due_appointments(cutoff, batch, refused), at=at, refused=refused)


def next_due_instant(*, after: datetime) -> datetime | None:
    """When the next limit will be ripe for a sweep, of those that are not ripe at `after`; None when none runs."""
    due = _running().filter(due_at__gte=after - settle()).order_by("due_at").values_list("due_at", flat=True).first()
    return None if due is None else due + settle()


def oldest_unswept(*, at: datetime) -> datetime | None:
    """The due instant of the limit that passed longest ago without its outcome written yet."""
    return _passed(at).order_by("due_at").values_list("due_at", flat=True).first()


def _running() -> QuerySet[Deadline]:
    # The state as a literal of the partial index's condition; NULL (an open pause) is never due.
    return Deadline.objects.filter(state="running", due_at__isnull=False, clock__in=list(OUTCOME_OF_A_MISS))


def _passed(cutoff: datetime) -> QuerySet[Deadline]:
    return _running().filter(due_at__lt=cutoff)


def _due_appointments(cutoff: datetime, batch: int, refused: set[int]) -> list[int]:
    due = _passed(cutoff).exclude(appointment__in=refused).order_by("due_at")
    return list(dict.fromkeys(due.values_list("appointment_id", flat=True)[:batch]))


def _set_based(*, at: datetime, cutoff: datetime, batch: int, refused: set[int]) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, {"cutoff": cutoff, "batch": batch, "refused": list(refused)})
            claimed = sorted({row[0] for row in cursor.fetchall()})
        return _end_together(claimed, at=at, cutoff=cutoff, refused=refused) if claimed else 0


def _end_together(claimed: Sequence[int], *, at: datetime, cutoff: datetime, refused: set[int]) -> int:
    """End the claimed appointments in one statement; halved and tried again until what is refused stands alone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(MISS, {"claimed": list(claimed), "cutoff": cutoff, "recorded_at": at})
            return int(cursor.rowcount)
    except OperationalError:
        # The server is away or busy: nothing is wrong with the rows, the next wake-up finds them again.
        raise
    except DatabaseError as error:
        if len(claimed) == 1:
            return _refuse(claimed[0], refused, error)
    half = len(claimed) // 2
    return sum(_end_together(part, at=at, cutoff=cutoff, refused=refused) for part in (claimed[:half], claimed[half:]))


def one_by_one(appointments: Sequence[int], *, at: datetime, refused: set[int]) -> int:
    """End each appointment by its transition, in a transaction of its own; returns how many ended."""
    ended = 0
    for pk in appointments:
        try:
            with transaction.atomic():
                ended += _end_one(pk, at=at)
        except OperationalError:
            raise
        except (DatabaseError, TransitionNotAllowed) as error:
            _refuse(pk, refused, error)
    return ended


def _refuse(pk: int, refused: set[int], error: Exception) -> int:
    """Log what stood against ending an appointment, which stays as it was; none ended."""
    log.error("sweep_refused", appointment=pk, exc_info=error)
    refused.add(pk)
    return 0


def _end_one(pk: int, *, at: datetime) -> int:
    rows = ServiceAppointment.objects.select_related("case__cover__edition")
    appointment = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).filter(pk=pk).first()
    if appointment is None:
        return 0
    return int(apply_passed_limit(Clocks(appointment), by=system(), at=at - settle(), recorded_at=at) is not None)
