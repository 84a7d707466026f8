"""The loop behind the limits of the judgement: what has passed, with the settle margin, is written down (T10)."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, OperationalError
from django_fsm import TransitionNotAllowed

from cases.deadlines import settle
from complaints.actions.judging import let_fall
from complaints.actions.passed import apply_passed
from complaints.actions.tolled import follow_outages
from complaints.models import JudgementDeadline, Violation
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import due_passed

log = structlog.get_logger(__name__)

BATCH = 200


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Apply the limits that passed before `at`; returns how many were looked at."""
    # What an outage reached has not passed yet.
    follow_outages(at=at)
    # The state as a literal of the partial index's condition.
    passed = JudgementDeadline.objects.filter(due_passed(at - settle(), "due_at"), state="running")
    found = list(passed.order_by("due_at", "id")[:batch])
    for limit in found:
        try:
            apply_passed(limit, by=system(), at=at)
        except OperationalError:
            raise
        except (DatabaseError, TransitionNotAllowed):
            # One limit that cannot be applied must not hold up the others.
            log.exception("judgement_limit_refused", limit=limit.pk)
    return len(found)


def let_groundless_fall(*, at: datetime, batch: int = BATCH) -> int:
    """Let the confirmed violations fall whose fact the reader found gone; returns how many were looked at."""
    marked = list(Violation.objects.filter(groundless_since__isnull=False).order_by("groundless_since", "id")[:batch])
    for violation in marked:
        try:
            let_fall(violation, by=system(), at=at)
        except OperationalError:
            raise
        except (DatabaseError, TransitionNotAllowed):
            log.exception("fall_refused", violation=violation.pk)
    return len(marked)
