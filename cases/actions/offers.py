"""The seller's structured answer and what the buyer makes of it (2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import deadline_passed, is_repeat, keep_next_due, locked, refusal_of
from cases.actions.visits import plan_visit
from cases.deadlines import Clocks, settle_limits, void_open_offers
from cases.disclosures import give_disclosure, has_disclosure, must_be_complete
from cases.events import record_change
from cases.models import AppointmentState, Clock, Offer, ServiceAppointment, Side
from cases.models.offer import OPEN_OFFERS
from cases.permissions import must_be_buyer, must_be_seller
from cases.terms import OfferTerms, Window
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# The clocks that an effective response meets.
ANSWERED = frozenset({Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER})
# Why the 14 days stand still while an offer lies with the buyer.
BUYER_DECIDES = "buyer_decides"
ENDED_BY_SELLER = (AppointmentState.REFUSED, AppointmentState.DEEMED_REFUSED)


@action
def offer(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> Offer | RuleBroken:
    """Answer a request (or a counter-offer) effectively; meets the 48 hours when `at` is inside them.

    For point and remote the four items of 3.1 are part of the offer. RuleBroken: offer_incomplete (422),
    disclosure_incomplete (422, 3.1), already_proposed (409), and deadline_passed (409), which is committed:
    the expiry is applied and the late offer kept as evidence that the buyer may still accept.
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, ("appointment.proposed", "offer.again"), by):
        return _offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, meets=ANSWERED, by=by, at=at):
        if appointment.state == AppointmentState.LAPSED:
            return refusal_of(missed, appointment)
        _keep_late_offer(appointment, terms, by=by, at=at)
        return deadline_passed(missed.clause)
    _must_be_effective(appointment, terms, at=at)
    if appointment.state == AppointmentState.REFUSED:
        return _offer_again(appointment, terms, by=by, at=at)
    if appointment.state == AppointmentState.PROPOSED:
        raise RuleBroken(
            _clause(appointment),
            "already_proposed",
            detail=_("An offer already stands. Revise it instead of adding another."),
        )
    before = appointment.state
    appointment.propose()
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    for clock in sorted(ANSWERED):
        clocks.meet(clock, at=at)
    clocks.pause(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    clocks.start(Clock.BUYER_SILENCE, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "appointment.proposed", made, by=by, at=at, before=before, clocks=clocks)
    return made


@action
def revise(standing: Offer, terms: OfferTerms, *, by: Actor, at: datetime) -> Offer | RuleBroken:
    """Replace the seller's standing offer, naming it; the buyer has the full time to decide again.

    RuleBroken: offer_not_standing (409) when it was answered or replaced meanwhile, and as for `offer`.
    """
    appointment = locked(standing.appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "offer.revised", by):
        return _offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, meets=frozenset(), by=by, at=at):
        return refusal_of(missed, appointment)
    replaced = must_stand(standing, appointment, side=Side.SELLER)
    _must_be_effective(appointment, terms, at=at)
    replaced.replace()
    replaced.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    clocks.void(Clock.BUYER_SILENCE, at=at)
    clocks.start(Clock.BUYER_SILENCE, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "offer.revised", made, by=by, at=at, before=appointment.state, clocks=clocks)
    return made


@action
def accept(standing: Offer, *, window: int | None = None, by: Actor, at: datetime) -> ServiceAppointment | RuleBroken:
    """Accept the other side's offer; for point and remote this confirms the appointment.

    `window` is the index of the chosen visit window. A late offer, or one made after a refusal, cures it:
    the breach stays on the record and a door visit's confirmation runs anew from `at`.
    RuleBroken: offer_not_standing (409), window_required (422), disclosure_incomplete (422), lapsed (409).
    """
    appointment = locked(standing.appointment)
    _must_be_answerer(appointment, standing, by)
    if is_repeat(appointment.subject, "appointment.agreed", by):
        return appointment
    clocks = Clocks(appointment)
    meets = Clock.BUYER_SILENCE if standing.side == Side.SELLER else Clock.COUNTER
    missed = settle_limits(clocks, meets=frozenset({meets}), by=by, at=at)
    is_cure = standing.side == Side.SELLER and appointment.state in ENDED_BY_SELLER
    if missed and not is_cure:
        return refusal_of(missed, appointment)
    accepted = must_stand(standing, appointment)
    _choose_window(accepted, window)
    before = appointment.state
    if is_cure:
        appointment.cure()
    else:
        appointment.agree()
    accepted.accept()
    accepted.save(update_fields=["state", "accepted_window"])
    clocks.meet(meets, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    if is_cure and appointment.is_door:
        clocks.start(Clock.CONFIRMATION, at=at)
    keep_next_due(appointment, clocks, "ended_at", "end_reason")
    _record(appointment, "appointment.agreed", accepted, by=by, at=at, before=before, clocks=clocks, cured=is_cure)
    if not appointment.is_door:
        _confirm_by_acceptance(appointment, accepted, clocks, by=by, at=at)
    return appointment


@action
def counter(
    standing: Offer, *, windows: Sequence[Window] = (), wish: str = "", by: Actor, at: datetime
) -> Offer | RuleBroken:
    """The buyer answers an offer with another time or wish: a fresh 48 hours for the seller begin at `at`.

    RuleBroken: offer_not_standing (409), counter_incomplete (422), lapsed (409).
    """
    appointment = locked(standing.appointment)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "appointment.countered", by):
        return _offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, meets=frozenset({Clock.BUYER_SILENCE}), by=by, at=at):
        return refusal_of(missed, appointment)
    answered = must_stand(standing, appointment, side=Side.SELLER)
    if not windows and not wish.strip():
        raise RuleBroken("2.3.1", "counter_incomplete", status=422, detail=_("Say which time or change you wish for."))
    appointment.counter()
    answered.replace()
    answered.save(update_fields=["state"])
    made = Offer.objects.create(
        appointment=appointment,
        side=Side.BUYER,
        method=answered.method,
        service_type=answered.service_type,
        windows=[window.as_json() for window in windows],
        plan=wish,
        made_by=by.user,
        received_at=at,
    )
    clocks.meet(Clock.BUYER_SILENCE, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    clocks.start(Clock.COUNTER, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "appointment.countered", made, by=by, at=at, before=AppointmentState.PROPOSED, clocks=clocks)
    return made


@action
def refuse(appointment: ServiceAppointment, reason: str, *, by: Actor, at: datetime) -> ServiceAppointment | RuleBroken:
    """The seller refuses, or drops out of what was agreed: refused at once, without waiting for a limit.

    RuleBroken: reason_required (422), deadline_passed (409).
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "appointment.refused", by):
        return appointment
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, meets=ANSWERED | {Clock.CONFIRMATION}, by=by, at=at):
        return refusal_of(missed, appointment)
    if not reason.strip():
        raise RuleBroken("2.3.1", "reason_required", status=422, detail=_("Tell the buyer why you refuse."))
    before = appointment.state
    appointment.refuse(at, reason.strip()[:200])
    end(appointment, clocks, at=at)
    record_change(
        appointment,
        "appointment.refused",
        clause=_clause(appointment),
        by=by,
        at=at,
        before=before,
        clocks=clocks,
        detail={"reason": reason.strip()},
    )
    return appointment


def end(appointment: ServiceAppointment, clocks: Clocks, *, at: datetime) -> None:
    """What every end by a command brings: no clock runs, no offer stands, the slot is free again."""
    clocks.void_all(at=at)
    void_open_offers(appointment)
    appointment.seats.filter(released_at=None).update(released_at=at)
    keep_next_due(appointment, clocks, "ended_at", "end_reason")


def _clause(appointment: ServiceAppointment) -> str:
    return "2.3.1" if appointment.is_door else "2.3.2"


def _open_offers(appointment: ServiceAppointment) -> list[Offer]:
    return list(appointment.offers.filter(state__in=OPEN_OFFERS))


def _offer_made_before(appointment: ServiceAppointment, by: Actor) -> Offer:
    """What the same command made under the same key, whatever became of it since."""
    event = earlier(by)
    return appointment.offers.get(pk=(event.detail or {})["offer"] if event else None)


def must_stand(standing: Offer, appointment: ServiceAppointment, *, side: str = "") -> Offer:
    """The offer as it is now; RuleBroken offer_not_standing (409) when it can no longer be answered."""
    fresh = next((row for row in _open_offers(appointment) if row.pk == standing.pk), None)
    if fresh is None or (side and fresh.side != side):
        raise RuleBroken(
            _clause(appointment),
            "offer_not_standing",
            detail=_("This offer no longer stands. Reload to see the latest one."),
        )
    return fresh


def _must_be_answerer(appointment: ServiceAppointment, standing: Offer, by: Actor) -> None:
    """An offer is answered by the side that did not make it."""
    if standing.side == Side.SELLER:
        must_be_buyer(appointment, by)
    else:
        must_be_seller(appointment, by)


def _must_be_effective(appointment: ServiceAppointment, terms: OfferTerms, *, at: datetime) -> None:
    missing = terms.missing()
    if any(window.ends_at <= window.starts_at or window.starts_at <= at for window in terms.windows):
        missing.append("windows")
    if missing:
        raise RuleBroken(
            _clause(appointment),
            "offer_incomplete",
            status=422,
            detail=_(
                "An effective response names method, service, a future visit window or dated next step, a person or service point, and price terms."
            ),
            context={"missing": sorted(set(missing))},
        )
    if terms.method != ServiceMethod.DOOR:
        must_be_complete(terms.disclosure)


def _new_offer(
    appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime, is_late: bool = False
) -> Offer:
    made = Offer.objects.create(
        appointment=appointment,
        side=Side.SELLER,
        method=terms.method,
        service_type=terms.service_type,
        windows=[window.as_json() for window in terms.windows],
        next_step=terms.next_step,
        next_step_at=terms.next_step_at,
        contact_name=terms.contact_name,
        engineer=terms.engineer,
        point=terms.point,
        plan=terms.plan,
        parts=terms.parts,
        price_amount=terms.price_amount,
        price_currency=terms.price_currency,
        price_terms=terms.price_terms,
        made_by=by.user,
        received_at=at,
        is_late=is_late,
    )
    if not terms.disclosure.missing():
        give_disclosure(appointment, terms.disclosure, by=by, at=at)
    return made


def _keep_late_offer(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> None:
    """Late: evidence, and a new offer that the buyer may accept."""
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at, is_late=True)
    _record(appointment, "offer.late", made, by=by, at=at, before=appointment.state)


def _offer_again(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> Offer:
    """An offer after an express refusal; the refusal stands until the buyer accepts it."""
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    _record(appointment, "offer.again", made, by=by, at=at, before=appointment.state)
    return made


def _choose_window(accepted: Offer, window: int | None) -> None:
    if not accepted.windows:
        return
    if window is None and len(accepted.windows) == 1:
        window = 0
    if window is None or not 0 <= window < len(accepted.windows):
        raise RuleBroken("2.3.1", "window_required", status=422, detail=_("Choose one of the offered times."))
    accepted.accepted_window = window


def _confirm_by_acceptance(
    appointment: ServiceAppointment, accepted: Offer, clocks: Clocks, *, by: Actor, at: datetime
) -> None:
    """Point and remote: the acceptance is the confirmation (domain section 3)."""
    if not has_disclosure(appointment):
        raise RuleBroken(
            "3.1",
            "disclosure_incomplete",
            status=422,
            detail=_("The seller has not yet told all four items of rule 3.1."),
        )
    appointment.confirm()
    plan_visit(appointment, accepted)
    keep_next_due(appointment, clocks)
    record_change(
        appointment,
        "appointment.confirmed",
        clause="2.3.2",
        by=by.with_key(""),
        at=at,
        before=AppointmentState.AGREED,
        clocks=clocks,
    )


def _record(
    appointment: ServiceAppointment,
    kind: str,
    made: Offer,
    *,
    by: Actor,
    at: datetime,
    before: str,
    clocks: Clocks | None = None,
    cured: bool = False,
) -> None:
    detail: dict[str, object] = {"offer": made.pk}
    if made.is_late:
        detail["late"] = True
    if cured:
        detail["cured"] = True
    record_change(
        appointment, kind, clause=_clause(appointment), by=by, at=at, before=before, clocks=clocks, detail=detail
    )
