"""The loop of the reminders: claims the limits that have reached a step, and writes who is reminded.

Event, its marker, the record of each person and the limit's next step are one transaction: a killed worker has
reminded either everybody of a batch or nobody, and the next wake-up finds the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from cases.events import instant_text
from cases.models import Pause
from cases.reminders.kind import Kind
from cases.reminders.kinds import CLOCKS, PROOFS, RESTRICTIONS, SIGN_OFFS
from cases.reminders.schedule import next_reminder_at, reached_step, step_instant
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import drafted, record_together

BATCH = 200

log = structlog.get_logger(__name__)

_kinds: list[Kind[Any]] = [CLOCKS, SIGN_OFFS, PROOFS, RESTRICTIONS]


def register(*kinds: Kind[Any]) -> None:
    """Let the loop remind of the limits of a higher app too; called in that app's ready()."""
    _kinds.extend(kind for kind in kinds if kind not in _kinds)


def kinds() -> list[Kind[Any]]:
    """Every kind of limit that the loop reminds of."""
    return list(_kinds)


def remind(*, now: Callable[[], datetime], batch: int = BATCH, rounds: int = 20) -> int:
    """Remind of every limit that has reached a step; returns how many limits were gone through.

    `now` is read once for each batch. At most `rounds` batches of each kind, so that one wake-up never runs for ever.
    """
    return sum(_remind_of(kind, now=now, batch=batch, rounds=rounds) for kind in _kinds)


def _remind_of(kind: Kind[Any], *, now: Callable[[], datetime], batch: int, rounds: int) -> int:
    gone_through = 0
    refused: set[int] = set()
    for _round in range(rounds):
        refused_before = len(refused)
        done = remind_batch(kind, at=now(), batch=batch, refused=refused)
        gone_through += done
        if not done and len(refused) == refused_before:
            break
    return gone_through


def remind_batch(kind: Kind[Any], *, at: datetime, batch: int = BATCH, refused: set[int] | None = None) -> int:
    """Go through at most `batch` limits of a kind; returns how many.

    An idle wake-up costs one index probe. A limit that cannot be reminded of is logged, put into `refused` and
    passed over: it must not hold up the others.
    """
    refused = set() if refused is None else refused
    waiting = kind.waiting(at)
    if not waiting.exists():
        return 0
    with transaction.atomic(durable=True):
        # Claims the row that every action on the limit locks; what somebody works on waits a wake-up.
        claimed = [
            row.pk
            for row in waiting.exclude(pk__in=refused)
            .select_for_update(of=(kind.lock,), no_key=True, skip_locked=True)
            .order_by("next_reminder_at", "id")[:batch]
        ]
        return _remind_together(kind, claimed, at=at, refused=refused) if claimed else 0


def _remind_together(kind: Kind[Any], claimed: Sequence[int], *, at: datetime, refused: set[int]) -> int:
    """Remind of the claimed limits at once; only if that fails one by one, so that a bad row stops itself alone."""
    try:
        with transaction.atomic():
            return _remind(kind, claimed, at=at)
    except OperationalError:
        # The server is away or busy: nothing is wrong with the rows, the next wake-up finds them again.
        raise
    except Exception:
        # Whatever is wrong with one must not stop the rest.
        if len(claimed) > 1:
            return sum(_remind_together(kind, [pk], at=at, refused=refused) for pk in claimed)
        log.exception("reminder_refused", kind=kind.subject, limit=claimed[0])
        refused.add(claimed[0])
        return 0


def _remind(kind: Kind[Any], claimed: Sequence[int], *, at: datetime) -> int:
    # A new statement, hence a new snapshot: it sees what was committed before the claim.
    rows = list(kind.waiting(at).filter(pk__in=claimed).order_by("id"))
    pauses = kind.pauses(rows)
    sent = set(kind.sent(**{f"{kind.link}__in": rows}).values_list(kind.link, *kind.marks, "step", "person_id"))
    hearers_of = kind.hearers(rows)
    told: list[tuple[Any, Event, list[User]]] = []
    for row in rows:
        stood = pauses.get(row.pk, [])
        step = reached_step(row, stood, at=at)
        if step is not None:
            key = (row.pk, *kind.marked(row).values(), step)
            everybody = hearers_of.of(row, step)
            hearers = [user for user in everybody if (*key, user.pk) not in sent]
            # That nobody was there to hear it is written down, too.
            if hearers or not everybody:
                told.append((row, _event(kind, row, step, stood, hearers, at=at), hearers))
            row.reminded_step = step
        row.next_reminder_at = next_reminder_at(row, stood)
    record_together([event for _row, event, _hearers in told])
    kind.record._default_manager.bulk_create(
        kind.record(
            **{kind.link: row},
            **kind.marked(row),
            step=row.reminded_step,
            person=person,
            event=event,
            sent_at=at,
        )
        for row, event, hearers in told
        for person in hearers
    )
    kind.rows().bulk_update(rows, ["reminded_step", "next_reminder_at"])
    return len(rows)


def _event(
    kind: Kind[Any], row: Any, step: int, pauses: Sequence[Pause], hearers: Sequence[User], *, at: datetime
) -> Event:
    clock = kind.clock(row)
    return drafted(
        stream=f"{kind.stream}/{row.pk}",
        subject=f"{kind.subject}/{row.pk}",
        kind="limit.reminded",
        clause=LIMITS[clock].clause,
        by=system(),
        effective_at=step_instant(row, step, pauses) or at,
        recorded_at=at,
        detail={
            **kind.about(row),
            "clock": clock,
            "amount": kind.amount(row),
            "step": step,
            "due_at": instant_text(row.due_at) if row.due_at else None,
            "people": [person.pk for person in hearers],
        },
    )
