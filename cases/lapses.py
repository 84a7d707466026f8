"""What happens by itself beside the clocks of appointments: lapsed claims, silent sign-offs, ended restrictions."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, OperationalError
from django_fsm import TransitionNotAllowed

from cases.actions.exclusions import lapse_claim
from cases.actions.restrictions import end_restriction
from cases.actions.sign_offs import sign_by_silence
from cases.deadlines import settle
from cases.models import ExclusionClaim, Restriction, SignOff
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.queries import due_passed

log = structlog.get_logger(__name__)

BATCH = 200


def lapse_claims(*, at: datetime, batch: int = BATCH) -> int:
    """Let the claims lapse whose limit for the proof was over, with the settle margin, before `at`; how many."""
    # The state as a literal of the partial index's condition.
    awaited = ExclusionClaim.objects.filter(due_passed(at - settle(), "proof_due_at"), state="proof_pending")
    lapsed = 0
    for claim in awaited.select_related("appointment").order_by("proof_due_at")[:batch]:
        try:
            lapsed += lapse_claim(claim, by=system(), at=at).state == "lapsed"
        except OperationalError:
            raise
        except (DatabaseError, TransitionNotAllowed):
            # One claim that cannot lapse must not hold up the others.
            log.exception("lapse_refused", claim=claim.pk)
    return lapsed


def sign_silently(*, at: datetime, batch: int = BATCH) -> int:
    """Sign by silence what no buyer has answered in time, the settle margin over, before `at`; returns how many."""
    # The state as a literal of the partial index's condition.
    silent = SignOff.objects.filter(due_passed(at - settle(), "due_at"), state="running")
    signed = 0
    for each in silent.select_related("appointment").order_by("due_at")[:batch]:
        try:
            signed += sign_by_silence(each, by=system(), at=at).state == "missed"
        except OperationalError:
            raise
        except (DatabaseError, TransitionNotAllowed):
            log.exception("sign_off_refused", appointment=each.appointment_id)
    return signed


def end_restrictions(*, at: datetime, batch: int = BATCH) -> int:
    """End the restrictions of covers whose end has passed at `at`; how many."""
    # The states as literals of the partial index's condition.
    standing = Restriction.objects.filter(due_passed(at, "ends_at"), state__in=["in_force", "appealed", "upheld"])
    over = list(standing.select_related("cover").order_by("ends_at")[:batch])
    for restriction in over:
        end_restriction(restriction, by=system(), at=at)
    return len(over)
