"""What may prove an answer in time: mails that support has kept, and answers that the buyer has acknowledged.

Both count once support has classified them: a mail from its receipt, an acknowledged answer from the instant at which
it reached the buyer, as he says (domain section 3, responding and rescission). What is no answer support dismisses.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT

from cases.models import Clock, Message, Side
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.models import ServiceAppointment

RECORDED, CLASSIFIED, DISMISSED = "mail.recorded", "mail.classified", "mail.dismissed"
# What support has said of a message: that it is an answer, or none.
READ = (CLASSIFIED, DISMISSED)
ACKNOWLEDGED = "answer.acknowledged"
# The seller's limits that an answer, or a confirmation, can have kept.
KEPT_BY_AN_ANSWER = (Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER, Clock.CONFIRMATION)


def mails_to_classify(appointment: ServiceAppointment) -> list[Message]:
    """What may answer a request and was neither classified nor dismissed, oldest first.

    The seller's mails that were received after it and are not automatic, and what the buyer has acknowledged about it.
    """
    told = Event.objects.filter(stream=f"case/{appointment.case_id}")
    kept = {(event.detail or {})["message"]: event for event in told.filter(kind=RECORDED)}
    done = {(event.detail or {})["message"] for event in told.filter(kind__in=READ)}
    waiting = [pk for pk, event in kept.items() if pk not in done and not (event.detail or {}).get("automatic")]
    said = told.filter(kind=ACKNOWLEDGED, subject=appointment.subject)
    acknowledged = {(event.detail or {})["message"] for event in said} - done
    mails = Q(pk__in=waiting, side=Side.SELLER, received_at__gte=appointment.received_at)
    return list(
        Message.objects.filter(mails | Q(pk__in=acknowledged))
        .select_related("author", "case")
        .order_by("received_at", "id")
    )


def unread_acknowledgements() -> QuerySet[Event]:
    """What buyers have acknowledged and support has neither classified nor dismissed."""
    read = Event.objects.filter(stream=OuterRef("stream"), kind__in=READ).annotate(of=KT("detail__message"))
    said = Event.objects.filter(kind=ACKNOWLEDGED).annotate(of=KT("detail__message"))
    return said.filter(~Exists(read.filter(of=OuterRef("of"))))


def acknowledged_at(message: Message) -> datetime | None:
    """When the answer that a message acknowledges reached the buyer, as he says; None for a mail."""
    told = Event.objects.filter(stream=f"case/{message.case_id}", kind=ACKNOWLEDGED)
    found = [event.detail for event in told if event.detail and event.detail["message"] == message.pk]
    return datetime.fromisoformat(found[0]["answered_at"]) if found else None
