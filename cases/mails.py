"""Mails that support has kept with a case: which of them still wait to be classified (domain section 3, responding)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases.models import Message, Side
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.models import ServiceAppointment

RECORDED, CLASSIFIED = "mail.recorded", "mail.classified"


def mails_to_classify(appointment: ServiceAppointment) -> list[Message]:
    """The seller's mails that may answer a request: received after it, not automatic, not classified; oldest first."""
    told = Event.objects.filter(stream=f"case/{appointment.case_id}")
    kept = {(event.detail or {})["message"]: event for event in told.filter(kind=RECORDED)}
    done = {(event.detail or {})["message"] for event in told.filter(kind=CLASSIFIED)}
    waiting = [pk for pk, event in kept.items() if pk not in done and not (event.detail or {}).get("automatic")]
    return list(
        Message.objects.filter(pk__in=waiting, side=Side.SELLER, received_at__gte=appointment.received_at)
        .select_related("author", "case")
        .order_by("received_at", "id")
    )
