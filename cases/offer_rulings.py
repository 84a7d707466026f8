"""An offer that the buyer holds unreasonable: what was said about it, and what it is held against (2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from cases.covers import offered_methods, offered_services
from cases.indicators import Indicator, Setting, indicators
from cases.models import AppointmentState, Offer, ServiceAppointment, Side
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

WORDS: dict[str, str | Words] = {
    "offer.flagged": _("Held unreasonable by the buyer"),
    "offer.held_reasonable": _("The platform holds it reasonable"),
    "offer.held_unreasonable": _("The platform holds it unreasonable"),
    "offer.ruling_overtaken": _("The ruling has no effect: something done before it counts"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """The buyer's flag on an offer, or the platform's ruling, with its reasons."""

    offer: int
    kind: str
    words: str | Words
    reason: str
    at: datetime
    clause: str


def said_about(events: Iterable[Event]) -> dict[int, list[Said]]:
    """What some events tell of flags and rulings, in their order, by offer."""
    told: dict[int, list[Said]] = {}
    for event in events:
        detail = event.detail or {}
        if event.kind in WORDS:
            line = Said(
                detail["offer"],
                event.kind,
                WORDS[event.kind],
                str(detail.get("reason", "")),
                event.effective_at,
                event.clause,
            )
            told.setdefault(detail["offer"], []).append(line)
    return told


def said_in(appointment: ServiceAppointment) -> list[Said]:
    """Every flag and ruling of a request, in their order."""
    told = events_of(f"case/{appointment.case_id}").filter(subject=appointment.subject, kind__in=[*WORDS])
    return [line for lines in said_about(told).values() for line in lines]


def said_of(offer: Offer) -> list[Said]:
    """Flag and rulings of one offer, in their order."""
    stream = f"case/{offer.appointment.case_id}"
    return said_about(events_of(stream).filter(kind__in=[*WORDS], detail__offer=offer.pk)).get(offer.pk, [])


def indicators_of(offer: Offer) -> list[Indicator]:
    """The nine indicators of an offer of the seller, held against all that is known of its request."""
    return indicators(offer, setting_of(offer))


def setting_of(offer: Offer) -> Setting:
    """What an offer is held against: as it stood when the offer was received."""
    request = offer.appointment
    cover = request.case.cover
    earlier = request.offers.filter(side=Side.SELLER, pk__lt=offer.pk).order_by("pk")
    served = ServiceAppointment.objects.filter(
        case=request.case_id, state=AppointmentState.COMPLETED, ended_at__lte=request.received_at
    )
    return Setting(
        request=request,
        law=law_for_order(cover.edition, request.received_at),
        methods=offered_methods(cover, request.terms),
        services=offered_services(cover, request.terms),
        told=request.disclosures.filter(given_at__lte=offer.received_at).order_by("-version").first(),
        earlier=list(earlier),
        served=list(served.values_list("service_type", flat=True)),
    )
