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


def date_gone() -> RuleBroken:
    """The refusal of an answer to a date that is proposed no longer."""
    return RuleBroken(
        "2.3.1",
        "proposal_not_standing",
        detail=_("This date is no longer proposed. Reload to see where the case stands."),
    )


def longer_limit_gone() -> RuleBroken:
    """The refusal of an answer to a longer limit that is asked for no longer."""
    return RuleBroken(
        "2.3.3",
        "longer_limit_not_standing",
        detail=_("This longer limit is no longer proposed. Reload to see where the case stands."),
    )


def version_replaced() -> RuleBroken:
    """The refusal of a word on service terms that are no longer the latest."""
    return RuleBroken("3.1", "version_replaced", detail=_("The seller has told a newer version. Read it first."))


def already_open() -> RuleBroken:
    """The refusal of a second open appointment for one fault."""
    return RuleBroken(
        "2.3.4", "already_open", detail=_("This case already has an open appointment. Finish or cancel it first.")
    )
