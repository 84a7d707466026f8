"""The buyer cancels a request; inside the limit it leaves no violation (domain section 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.offers import end, ended_later
from cases.actions.steps import is_repeat, keep_late, locked, refusal_of
from cases.corrections.commands import apply_after_rescission
from cases.corrections.cures import cured_before_it_came, had_ended
from cases.corrections.overtaken import take_ruling_back
from cases.deadlines import Clocks, settle_limits
from cases.events import record_change
from cases.models import AppointmentState, ServiceAppointment
from cases.permissions import must_be_for_buyer
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def cancel(
    appointment: ServiceAppointment, reason: str = "", *, by: Actor, at: datetime
) -> ServiceAppointment | RuleBroken:
    """Cancel at or before the due instant: cancelled, no violation; afterwards the refusal stays on the record.

    Of two cancellations the one received first counts; committed last, it is done all the same.
    RuleBroken deadline_passed or lapsed (409, committed) when a limit ended the appointment before `at`;
    request_ended (409) when it had been refused at `at` and was only cured later.
    """
    appointment = locked(appointment)
    must_be_for_buyer(appointment, by)
    if is_repeat(appointment.subject, "appointment.cancelled", by):
        return appointment
    clocks = Clocks(appointment)
    if missed := take_ruling_back(clocks, by=by, at=at) or settle_limits(clocks, by=by, at=at):
        keep_late(appointment, "cancellation.late", missed, by=by, at=at, reason=reason)
        return refusal_of(missed, appointment)
    if had_ended(clocks, at=at):
        raise RuleBroken(
            "2.3.1", "request_ended", detail=_("This request had ended when your cancellation was received.")
        )
    before = appointment.state
    if prevented := cured_before_it_came(clocks, at=at):
        # The 14 days that began anew with the cure have never been; only one clock of a kind runs.
        clocks.void_all(at=at)
        clocks.restore(prevented)
    if ended_later(appointment, AppointmentState.REFUSED, AppointmentState.CANCELLED, at=at):
        appointment.cancel_earlier(at, reason.strip()[:200])
    else:
        appointment.cancel(at, reason.strip()[:200])
    end(appointment, clocks, at=at)
    record_change(
        appointment,
        "appointment.cancelled",
        clause="2.3.1" if appointment.is_door else "2.3.2",
        by=by,
        at=at,
        before=before,
        clocks=clocks,
        detail={"reason": reason.strip()},
    )
    apply_after_rescission(clocks, by=by, at=at)
    return appointment
