"""The buyer's word on a completed service as it is written down, and what becomes of the case with it (2.1.1).

Plain pieces of the actions that hold the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cases.events import instant_text, record_change
from cases.models import CaseState, DeadlineState, ServiceCase, SignOff, SignOffOutcome
from cases.models.appointment import OPEN_STATES

if TYPE_CHECKING:
    from cases.models import ServiceAppointment
    from zestech_aftersales.accounts.actors import Actor


def object_to_awaited(appointments: Iterable[ServiceAppointment], reason: str, *, by: Actor, at: datetime) -> None:
    """A buyer who disputes a service otherwise than at its report has not been silent about it.

    For every report that he could still answer at `at`; the case is open again.
    """
    asked = SignOff.objects.select_related("appointment__case").filter(appointment__in=appointments).order_by("pk")
    for signed in [each for each in asked if each.can_be_answered(at)]:
        write_objection(signed, reason, by=by.with_key(""), at=at, case=reopen_with(signed.appointment, by=by, at=at))


def close_with(appointment: ServiceAppointment, *, before: str = "") -> dict[str, str] | None:
    """Close the case of a locked appointment if it is resolved and nothing is open in it; what its event tells."""
    case = appointment.case
    before = before or case.state
    if case.state != CaseState.RESOLVED or case.appointments.filter(state__in=OPEN_STATES).exists():
        return None
    case.close()
    case.save(update_fields=["state"])
    return {"before": before, "after": case.state}


def reopen_with(appointment: ServiceAppointment, *, by: Actor, at: datetime) -> dict[str, str] | None:
    """Open the case of a locked appointment again, unless it is open; what its event tells.

    A merged one stays as it is: the fault goes on in the surviving case, which is opened by an event of its own.
    """
    case = appointment.case
    if case.merged_into_id is not None:
        _reopen_survivor(case.merged_into_id, by=by.with_key(""), at=at)
        return None
    return _reopened(case)


def _reopen_survivor(pk: int, *, by: Actor, at: datetime) -> None:
    case = ServiceCase.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    told = _reopened(case)
    if told is None:
        return
    latest = case.appointments.select_for_update(of=("self",), no_key=True).latest("id")
    record_change(latest, "case.reopened", clause="2.1.1", by=by, at=at, before=latest.state, detail={"case": told})


def _reopened(case: ServiceCase) -> dict[str, str] | None:
    before = case.state
    if before == CaseState.OPEN:
        return None
    case.reopen()
    case.save(update_fields=["state"])
    return {"before": before, "after": case.state}


def write_objection(objected: SignOff, reason: str, *, by: Actor, at: datetime, case: dict[str, str] | None) -> None:
    """The service is not done, says its buyer; also where silence was written down before it was committed (T10)."""
    if objected.state == DeadlineState.MISSED:
        objected.restore()
    objected.meet(at)
    objected.reason = reason.strip()
    write_answer(objected, SignOffOutcome.OBJECTED, by=by)
    record_answer(objected, "service.objected", by=by, at=at, case=case, reason=objected.reason)


def write_answer(signed: SignOff, outcome: SignOffOutcome, *, by: Actor | None) -> None:
    """Save the answer, and who gave it."""
    signed.outcome, signed.answered_by = outcome, by.user if by else None
    signed.save(update_fields=["state", "ended_at", "next_reminder_at", "outcome", "reason", "answered_by"])


def record_answer(
    signed: SignOff,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    case: dict[str, str] | None,
    effective_at: datetime | None = None,
    reason: str = "",
) -> None:
    """Write the event of an answer, with what became of the case."""
    detail: dict[str, object] = {"outcome": signed.outcome, "started_at": instant_text(signed.started_at)}
    if reason:
        detail["reason"] = reason
    if case is not None:
        detail["case"] = case
    record_change(
        signed.appointment,
        kind,
        clause="2.1.1",
        by=by,
        at=at,
        effective_at=effective_at,
        before=signed.appointment.state,
        detail=detail,
    )
