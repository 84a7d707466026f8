"""The life of a case beyond its appointments: closed by the buyer or a sign-off, reopened inside the cover (2.3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.actions.merges import case_merged
from cases.actions.steps import apply_passed_limits_of, hold_case, is_repeat, locked
from cases.covers import must_be_owed
from cases.events import record_change
from cases.models import CaseState, ServiceAppointment, ServiceCase
from cases.permissions import must_be_buyer
from cases.signing import close_with, object_to_awaited, reopen_with
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def close_case(case: ServiceCase, *, by: Actor, at: datetime) -> ServiceCase | RuleBroken:
    """The buyer says that the fault is settled: the case is closed.

    RuleBroken: still_open (409) while an appointment is open in it; already_closed (409).
    """
    must_be_buyer(case, by)
    hold_case(case.pk)
    appointment = _latest(case)
    if is_repeat(appointment.subject, "case.closed", by):
        return appointment.case
    _must_go_on_here(appointment.case)
    if apply_passed_limits_of(case, by=by, at=at) is not None:
        raise RuleBroken(
            "2.3.4", "still_open", detail=_("An appointment of this case is still open. Finish or cancel it first.")
        )
    appointment = _latest(case)
    if appointment.case.state == CaseState.OPEN:
        # Nothing was completed in it, yet its buyer wants nothing more: resolved and closed in one step.
        appointment.case.resolve()
        told = close_with(appointment, before=CaseState.OPEN)
    else:
        told = close_with(appointment)
    if told is None:
        return RuleBroken("2.3.4", "already_closed", detail=_("This case is already closed."))
    _record(appointment, "case.closed", told, by=by, at=at)
    return appointment.case


@action
def reopen_case(case: ServiceCase, reason: str, *, by: Actor, at: datetime) -> ServiceCase:
    """The buyer takes a resolved or closed case up again, inside the cover: the fault is back, or was never gone.

    Starts no limit: they begin with the next request in it. A report that still waits for the buyer's word is objected
    to with it, in the duplicates that were merged into the case too: silence never signs a service that its buyer
    disputes. RuleBroken: reason_required (422), not_covered, cover_expired (422, 2.3.4), already_open_case (409).
    """
    must_be_buyer(case, by)
    # In the order of an objection in a merged case, which opens the surviving one.
    for pk in [*case.merged.order_by("pk").values_list("pk", flat=True), case.pk]:
        hold_case(pk)
    appointment = _latest(case)
    if is_repeat(appointment.subject, "case.taken_up_again", by):
        return appointment.case
    _must_go_on_here(appointment.case)
    must_be_owed(appointment.case.cover, at=at)
    if not reason.strip():
        raise RuleBroken("2.3.4", "reason_required", status=422, detail=_("Say why the case must go on."))
    told = reopen_with(appointment, by=by, at=at)
    if told is None:
        raise RuleBroken("2.3.4", "already_open_case", detail=_("This case is open already."))
    _record(appointment, "case.taken_up_again", told, by=by, at=at, reason=reason.strip())
    of_the_fault = ServiceAppointment.objects.filter(Q(case=case) | Q(case__merged_into=case))
    object_to_awaited(of_the_fault, reason, by=by, at=at)
    return appointment.case


def _must_go_on_here(case: ServiceCase) -> None:
    if case.merged_into is not None:
        raise case_merged(case.merged_into)


def _latest(case: ServiceCase) -> ServiceAppointment:
    """The case's latest appointment, locked, with the case as it is now."""
    return locked(case.appointments.latest("id"))


def _record(
    appointment: ServiceAppointment, kind: str, told: dict[str, str], *, by: Actor, at: datetime, reason: str = ""
) -> None:
    detail: dict[str, object] = {"case": told}
    if reason:
        detail["reason"] = reason
    record_change(appointment, kind, clause="2.3.4", by=by, at=at, before=appointment.state, detail=detail)
