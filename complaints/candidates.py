"""Candidates for a violation, opened from what happens in cases; what a fact has opened, a fact can close (3.2).

The reader takes each event as a hint only: which appointments to look at. What is then written follows from the
facts, so it may read the same event twice, late, or after a later one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from cases.events import instant_text
from cases.models import ServiceAppointment
from complaints import deadlines
from complaints.breaches import Breach, breaches_of, why_gone
from complaints.events import drafted_change, record_change
from complaints.models import OPEN_VIOLATIONS, DismissalCode, Violation
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import record_together

CLAUSE = "3.2"
# After these a breach may have come, gone, moved or been cured.
TELLING = {
    "appointment.agreed",
    "appointment.cancelled",
    "appointment.confirmed",
    "appointment.checked_in",
    "appointment.deemed_refused",
    "appointment.excluded",
    "appointment.readmitted",
    "appointment.refused",
    "appointment.rescinded",
    "claim.granted",
    "claim.partly_granted",
    "claim.revoked",
    "limit.corrected",
    "limit.missed",
    "limit.tolled",
    "visit.planned_anew",
    "visit.seller_no_show",
}
REFUNDED = "order.refunded"


def read(events: Sequence[Event], *, at: datetime) -> None:
    """The reader: look at the appointments that these events are about (see `timeline.readers`)."""
    if touched := _touched(events):
        reconcile(touched, at=at)


def reconcile(appointments: Collection[int], *, at: datetime) -> int:
    """Bring the violations of some appointments to what their facts say; returns how many were written.

    Inside the caller's transaction. Locks violations only. A confirmed one whose fact is gone is marked: that it falls
    reaches further (clearance, losses) and is done under the locks for it by `complaints.actions.judging.let_fall`.
    """
    found = breaches_of(appointments)
    rows = Violation.objects.select_for_update(of=("self",), no_key=True)
    known = list(rows.filter(appointment__in=appointments).order_by("pk"))
    names = {each.breach for each in known}
    opened = _open([each for each in found.values() if each.is_fact and each.name not in names], at=at)
    gone = why_gone(known, found)
    return opened + sum(_follow(each, found.get(each.breach), gone.get(each.pk), at=at) for each in known)


def _touched(events: Iterable[Event]) -> set[int]:
    touched: set[int] = set()
    orders: set[int] = set()
    for event in events:
        if event.kind in TELLING:
            thing, _slash, key = event.subject.partition("/")
            touched.add(int(key) if thing == "appointment" else int((event.detail or {})["appointment"]))
        elif event.kind == REFUNDED:
            orders.add(int(event.stream.removeprefix("order/")))
    if orders:
        theirs = ServiceAppointment.objects.filter(case__cover__order__in=orders)
        touched.update(theirs.values_list("pk", flat=True))
    return touched


def _open(breaches: Sequence[Breach], *, at: datetime) -> int:
    """New candidates with their events: three statements whatever their number."""
    if not breaches:
        return 0
    opened = Violation.objects.bulk_create(
        Violation(
            seller_id=each.seller_id,
            kind=each.kind,
            clause=each.clause,
            breach=each.name,
            appointment_id=each.appointment_id,
            occurred_at=each.occurred_at,
            cured_at=each.cured_at,
            opened_at=at,
        )
        for each in breaches
    )
    record_together([
        drafted_change(each, "violation.opened", clause=CLAUSE, by=system(), at=at, before="", detail=told_of(each))
        for each in opened
    ])  # fmt: skip
    return len(opened)


def told_of(violation: Violation) -> dict[str, object]:
    """What an event says of the breach."""
    cured_at = violation.cured_at
    return {
        "breach": violation.breach,
        "kind": violation.kind,
        "breach_clause": violation.clause,
        "occurred_at": instant_text(violation.occurred_at),
        "cured_at": instant_text(cured_at) if cured_at else None,
    }


def _follow(violation: Violation, breach: Breach | None, code: DismissalCode | None, *, at: datetime) -> bool:
    """One known violation after its fact; whether anything was written."""
    if code is not None:
        return without_ground(violation, code, at=at)
    if breach is None:
        return False
    if violation.fell_by_fact:
        _open_again(violation, breach, at=at)
        return True
    moved = (violation.occurred_at, violation.cured_at) != (breach.occurred_at, breach.cured_at)
    if not moved and violation.groundless_since is None:
        return False
    _take_over(violation, breach)
    violation.groundless_since = None
    violation.save(update_fields=["occurred_at", "cured_at", "groundless_since"])
    kind = "violation.cured" if violation.cured_at else "violation.corrected"
    _record(violation, kind, told_of(violation), before=violation.state, at=at)
    return True


def without_ground(violation: Violation, code: DismissalCode, *, at: datetime) -> bool:
    """Dismiss an open violation, or mark a confirmed one; the row is locked. Whether an event was written."""
    if violation.state in OPEN_VIOLATIONS:
        before = violation.state
        violation.dismiss(code, None, "", at)
        violation.save(update_fields=["state", "dismissal", "judged_by", "reason", "judged_at"])
        deadlines.void_running(at=at, violation=violation)
        _record(violation, "violation.dismissed", {"code": code}, before=before, at=at)
        return True
    if violation.stands and violation.groundless_since is None:
        violation.groundless_since = at
        violation.save(update_fields=["groundless_since"])
    return False


def _open_again(violation: Violation, breach: Breach, *, at: datetime) -> None:
    before = violation.state
    violation.open_again()
    _take_over(violation, breach)
    violation.save()
    _record(violation, "violation.opened_again", told_of(violation), before=before, at=at)


def _take_over(violation: Violation, breach: Breach) -> None:
    violation.occurred_at, violation.cured_at = breach.occurred_at, breach.cured_at


def _record(violation: Violation, kind: str, detail: dict[str, object], *, before: str, at: datetime) -> None:
    record_change(violation, kind, clause=CLAUSE, by=system(), at=at, before=before, detail=detail)
