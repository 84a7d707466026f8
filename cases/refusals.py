"""Refusals that several actions, and the pages before them, give in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.models import ServiceAppointment


def clause_of(appointment: ServiceAppointment) -> str:
    """The clause of the duty: 2.3.1 at the door, 2.3.2 otherwise."""
    return "2.3.1" if appointment.is_door else "2.3.2"


def offer_gone(appointment: ServiceAppointment) -> RuleBroken:
    """The refusal of a step on an offer that stands no longer."""
    return RuleBroken(
        clause_of(appointment),
        "offer_not_standing",
        detail=_("This offer no longer stands. Reload to see the latest one."),
    )


def already_open() -> RuleBroken:
    """The refusal of a second open appointment for one fault."""
    return RuleBroken(
        "2.3.4", "already_open", detail=_("This case already has an open appointment. Finish or cancel it first.")
    )
