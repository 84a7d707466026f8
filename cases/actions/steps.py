"""The steps that every action on an appointment shares: lock, recognise a repeat, refuse what came late."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.deadlines import Clocks, apply_passed_limit
from cases.events import record_change
from cases.models import AppointmentState, Deadline, ServiceAppointment, ServiceCase
from cases.models.appointment import OPEN_STATES
from cases.refusals import already_open
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event


# What came after its limit and is kept as evidence of that.
LATE = (
    "offer.late", "acceptance.late", "counter.late", "confirmation.late", "refusal.late", "cancellation.late",
    "revision.late", "flag.late", "new_date.late", "longer_limit.late",
)  # fmt: skip


def locked(appointment: ServiceAppointment) -> ServiceAppointment:
    """The appointment as it is now, its row locked until the action ends."""
    return (
        ServiceAppointment.objects.select_related("case__cover__edition")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=appointment.pk)
    )


def hold_case(pk: int) -> None:
    """Lock the row of a case until the action ends; always before its appointment."""
    ServiceCase.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def apply_passed_limits_of(case: ServiceCase, *, by: Actor, at: datetime) -> ServiceAppointment | None:
    """Apply the limit that has passed on the case's open appointment (T9); returns it while it is still open."""
    open_ones = ServiceAppointment.objects.select_related("case__cover__edition").filter(
        case=case, state__in=OPEN_STATES
    )
    appointment = open_ones.select_for_update(of=("self",), no_key=True).first()
    if appointment is None or apply_passed_limit(Clocks(appointment), by=by, at=at):
        return None
    return appointment


def is_repeat(subject: str, kind: str | tuple[str, ...], by: Actor) -> bool:
    """Whether this very command was already carried out under the same idempotency key.

    Raises RuleBroken (422 idempotency_key_reused) when the key was spent on something else,
    and the first answer again (409 deadline_passed) when that was the refusal of a late reply.
    """
    event = earlier(by)
    if event is None:
        return False
    if event.subject != subject:
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    if event.kind in LATE:
        raise _lapsed(event.clause) if _told_lapsed(event) else deadline_passed(event.clause)
    if event.kind not in ((kind,) if isinstance(kind, str) else kind):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return True


def deadline_passed(clause: str) -> RuleBroken:
    """The refusal of what came after its limit."""
    return RuleBroken(
        clause,
        "deadline_passed",
        detail=_(
            "The limit had passed when this was received. It is kept as late; reload to see where the case stands."
        ),
    )


def refusal_of(missed: Deadline, appointment: ServiceAppointment) -> RuleBroken:
    """The refusal of a command that a missed limit stands against, or that came in time for a fault booked again."""
    if appointment.state == AppointmentState.CANCELLED:
        return already_open()
    return _lapsed(missed.clause) if appointment.state == AppointmentState.LAPSED else deadline_passed(missed.clause)


def _lapsed(clause: str) -> RuleBroken:
    return RuleBroken(
        clause,
        "lapsed",
        detail=_("The offer was not answered in time and has lapsed. The cover stays: book the service again."),
    )


def _told_lapsed(event: Event) -> bool:
    return bool((event.after or {}).get("state") == AppointmentState.LAPSED)


def keep_late(
    appointment: ServiceAppointment, kind: str, missed: Deadline, *, by: Actor, at: datetime, **detail: object
) -> None:
    """Keep what somebody did after the limit as evidence; it changes nothing, unless the limit moves after all."""
    if appointment.state == AppointmentState.CANCELLED:
        return  # it came in time, and the miss was taken back: only the fault has been booked again meanwhile
    record_change(
        appointment, kind, clause=missed.clause, by=by, at=at, before=appointment.state, detail={"late": True, **detail}
    )


def keep_next_due(appointment: ServiceAppointment, clocks: Clocks, *fields: str) -> None:
    """Save the appointment's changed fields together with what the queues sort by."""
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "next_due_at", *fields])
