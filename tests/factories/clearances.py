"""Clearances for tests, by the real actions, on violations written straight to the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from complaints.actions.clearances import approve_clearance, propose_clearance
from complaints.models import BreachKind, Clearance, Violation, ViolationState
from sellers.models import Enrolment, Seller
from tests.factories.accounts import AuditorFactory
from tests.factories.claims import an_auditor
from zestech_aftersales.accounts.actors import Actor

_numbers = count(1)


def a_violation(seller: Seller, *, at: datetime, state: str = ViolationState.CONFIRMED) -> Violation:
    """A violation that an auditor confirmed an hour before, or one in another state."""
    return Violation.objects.create(
        seller=seller,
        state=state,
        kind=BreachKind.MISSED_LIMIT,
        clause="2.3.1",
        breach=f"test/{next(_numbers)}",
        finding="No reply within 48 hours.",
        occurred_at=at - timedelta(days=30),
        opened_at=at - timedelta(days=29),
        notified_at=at - timedelta(days=20),
        judged_by=AuditorFactory(),
        judged_at=at - timedelta(hours=1),
        reason="Nobody answered.",
    )


def a_proposal(seller: Seller, *, at: datetime, by: Actor | None = None, cited: Sequence[Violation] = ()) -> Clearance:
    """A proposal to clear the seller's latest enrolment."""
    enrolment = Enrolment.objects.filter(seller=seller).latest("pk")
    violations = list(cited) or [a_violation(seller, at=at)]
    return propose_clearance(enrolment, violations=violations, reason="Late again.", by=by or an_auditor(), at=at)


def in_force(seller: Seller, *, at: datetime, cited: Sequence[Violation] = ()) -> Clearance:
    """A clearance by two auditors that took effect at an instant."""
    return approve_clearance(a_proposal(seller, at=at, cited=cited), reason="So it is.", by=an_auditor(), at=at)
