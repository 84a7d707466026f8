"""Samples and audits for tests, from the draw to the result, by the real actions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from cases.deadlines import settle
from cases.models import ServiceAppointment
from complaints.actions.audit_results import answer, close_with_findings, notify
from complaints.actions.audits import find, open_audit
from complaints.models import Audit, AuditDraw, ItemVerdict
from complaints.samples import draw
from tests.factories import cases as make
from tests.factories import violations as judged
from tests.factories.claims import an_auditor
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, system

# March 2026 is over at 24:00 of the 31st in Shanghai, and drawn three hours later.
MONTH = date(2026, 3, 1)
OVER = instant("2026-03-31T16:00:00Z")
DRAWN = OVER + timedelta(hours=3)
# Opened for a reason the day after the base scenario's limit was missed; the seller is heard until 24:00 of 10 March.
OPENED = instant("2026-03-05T01:00:00Z")
NOTIFIED = instant("2026-03-05T02:00:00Z")
HEARD = instant("2026-03-10T16:00:00Z")
CLOSED = HEARD + settle() + timedelta(microseconds=1)


def a_sample(*, seed: str = "a seed", at: datetime = DRAWN) -> AuditDraw:
    """The sample of March with its audits and their frozen checklists."""
    return draw(MONTH, seed=seed, by=system(), now=lambda: at)


def an_audit(appointment: ServiceAppointment | None = None, *, by: Actor | None = None, at: datetime = OPENED) -> Audit:
    """An audit for a reason, of the seller who did not answer."""
    appointment = appointment or judged.unanswered()
    return open_audit(appointment.seller, cause="Buyers tell of silence.", by=by or an_auditor(), at=at)


def looked_through(
    audit: Audit, *, by: Actor, breaches: Collection[str] = ("answered",), at: datetime = OPENED + timedelta(minutes=30)
) -> Audit:
    """An audit whose every line was looked at; those of the questions named show a breach."""
    for item in audit.items.order_by("id"):
        verdict = ItemVerdict.BREACH if item.question in breaches else ItemVerdict.IN_ORDER
        note = "Nobody answered." if verdict == ItemVerdict.BREACH else ""
        find(item, verdict=verdict, note=note, by=by, at=at)
    return audit


def a_notified(audit: Audit | None = None, *, by: Actor | None = None, at: datetime = NOTIFIED) -> Audit:
    """An audit whose provisional findings the seller was told of."""
    auditor = by or an_auditor()
    return notify(looked_through(audit or an_audit(by=auditor), by=auditor), by=auditor, at=at)


def an_answered(audit: Audit, *, at: datetime = NOTIFIED + timedelta(hours=1), seat: str = "owner") -> Audit:
    """An audit on which the seller was heard."""
    return answer(audit, "Our desk was closed.", by=make.seller_of(audit, seat), at=at)


def with_findings(audit: Audit | None = None, *, by: Actor | None = None, at: datetime = CLOSED) -> Audit:
    """An audit that ended with its findings."""
    auditor = by or an_auditor()
    return close_with_findings(audit or a_notified(by=auditor), reason="The silence is proven.", by=auditor, at=at)
