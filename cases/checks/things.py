"""Offers and the sign-off of one appointment held against its events, as far as events alone decide them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cases.checks.findings import Difference, differing, written
from cases.checks.visits import named
from cases.models import (
    AppointmentState,
    DeadlineState,
    Disclosure,
    Offer,
    OfferState,
    ServiceAppointment,
    Side,
    SignOff,
    SignOffOutcome,
)
from cases.models.offer import OPEN_OFFERS
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.rulebook.limits import LIMITS

if TYPE_CHECKING:
    from cases.tolled_limits import TolledOutages
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.timeline.models import Event

# What is final about an offer, and the event that alone brings it about.
FINAL = {"appointment.agreed": OfferState.ACCEPTED, "offer.held_unreasonable": OfferState.HELD_UNREASONABLE}
# A ruling that something received before it has overtaken is none.
OVERTAKEN = "offer.ruling_overtaken"
# In which states of a request which side's offer lies on the table, and in which none does.
ON_THE_TABLE = {AppointmentState.PROPOSED: Side.SELLER, AppointmentState.COUNTERED: Side.BUYER}
NOTHING_LEFT = (
    AppointmentState.AGREED, AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE, AppointmentState.COMPLETED,
    AppointmentState.LAPSED, AppointmentState.CANCELLED, AppointmentState.EXCLUDED,
)  # fmt: skip
RULED = {"offer.flagged": OfferState.FLAGGED, "offer.held_reasonable": OfferState.HELD_REASONABLE}
TOLD = "disclosure.given"
CONFIRMED, CONFIRMED_LATE = "appointment.confirmed", "confirmation.late"
DONE, TOLLED = "appointment.completed", "limit.tolled"
ANSWERS = {
    "service.signed": (SignOffOutcome.SIGNED, DeadlineState.MET),
    "service.objected": (SignOffOutcome.OBJECTED, DeadlineState.MET),
    "service.signed_by_silence": (SignOffOutcome.SILENCE, DeadlineState.MISSED),
}


def of_offers(place: str, offers: Iterable[Offer], events: Iterable[Event]) -> Iterator[Difference]:
    """An offer is accepted, or held unreasonable, exactly if an event says so."""
    told: dict[int, OfferState] = {}
    for event in events:
        if event.kind in FINAL:
            told[named(event, "offer")] = FINAL[event.kind]
        elif event.kind == OVERTAKEN:
            told.pop(named(event, "offer"), None)
    for offer in offers:
        stored = offer.state if offer.state in FINAL.values() else None
        yield from differing(place, f"offer/{offer.pk}", state=(stored or offer.state, told.get(offer.pk, offer.state)))
        if stored and offer.pk not in told:
            yield Difference(place, f"offer/{offer.pk}", "state", stored, "no event says so")


def of_open_offers(
    place: str, subject: str, state: str, offers: Iterable[Offer], events: Iterable[Event]
) -> Iterator[Difference]:
    """What lies on the table follows from the request's state; what the platform rules on, or has, from its event."""
    ruled = {named(event, "offer"): RULED[event.kind] for event in events if event.kind in RULED}
    standing = [offer for offer in offers if offer.state in OPEN_OFFERS]
    sides = [str(offer.side) for offer in standing]
    if state in NOTHING_LEFT and sides:
        yield Difference(place, subject, "offers on the table", ", ".join(sides), "none")
    elif state in ON_THE_TABLE and sides != [ON_THE_TABLE[AppointmentState(state)]]:
        yield Difference(
            place, subject, "offers on the table", ", ".join(sides) or "none", ON_THE_TABLE[AppointmentState(state)]
        )
    for offer in standing:
        # One that a lapse had voided stands again plainly, whatever was ruled on it before.
        if offer.state != OfferState.STANDING and ruled.get(offer.pk) != offer.state:
            yield Difference(place, f"offer/{offer.pk}", "state", offer.state, str(ruled.get(offer.pk, "standing")))


def of_service_terms(
    place: str, subject: str, versions: Iterable[Disclosure], events: Iterable[Event]
) -> Iterator[Difference]:
    """A version of the service terms that an event tells of is there, and was told by then (3.1)."""
    given = {each.version: each.given_at for each in versions}
    for event in events:
        version = named(event, "version" if event.kind == TOLD else "disclosure")
        if version is None:
            continue
        at = given.get(version)
        if at is None or at > event.effective_at or (event.kind == TOLD and at != event.effective_at):
            yield Difference(place, subject, f"service terms {version} told", written(at), written(event.effective_at))


def of_confirmations(
    place: str, appointment: ServiceAppointment, versions: Iterable[Disclosure], events: Sequence[Event]
) -> Iterator[Difference]:
    """All four items had been told by then, but where it was confirmed by e-mail: that is marked as a gap (3.1)."""
    given = [each.given_at for each in versions]
    # What came by e-mail and counts only since a limit moved is told by the platform.
    late = {event.effective_at for event in events if event.kind == CONFIRMED_LATE and event.channel == Channel.MAIL}
    is_gap = False
    for event in events:
        if event.kind != CONFIRMED:
            continue
        is_gap = bool(named(event, "disclosure_gap"))
        by_mail = event.channel == Channel.MAIL or event.effective_at in late
        if not (by_mail if is_gap else any(at <= event.effective_at for at in given)):
            yield Difference(place, appointment.subject, "service terms told before", "-", written(event.effective_at))
    yield from differing(place, appointment.subject, disclosure_gap=(appointment.has_disclosure_gap, is_gap))


def of_sign_off(
    place: str,
    subject: str,
    signed: SignOff | None,
    events: Iterable[Event],
    law: EditionNumbers,
    outages: TolledOutages,
) -> Iterator[Difference]:
    """The buyer's time to sign off begins with the completion, and ended as the last answer says."""
    begun_at: datetime | None = None
    outcome, state = SignOffOutcome.AWAITED, DeadlineState.RUNNING
    ended_at: datetime | None = None
    until: datetime | None = None
    for event in events:
        if event.kind == DONE:
            begun_at = event.effective_at
        elif event.kind in ANSWERS:
            (outcome, state), ended_at = ANSWERS[event.kind], event.effective_at
            until = max(ended_at, until or ended_at)
        elif event.kind == TOLLED and "sign_off_due_at" in (event.detail or {}):
            # An outage gives the time back that silence had ended.
            outcome, state, ended_at, until = SignOffOutcome.AWAITED, DeadlineState.RUNNING, None, event.recorded_at
    if signed is None or begun_at is None:
        if (signed is None) != (begun_at is None):
            yield Difference(place, subject, "sign-off", "none" if signed is None else "there", "by events not so")
        return
    yield from differing(
        place,
        f"{subject} sign-off",
        clause=(signed.clause, LIMITS["sign_off"].clause),
        started=(signed.started_at, begun_at),
        amount=(signed.amount, law.sign_off_days),
        due=(signed.due_at, outages.due("sign_off", begun_at, law, amount=signed.amount, until=ended_at and until)),
        state=(str(signed.state), str(state)),
        outcome=(str(signed.outcome), str(outcome)),
        ended=(signed.ended_at, ended_at),
    )
