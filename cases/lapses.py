"""What lapses by itself beside the clocks of appointments: claims whose proof did not come."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, OperationalError
from django_fsm import TransitionNotAllowed

from cases.actions.exclusions import lapse_claim
from cases.deadlines import settle
from cases.models import ExclusionClaim
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
