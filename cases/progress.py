"""How far an appointment has come, and what has happened on the way, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.models import AppointmentState
from cases.words import words_of

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

State = AppointmentState
STEPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (gettext_lazy("Requested"), ()),
    (gettext_lazy("Offer"), (State.REQUESTED, State.PROPOSED, State.COUNTERED)),
    (gettext_lazy("Appointment"), (State.AGREED,)),
    (pgettext_lazy("step", "Service"), (State.CONFIRMED, State.IN_SERVICE)),
    (gettext_lazy("Completed"), (State.COMPLETED,)),
)
TURNS: dict[str, str | Promise] = {
    State.REQUESTED: gettext_lazy("Waiting for the seller’s offer"),
    State.PROPOSED: gettext_lazy("Waiting for the buyer’s decision"),
    State.COUNTERED: gettext_lazy("Waiting for the seller’s answer"),
    State.AGREED: gettext_lazy("Waiting for the seller’s confirmation"),
    State.CONFIRMED: gettext_lazy("Visit planned"),
    State.IN_SERVICE: gettext_lazy("Service under way"),
}
TONES = {
    "appointment.deemed_refused": "bad",
    "appointment.refused": "bad",
    "appointment.confirmed": "ok",
    "appointment.completed": "ok",
    "service.signed": "ok",
    "service.objected": "warn",
    "visit.seller_no_show": "bad",
    "visit.broken_off": "bad",
    "visit.buyer_no_show": "warn",
    "shipment.received": "ok",
    "shipment.not_received": "warn",
    "shipment.lost": "bad",
    "new_date.late": "warn",
    "offer.late": "warn",
    "acceptance.late": "warn",
    "counter.late": "warn",
    "revision.late": "warn",
    "flag.late": "warn",
    "confirmation.late": "warn",
    "refusal.late": "warn",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, with where it stands: done, current, todo or failed."""

    label: str | Promise
    state: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the history in words."""

    words: str | Promise
    at: datetime
    clause: str
    who: str
    tone: str


def steps_of(state: str) -> list[Step]:
    """The steps of the way, as far as an appointment in that state has come."""
    place = next((n for n, (_label, states) in enumerate(STEPS) if state in states), None)
    if place is None:
        # Ended before the service: the way broke off after the request.
        return [
            Step(label, "done" if n == 0 else "failed" if n == 1 else "todo") for n, (label, _s) in enumerate(STEPS)
        ]
    is_over = state == State.COMPLETED
    return [
        Step(label, "done" if n < place or is_over else "current" if n == place else "todo")
        for n, (label, _states) in enumerate(STEPS)
    ]


def happening(event: Event) -> Happening:
    """An event that has words, as the history shows it."""
    return Happening(
        words=words_of(event).headline,
        at=event.effective_at,
        clause=event.clause,
        who=event.get_actor_kind_display(),
        tone=TONES.get(event.kind, ""),
    )
