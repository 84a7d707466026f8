"""The loop of the reminders: claims the clocks that have reached a step, and writes who is reminded.

Event, its marker, the record of each person and the clock's next step are one transaction: a killed worker has
reminded either everybody of a batch or nobody, and the next wake-up finds the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import OperationalError, transaction
from django.db.models import QuerySet

from cases.events import instant_text
from cases.models import Deadline, Pause, ReminderSent
from cases.reminders.ladder import Ladder
from cases.reminders.schedule import next_reminder_at, reached_step, step_instant
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import drafted, record_together

BATCH = 200

log = structlog.get_logger(__name__)


def remind(*, now: Callable[[], datetime], batch: int = BATCH, rounds: int = 20) -> int:
    """Remind of every limit that has reached a step; returns how many clocks were gone through.

    `now` is read once for each batch. At most `rounds` batches, so that one wake-up never runs for ever.
    """
    gone_through = 0
    refused: set[int] = set()
    for _round in range(rounds):
        refused_before = len(refused)
        done = remind_batch(at=now(), batch=batch, refused=refused)
        gone_through += done
        if not done and len(refused) == refused_before:
            break
    return gone_through


def remind_batch(*, at: datetime, batch: int = BATCH, refused: set[int] | None = None) -> int:
    """Go through at most `batch` clocks; returns how many.

    An idle wake-up costs one index probe. A clock that cannot be reminded of is logged, put into `refused` and
    passed over: it must not hold up the others.
    """
    refused = set() if refused is None else refused
    waiting = _waiting(at)
    if not waiting.exists():
        return 0
    with transaction.atomic(durable=True):
        # Claims the appointment, the same lock that every action takes; what somebody works on waits a wake-up.
        claimed = [
            row.pk
            for row in waiting.exclude(pk__in=refused)
            .select_related("appointment")
            .select_for_update(of=("appointment",), no_key=True, skip_locked=True)
            .order_by("next_reminder_at", "id")[:batch]
        ]
        return _remind_together(claimed, at=at, refused=refused) if claimed else 0


def _waiting(at: datetime) -> QuerySet[Deadline]:
    # The state as a literal of the partial index's condition.
    return Deadline.objects.filter(state="running", next_reminder_at__lte=at)


def _remind_together(claimed: Sequence[int], *, at: datetime, refused: set[int]) -> int:
    """Remind of the claimed clocks at once; only if that fails one by one, so that a bad row stops itself alone."""
    try:
        with transaction.atomic():
            return _remind(claimed, at=at)
    except OperationalError:
        # The server is away or busy: nothing is wrong with the rows, the next wake-up finds them again.
        raise
    except Exception:
        # Whatever is wrong with one must not stop the rest.
        if len(claimed) > 1:
            return sum(_remind_together([pk], at=at, refused=refused) for pk in claimed)
        log.exception("reminder_refused", deadline=claimed[0])
        refused.add(claimed[0])
        return 0


def _remind(claimed: Sequence[int], *, at: datetime) -> int:
    # A new statement, hence a new snapshot: it sees what was committed before the claim.
    rows = list(_waiting(at).filter(pk__in=claimed).select_related("appointment__buyer").order_by("id"))
    pauses: dict[int, list[Pause]] = defaultdict(list)
    for pause in Pause.objects.filter(deadline__in=rows, voided_at=None):
        pauses[pause.deadline_id].append(pause)
    sent = set(ReminderSent.objects.filter(deadline__in=rows).values_list("deadline_id", "step", "person_id"))
    ladder = Ladder(rows)
    told: list[tuple[Deadline, Event, list[User]]] = []
    for row in rows:
        step = reached_step(row, pauses[row.pk], at=at)
        if step is not None:
            hearers = [user for user in ladder.hearers(row, step) if (row.pk, step, user.pk) not in sent]
            if hearers:
                told.append((row, _event(row, step, pauses[row.pk], at=at), hearers))
            row.reminded_step = step
        # A limit that is over has no step left: its end is told by the event of its miss.
        row.next_reminder_at = next_reminder_at(row, pauses[row.pk])
        if row.next_reminder_at is not None and row.next_reminder_at <= at:
            row.next_reminder_at = None
    record_together([event for _row, event, _hearers in told])
    ReminderSent.objects.bulk_create(
        ReminderSent(deadline=row, step=row.reminded_step, person=person, event=event, sent_at=at)
        for row, event, hearers in told
        for person in hearers
    )
    Deadline.objects.bulk_update(rows, ["reminded_step", "next_reminder_at"])
    return len(rows)


def _event(row: Deadline, step: int, pauses: Sequence[Pause], *, at: datetime) -> Event:
    reached = step_instant(row, step, pauses) or at
    return drafted(
        stream=f"limit/{row.pk}",
        subject=f"deadline/{row.pk}",
        kind="limit.reminded",
        clause=row.clause,
        by=system(),
        effective_at=reached,
        recorded_at=at,
        detail={
            "appointment": row.appointment_id,
            "clock": str(row.clock),
            "step": step,
            "due_at": instant_text(row.due_at) if row.due_at else None,
        },
    )
