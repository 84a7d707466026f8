"""The steps of `cases.corrections.commands` on an offer that a lapse had ended: revised by the seller, flagged by the buyer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.corrections.steps import note
from cases.models import AppointmentState, Clock, OfferState, Side
from cases.models.offer import OPEN_OFFERS

if TYPE_CHECKING:
    from cases.corrections.steps import Kept
    from cases.deadlines import Clocks
    from zestech_aftersales.accounts.actors import Actor

# Why the buyer's own time stands still while the platform rules.
OFFER_RULING = "offer_ruling"


def revise(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The seller's revision was in time; the buyer learns of it only now: his own limit begins now."""
    appointment = clocks.appointment
    offers = appointment.offers.filter(side=Side.SELLER)
    standing = offers.filter(pk=int(kept.told["replaces"]), state__in=OPEN_OFFERS).first()
    made = offers.filter(pk=int(kept.told["offer"]), state=OfferState.VOID).first()
    if appointment.state != AppointmentState.PROPOSED or standing is None or made is None:
        return
    standing.replace()
    standing.save(update_fields=["state"])
    made.stand_again()
    made.is_late = False
    made.save(update_fields=["state", "is_late"])
    clocks.void(Clock.OFFER_RULING, at=kept.received_at)
    clocks.void(Clock.BUYER_SILENCE, at=kept.received_at)
    clocks.start(Clock.BUYER_SILENCE, at=at)
    note(clocks, kept, "offer.revised", appointment.state, by=by, at=at, offer=made.pk, because=because)


def flag(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The buyer's flag was in time: his own time stands from then on; the platform's limit to rule begins now."""
    appointment = clocks.appointment
    flagged = appointment.offers.filter(pk=int(kept.told["offer"]), state=OfferState.STANDING, side=Side.SELLER).first()
    if appointment.state != AppointmentState.PROPOSED or flagged is None:
        return
    flagged.flag()
    flagged.save(update_fields=["state"])
    clocks.pause(Clock.BUYER_SILENCE, cause=OFFER_RULING, at=kept.received_at)
    clocks.start(Clock.OFFER_RULING, at=at)
    told = {"offer": flagged.pk, "reason": str(kept.told.get("reason") or ""), "because": because}
    note(clocks, kept, "offer.flagged", appointment.state, by=by, at=at, **told)
