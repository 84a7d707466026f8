"""The buyer signs a completed service off or objects to it; silence for 7 natural days is a yes (2.1.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import hold_case, is_repeat, locked
from cases.models import DeadlineState, ServiceAppointment, SignOff, SignOffOutcome
from cases.permissions import must_be_buyer
from cases.reminders.schedule import next_reminder_at
from cases.signing import close_with, record_answer, reopen_with, write_answer, write_objection
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.limits import LIMITS, limit_due
from zestech_aftersales.rulebook.queries import law_for_order

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


def await_sign_off(appointment: ServiceAppointment, *, at: datetime) -> SignOff:
    """Start the buyer's 7 natural days on a service completed at `at`; part of the completing command."""
    law = law_for_order(appointment.case.cover.edition, appointment.received_at)
    signed = SignOff(
        appointment=appointment,
        clause=LIMITS["sign_off"].clause,
        started_at=at,
        amount=law.sign_off_days,
        due_at=limit_due("sign_off", at, law),
    )
    signed.next_reminder_at = next_reminder_at(signed)
    signed.save()
    return signed


@action
def sign_off(appointment: ServiceAppointment, *, by: Actor, at: datetime) -> SignOff | RuleBroken:
    """The buyer accepts the report; a case that waits for nothing else is closed.

    RuleBroken: not_awaited (409) when nothing waits to be signed, also because silence has signed it before `at`
    (committed). PermissionDenied for anybody but the buyer.
    """
    hold_case(appointment.case_id)
    appointment = locked(appointment)
    must_be_buyer(appointment, by)
    signed = _of(appointment)
    if is_repeat(appointment.subject, "service.signed", by) and signed:
        return signed
    if signed is None or not signed.can_be_answered(at):
        if signed is not None:
            apply_silence(signed, by=by, at=at)
        return RuleBroken("2.1.1", "not_awaited", detail=_("Nothing of this service waits to be signed off."))
    if signed.state == DeadlineState.MISSED:
        signed.restore()
    signed.meet(at)
    write_answer(signed, SignOffOutcome.SIGNED, by=by)
    record_answer(signed, "service.signed", by=by, at=at, case=_close_if_all_is_signed(appointment))
    return signed


@action
def object_to(appointment: ServiceAppointment, reason: str, *, by: Actor, at: datetime) -> SignOff | RuleBroken:
    """The buyer says why the service is not done: the case is open again, and another visit can be booked in it.

    Where it was merged that is the surviving case.
    An objection received in time counts, also where silence was written down before it was committed (T10).
    RuleBroken: reason_required (422), not_awaited (409), deadline_passed (409, committed) after the due instant.
    """
    hold_case(appointment.case_id)
    appointment = locked(appointment)
    must_be_buyer(appointment, by)
    objected = _of(appointment)
    if is_repeat(appointment.subject, "service.objected", by) and objected:
        return objected
    if objected is None or objected.state == DeadlineState.MET:
        raise RuleBroken("2.1.1", "not_awaited", detail=_("Nothing of this service waits to be signed off."))
    if not objected.can_be_answered(at):
        apply_silence(objected, by=by, at=at)
        return RuleBroken(
            "2.1.1",
            "deadline_passed",
            detail=_(
                "The time to object is over: the service counts as signed off. Reopen the case if the fault is back."
            ),
        )
    if not reason.strip():
        raise RuleBroken("2.1.1", "reason_required", status=422, detail=_("Say what is not done."))
    write_objection(objected, reason, by=by, at=at, case=reopen_with(appointment, by=by, at=at))
    return objected


@action
def sign_by_silence(signed: SignOff, *, by: Actor, at: datetime) -> SignOff:
    """Write down that a buyer has said nothing in time; nothing happens when he has, or when his time still runs."""
    hold_case(signed.appointment.case_id)
    appointment = locked(signed.appointment)
    fresh = SignOff.objects.get(pk=signed.pk)
    fresh.appointment = appointment
    apply_silence(fresh, by=by, at=at)
    return fresh


def apply_silence(signed: SignOff, *, by: Actor, at: datetime) -> bool:
    """Sign by silence when the limit passed before `at`, effective at the due instant (T8); whether it did so.

    The appointment's row is locked.
    """
    if not signed.is_passed(at) or signed.due_at is None:
        return False
    signed.miss()
    write_answer(signed, SignOffOutcome.SILENCE, by=None)
    case = _close_if_all_is_signed(signed.appointment)
    record_answer(
        signed, "service.signed_by_silence", by=system(by.channel), at=at, effective_at=signed.due_at, case=case
    )
    return True


def _close_if_all_is_signed(appointment: ServiceAppointment) -> dict[str, str] | None:
    """Close the case once no other service in it still waits for its buyer's word; what the event tells."""
    waiting = SignOff.objects.filter(appointment__case=appointment.case_id, state="running")
    return None if waiting.exists() else close_with(appointment)


def _of(appointment: ServiceAppointment) -> SignOff | None:
    found = SignOff.objects.filter(appointment=appointment).first()
    if found is not None:
        found.appointment = appointment
    return found
