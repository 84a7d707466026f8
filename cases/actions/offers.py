"""The seller's structured answer, its revision, and the express refusal (2.3.1, 2.3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.causes import IN_TIME
from cases.corrections.commands import apply_after_rescission
from cases.corrections.cures import cured_before_it_came
from cases.corrections.overtaken import take_ruling_back
from cases.corrections.reckoning import reckon
from cases.corrections.taking_back import gave_way
from cases.deadlines import Clocks, settle_limits, void_open_offers
from cases.disclosures import give_disclosure, must_be_complete
from cases.events import record_change
from cases.models import AppointmentState, Clock, Deadline, Offer, OfferState, ServiceAppointment, Side
from cases.models.offer import OPEN_OFFERS
from cases.permissions import must_be_seller
from cases.planning import must_be_open, must_fit
from cases.refusals import already_open, clause_of, offer_gone
from cases.seats import hold_windows, release_seats
from cases.terms import OfferTerms
from cases.video_links import usable_link, video_link
from cases.visit_ends import cancel_visits
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from sellers.models import ServicePoint
    from zestech_aftersales.accounts.actors import Actor

# The clocks that an effective response meets.
ANSWERED = frozenset({Clock.RESPONSE, Clock.SOLUTION, Clock.COUNTER})
# Why the 14 days stand still while an offer lies with the buyer.
BUYER_DECIDES = "buyer_decides"
ENDED_BY_SELLER = (AppointmentState.REFUSED, AppointmentState.DEEMED_REFUSED)
# Ended by a limit: an offer that came after it is kept.
KEEPS_OFFERS = (AppointmentState.DEEMED_REFUSED, AppointmentState.LAPSED)


@action
def offer(
    appointment: ServiceAppointment,
    terms: OfferTerms,
    *,
    told_at: datetime | None = None,
    because: str = IN_TIME,
    by: Actor,
    at: datetime,
) -> Offer | RuleBroken:
    """Answer a request (or a counter-offer) effectively; meets the 48 hours when `at` is inside them.

    `told_at` is when the buyer learns of it, where that is later: his own time to decide begins then. `because` tells
    what proves that it was in time, where a miss is taken back by it (`cases.causes`).
    For point and remote the four items of 3.1 are part of the offer. RuleBroken: offer_incomplete (422),
    disclosure_incomplete (422, 3.1), already_proposed (409), and, which are committed with the late offer kept as
    evidence, deadline_passed (409: the buyer may still accept it) and lapsed (409: nobody can, unless the lapse is
    taken back).
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, ("appointment.proposed", "offer.again", "offer.in_time"), by):
        return offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at, because=because):
        if appointment.state not in KEEPS_OFFERS:
            return refusal_of(missed, appointment)
        if incomplete := _not_effective(appointment, terms, at=at):
            return incomplete
        _keep_late_offer(appointment, terms, by=by, at=at)
        return refusal_of(missed, appointment)
    _must_be_effective(appointment, terms, at=at)
    if prevented := cured_before_it_came(clocks, at=at):
        return _count_after_all(appointment, terms, clocks, prevented, because=because, by=by, at=at)
    if appointment.state == AppointmentState.REFUSED:
        return _offer_again(appointment, terms, by=by, at=at)
    if appointment.state == AppointmentState.PROPOSED:
        raise RuleBroken(
            clause_of(appointment),
            "already_proposed",
            detail=_("An offer already stands. Revise it instead of adding another."),
        )
    before = appointment.state
    appointment.propose()
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    told = _told(appointment, terms, by=by, at=at)
    hold_windows(appointment, _held_at(appointment, terms), terms.windows, at=at)
    for clock in sorted(ANSWERED):
        clocks.meet(clock, at=at)
    clocks.pause(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
    clocks.start(Clock.BUYER_SILENCE, at=told_at or at)
    keep_next_due(appointment, clocks)
    record_offer(appointment, "appointment.proposed", made, by=by, at=at, before=before, clocks=clocks, told=told)
    apply_after_rescission(clocks, by=by, at=at)
    return made


@action
def revise(standing: Offer, terms: OfferTerms, *, by: Actor, at: datetime) -> Offer | RuleBroken:
    """Replace the seller's standing offer, naming it; the buyer has the full time to decide again.

    RuleBroken: offer_not_standing (409) when it was answered or replaced meanwhile, and as for `offer`.
    """
    appointment = locked(standing.appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "offer.revised", by):
        return offer_made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := take_ruling_back(clocks, standing, by=by, at=at) or settle_limits(clocks, by=by, at=at):
        if appointment.state == AppointmentState.LAPSED:
            return _keep_late_revision(appointment, standing, terms, missed, by=by, at=at)
        return refusal_of(missed, appointment)
    replaced = must_stand(standing, appointment, side=Side.SELLER)
    _must_be_effective(appointment, terms, at=at)
    replaced.replace()
    replaced.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    told = _told(appointment, terms, by=by, at=at)
    hold_windows(appointment, _held_at(appointment, terms), terms.windows, at=at)
    clocks.void(Clock.OFFER_RULING, at=at)
    if appointment.state == AppointmentState.PROPOSED:  # an offer after a refusal waits for the buyer without a limit
        clocks.void(Clock.BUYER_SILENCE, at=at)
        clocks.start(Clock.BUYER_SILENCE, at=at)
    keep_next_due(appointment, clocks)
    record_offer(appointment, "offer.revised", made, by=by, at=at, before=appointment.state, clocks=clocks, told=told)
    apply_after_rescission(clocks, by=by, at=at)
    return made


@action
def refuse(appointment: ServiceAppointment, reason: str, *, by: Actor, at: datetime) -> ServiceAppointment | RuleBroken:
    """The seller refuses, or drops out of what was agreed: refused at once, without waiting for a limit.

    It counts before a cancellation that was received later, or a refund made later, whichever is committed first; not
    in a request that gave way to a newer one of its fault.
    RuleBroken: reason_required (422), deadline_passed, already_open (409).
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "appointment.refused", by):
        return appointment
    clocks = Clocks(appointment)
    if missed := take_ruling_back(clocks, by=by, at=at) or settle_limits(clocks, by=by, at=at):
        keep_late(appointment, "refusal.late", missed, by=by, at=at, reason=reason)
        return refusal_of(missed, appointment)
    if not reason.strip():
        raise RuleBroken("2.3.1", "reason_required", status=422, detail=_("Tell the buyer why you refuse."))
    before = appointment.state
    if ended_later(appointment, AppointmentState.CANCELLED, at=at):
        if gave_way(appointment):
            raise already_open()
        appointment.refuse_earlier(at, reason.strip()[:200])
    else:
        appointment.refuse(at, reason.strip()[:200])
    end(appointment, clocks, at=at)
    record_change(
        appointment,
        "appointment.refused",
        clause=clause_of(appointment),
        by=by,
        at=at,
        before=before,
        clocks=clocks,
        detail={"reason": reason.strip()},
    )
    apply_after_rescission(clocks, by=by, at=at)
    return appointment


def end(appointment: ServiceAppointment, clocks: Clocks, *, at: datetime) -> None:
    """What every end by a command brings: no clock runs, no offer stands, no visit is planned, the slot is free again.

    What the seller offered after his refusal, as stored already where that was long on its way, waits for the buyer.
    """
    clocks.void_all(at=at)
    void_open_offers(appointment, until=at if appointment.state == AppointmentState.REFUSED else None)
    release_seats(appointment, at=at)
    cancel_visits(appointment)
    keep_next_due(appointment, clocks, "ended_at", "end_reason")


def ended_later(appointment: ServiceAppointment, *states: AppointmentState, at: datetime) -> bool:
    """Whether what ended the request so was received after `at` and only committed first."""
    return appointment.state in states and appointment.ended_at is not None and at < appointment.ended_at


def _held_at(appointment: ServiceAppointment, terms: OfferTerms) -> ServicePoint | None:
    """The point whose slots are held while the buyer decides."""
    return (terms.point or appointment.point) if terms.method == ServiceMethod.POINT else None


def _open_offers(appointment: ServiceAppointment) -> list[Offer]:
    return list(appointment.offers.filter(state__in=OPEN_OFFERS))


def offer_made_before(appointment: ServiceAppointment, by: Actor) -> Offer:
    """What the same command made under the same key, whatever became of it since."""
    event = earlier(by)
    return appointment.offers.get(pk=((event and event.detail) or {})["offer"])


def is_open(standing: Offer, appointment: ServiceAppointment) -> bool:
    """Whether the offer can still be answered."""
    return any(row.pk == standing.pk for row in _open_offers(appointment))


def must_stand(standing: Offer, appointment: ServiceAppointment, *, side: str = "") -> Offer:
    """The offer as it is now; RuleBroken offer_not_standing (409) when it can no longer be answered."""
    fresh = next((row for row in _open_offers(appointment) if row.pk == standing.pk), None)
    if fresh is None or (side and fresh.side != side):
        raise offer_gone(appointment)
    return fresh


def _must_be_effective(appointment: ServiceAppointment, terms: OfferTerms, *, at: datetime) -> None:
    missing = terms.missing()
    for name, named in (("engineer", terms.engineer), ("point", terms.point)):
        if named is not None and named.seller_id != appointment.seller_id:
            missing.append(name)
    if any(window.ends_at <= window.starts_at or window.starts_at <= at for window in terms.windows):
        missing.append("windows")
    # Without a window the dated step is what answers: one that has passed answers nothing.
    if not terms.windows and terms.next_step_at is not None and terms.next_step_at <= at:
        missing.append("next_step_at")
    if missing:
        raise RuleBroken(
            clause_of(appointment),
            "offer_incomplete",
            status=422,
            detail=_(
                "An effective response names method, service, a future visit window or dated next step, a person or service point, and price terms."
            ),
            context={"missing": sorted(set(missing))},
        )
    if terms.method != ServiceMethod.DOOR:
        must_be_complete(terms.disclosure)
    video_link(terms.video_url, terms.method)
    must_be_open(_held_at(appointment, terms), terms.windows)
    must_fit(terms.engineer, appointment, terms.windows, method=terms.method, service_type=terms.service_type)


def _new_offer(
    appointment: ServiceAppointment,
    terms: OfferTerms,
    *,
    by: Actor,
    at: datetime,
    is_late: bool = False,
    replaced: bool = False,
) -> Offer:
    return Offer.objects.create(
        appointment=appointment,
        side=Side.SELLER,
        state=OfferState.REPLACED if replaced else OfferState.STANDING,
        method=terms.method,
        service_type=terms.service_type,
        windows=[window.as_json() for window in terms.windows],
        next_step=terms.next_step,
        next_step_at=terms.next_step_at,
        contact_name=terms.contact_name,
        engineer=terms.engineer,
        point=terms.point,
        video_url=usable_link(terms.video_url, terms.method),
        plan=terms.plan,
        parts=terms.parts,
        price_amount=terms.price_amount,
        price_currency=terms.price_currency,
        price_terms=terms.price_terms,
        made_by=by.user,
        received_at=at,
        is_late=is_late,
    )


def _told(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> dict[str, object]:
    """Give the four items that came with an offer; what its event says of them: the version."""
    if terms.disclosure.missing():
        return {}
    return {"disclosure": give_disclosure(appointment, terms.disclosure, by=by, at=at).version}


def _keep_late_offer(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> None:
    """Late: evidence, and after a refusal a new offer that the buyer may accept."""
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at, is_late=True)
    if appointment.state == AppointmentState.LAPSED:
        made.void()
        made.save(update_fields=["state"])
    told = _told(appointment, terms, by=by, at=at)
    record_offer(appointment, "offer.late", made, by=by, at=at, before=appointment.state, told=told)


def _keep_late_revision(
    appointment: ServiceAppointment, standing: Offer, terms: OfferTerms, missed: Deadline, *, by: Actor, at: datetime
) -> RuleBroken:
    """The offer had lapsed: the revision is evidence, should the buyer's limit move."""
    if incomplete := _not_effective(appointment, terms, at=at):
        return incomplete
    made = _new_offer(appointment, terms, by=by, at=at, is_late=True)
    made.void()
    made.save(update_fields=["state"])
    told = _told(appointment, terms, by=by, at=at)
    keep_late(appointment, "revision.late", missed, by=by, at=at, offer=made.pk, replaces=standing.pk, **told)
    return refusal_of(missed, appointment)


def _not_effective(appointment: ServiceAppointment, terms: OfferTerms, *, at: datetime) -> RuleBroken | None:
    """What keeps a late offer from being one; returned, so that the limit that has passed stays applied (T9)."""
    try:
        _must_be_effective(appointment, terms, at=at)
    except RuleBroken as broken:
        return broken
    return None


def _count_after_all(
    appointment: ServiceAppointment,
    terms: OfferTerms,
    clocks: Clocks,
    prevented: Deadline,
    *,
    because: str,
    by: Actor,
    at: datetime,
) -> Offer:
    """An offer in time that was committed only after a late one was accepted: what was late has revised it."""
    made = _new_offer(appointment, terms, by=by, at=at, is_late=True, replaced=True)
    written_at = max([at, *(row.ended_at for row in clocks.rows if row.ended_at is not None)])
    record_offer(appointment, "offer.in_time", made, by=by, at=at, before=appointment.state)
    reckon(clocks, [prevented], None, by=by, at=written_at, because=because)
    return appointment.offers.get(pk=made.pk)


def _offer_again(appointment: ServiceAppointment, terms: OfferTerms, *, by: Actor, at: datetime) -> Offer:
    """An offer after an express refusal; the refusal stands until the buyer accepts it."""
    for standing in _open_offers(appointment):
        standing.replace()
        standing.save(update_fields=["state"])
    made = _new_offer(appointment, terms, by=by, at=at)
    told = _told(appointment, terms, by=by, at=at)
    record_offer(appointment, "offer.again", made, by=by, at=at, before=appointment.state, told=told)
    return made


def record_offer(
    appointment: ServiceAppointment,
    kind: str,
    made: Offer,
    *,
    by: Actor,
    at: datetime,
    before: str,
    clocks: Clocks | None = None,
    cured: bool = False,
    told: Mapping[str, object] | None = None,
) -> None:
    """Write the event of an offer: which one, whether it came late, whether it cured a refusal, what was told with it."""
    detail: dict[str, object] = {"offer": made.pk, **(told or {})}
    if made.is_late:
        detail["late"] = True
    if cured:
        detail["cured"] = True
    record_change(
        appointment, kind, clause=clause_of(appointment), by=by, at=at, before=before, clocks=clocks, detail=detail
    )
