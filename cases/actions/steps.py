"""The steps that every action on an appointment shares: lock, recognise a repeat, refuse what came late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.models import AppointmentState, Deadline, ServiceAppointment
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor


def locked(appointment: ServiceAppointment) -> ServiceAppointment:
    """The appointment as it is now, its row locked until the action ends."""
    return (
        ServiceAppointment.objects.select_related("case__cover__edition")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=appointment.pk)
    )


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
    if event.kind == "offer.late":
        raise deadline_passed(event.clause)
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
    """The refusal of a command that a missed limit stands against."""
    if appointment.state == AppointmentState.LAPSED:
        return RuleBroken(
            missed.clause,
            "lapsed",
            detail=_("The offer was not answered in time and has lapsed. The cover stays: book the service again."),
        )
    return deadline_passed(missed.clause)


def keep_next_due(appointment: ServiceAppointment, clocks: Clocks, *fields: str) -> None:
    """Save the appointment's changed fields together with what the queues sort by."""
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "next_due_at", *fields])
