"""Violations for tests, from the missed limit of a case to the decision on appeal, by the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from cases.deadlines import settle
from cases.models import ServiceAppointment
from cases.sweep import sweep_batch
from complaints.actions.hearings import answer, appeal, notify
from complaints.actions.judging import confirm, overturn
from complaints.models import Violation
from complaints.opening import open_violation
from tests.factories import cases as make
from tests.factories.claims import an_auditor
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.timeline.relay import relay_batch

# R0 is answered by nobody: its 48 hours are over at DUE, and a second later than the settle margin it is SWEPT.
R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
SWEPT = DUE + settle() + timedelta(seconds=1)
# Notified on 5 March in Shanghai, heard until 24:00 of 10 March, the confirmation of then appealed until 25 March.
NOTIFIED = instant("2026-03-05T02:00:00Z")
HEARD = instant("2026-03-10T16:00:00Z")
CONFIRMED = HEARD + settle() + timedelta(microseconds=1)
APPEALED = instant("2026-03-26T16:00:00Z")


def read(*, at: datetime = SWEPT) -> None:
    """The relay shows what happened to its readers until nothing is left."""
    while relay_batch(at=at):
        pass


def unanswered(**given: object) -> ServiceAppointment:
    """A request that was deemed refused because nobody answered it in time."""
    appointment = make.requested(at=R0, **given)
    sweep_batch(at=SWEPT)
    return make.fresh(appointment)


def a_candidate(appointment: ServiceAppointment | None = None, *, at: datetime = SWEPT) -> Violation:
    """The candidate for a deemed refusal."""
    appointment = appointment or unanswered()
    read(at=at)
    return Violation.objects.get(appointment=appointment)


def opened_by(auditor: Actor) -> Violation:
    """A candidate that an auditor has opened himself."""
    seller = make.a_seller()
    with transaction.atomic():
        return open_violation(
            seller=seller, kind="audit", clause="3.1", breach=f"audit-item/{seller.pk}", finding="No terms told.",
            occurred_at=DUE, person=auditor.user, by=auditor, at=SWEPT,
        )  # fmt: skip


def a_notified(violation: Violation | None = None, *, at: datetime = NOTIFIED) -> Violation:
    """A violation on which the seller is heard."""
    return notify(violation or a_candidate(), by=an_auditor(), at=at)


def an_answered(violation: Violation | None = None, *, at: datetime = NOTIFIED + timedelta(hours=1)) -> Violation:
    """A violation to which the seller has answered."""
    violation = violation or a_notified()
    return answer(violation, "Our desk was closed.", by=make.seller_of(violation), at=at)


def a_confirmed(violation: Violation | None = None, *, at: datetime = CONFIRMED, by: Actor | None = None) -> Violation:
    """A violation that an auditor has confirmed."""
    return confirm(violation or a_notified(), reason="Nobody answered.", by=by or an_auditor(), at=at)


def an_appealed(violation: Violation | None = None, *, at: datetime = APPEALED) -> Violation:
    """A confirmed violation against which the seller has appealed."""
    violation = violation or a_confirmed()
    return appeal(violation, "The mail server was away.", by=make.seller_of(violation), at=at)


def an_overturned(violation: Violation | None = None, *, at: datetime = APPEALED + timedelta(hours=1)) -> Violation:
    """A violation that a third auditor has overturned."""
    return overturn(violation or an_appealed(), reason="So it was.", by=an_auditor(), at=at)
