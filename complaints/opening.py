"""A candidate opened by a person: what a complaint or an audit has found (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from cases.models import ServiceAppointment
from complaints.candidates import CLAUSE, told_of
from complaints.events import record_change
from complaints.models import OPEN_VIOLATIONS, BreachKind, Violation

if TYPE_CHECKING:
    from sellers.models import Seller
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User


def open_violation(
    *,
    seller: Seller,
    kind: BreachKind,
    clause: str,
    breach: str,
    occurred_at: datetime,
    finding: str,
    person: User,
    by: Actor,
    at: datetime,
    appointment: ServiceAppointment | None = None,
) -> Violation:
    """The violation of a breach, opened now or the one that there is: the same breach is judged once.

    Inside the transaction of a higher action, under the seller's lock. A breach named after a fact of a case
    (deadline/12, refusal/44, refusal/44/2, visit/9) needs its appointment. Who finds what the machine had found opens
    it too, so that another one judges it. The event has no key: the caller's own carries it.
    """
    if (known := _known(breach)) is not None:
        return _taken_up(known, finding, person, by=by, at=at)
    try:
        with transaction.atomic():
            violation = Violation.objects.create(
                seller=seller,
                kind=kind,
                clause=clause,
                breach=breach,
                appointment=appointment,
                finding=finding.strip(),
                occurred_at=occurred_at,
                opened_at=at,
                opened_by=person,
            )
    except IntegrityError:
        # The reader found the same breach in the same moment.
        found = _known(breach)
        if found is None:
            raise
        return _taken_up(found, finding, person, by=by, at=at)
    _record(violation, "violation.opened", before="", by=by, at=at)
    return violation


def _known(breach: str) -> Violation | None:
    rows = Violation.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(breach=breach).first()


def _taken_up(violation: Violation, finding: str, person: User, *, by: Actor, at: datetime) -> Violation:
    """A person stands behind what nobody had opened yet; what is judged already stays as it is."""
    if violation.opened_by_id is not None or violation.state not in OPEN_VIOLATIONS:
        return violation
    violation.opened_by = person
    violation.finding = violation.finding or finding.strip()
    violation.save(update_fields=["opened_by", "finding"])
    _record(violation, "violation.taken_up", before=violation.state, by=by, at=at)
    return violation


def _record(violation: Violation, kind: str, *, before: str, by: Actor, at: datetime) -> None:
    detail = {**told_of(violation), "finding": violation.finding}
    record_change(violation, kind, clause=CLAUSE, by=by.with_key(""), at=at, before=before, detail=detail)
