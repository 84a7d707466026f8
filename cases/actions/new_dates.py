"""A new date for a visit, after a no-show or by agreement: one side proposes, the other says yes (2.3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cases.actions.offers import record_offer
from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.corrections.commands import apply_after_rescission
from cases.dates import (
    DID_ACCEPT,
    DID_DECLINE,
    DID_PROPOSE,
    lie_ahead,
    move_clock,
    must_lie_ahead,
    planned_anew,
    put_forward,
    standing_date,
    to_move,
)
from cases.deadlines import Clocks, settle_limits, void_open_offers
from cases.events import record_change, visit_told
from cases.models import (
    Clock,
    DateProposal,
    Deadline,
    Offer,
    OfferState,
    ServiceAppointment,
    Side,
    Visit,
    VisitState,
)
from cases.permissions import is_buyer, must_be_buyer, must_be_seller
from cases.planning import must_be_free, must_be_open, must_fit
from cases.refusals import clause_of, date_gone
from cases.seats import hold_windows, release_holds, seat_appointment
from cases.terms import Window
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from sellers.models import Engineer
    from zestech_aftersales.accounts.actors import Actor

REPLANNED = ("visit.rescheduled", "visit.planned_anew")
AGREED_ON = "visit.date_agreed"


@action
def propose_new_date(
    appointment: ServiceAppointment,
    windows: Sequence[Window],
    *,
    reason: str = "",
    engineer: Engineer | None = None,
    contact_name: str = "",
    by: Actor,
    at: datetime,
) -> DateProposal | RuleBroken:
    """Propose windows for a visit that is planned, was missed or was not enough, or for an agreed one not yet confirmed.

    A standing proposal of either side is replaced. Of the seller it meets the 48 hours in which he owes a date. Of the
    buyer it is a counter-proposal: where the seller owes a date and no such limit runs, a fresh one begins at `at`.
    A planned visit stays as it is until the other side says yes, and no other limit moves, whoever caused it; the other
    side's decision has no limit. The seller may name who comes then: an `engineer` of his, or else a person by
    `contact_name`; nobody named, whoever was to come before.
    RuleBroken: windows_invalid, engineer_of_another, engineer_unfit, point_unfit (422), engineer_booked,
    no_visit_to_move (409); deadline_passed (409, committed): the seller came after the 48 hours, and his date is kept
    as a late offer that the buyer may still accept.
    """
    appointment = locked(appointment)
    side = _side_of(appointment, by)
    if is_repeat(appointment.subject, "visit.date_proposed", by):
        return appointment.proposals.get(pk=_told_before(by)["proposal"])
    who = _who(appointment, side, engineer, contact_name)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        _keep_late_date(appointment, windows, missed, who, reason=reason, side=side, by=by, at=at)
        return refusal_of(missed, appointment)
    thing = _thing_to_move(appointment)
    must_lie_ahead(windows, at=at)
    if side == Side.SELLER:
        must_be_open(thing.point, windows)
        must_fit(_comes(thing, who), appointment, windows)
    made = put_forward(
        appointment, thing, side, windows, reason=reason, engineer_id=who.engineer_id,
        contact_name=who.name, person=by.user, at=at,
    )  # fmt: skip
    hold_windows(appointment, thing.point, windows, at=at)
    move_clock(clocks, made.visit, side, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "visit.date_proposed", made, made.visit, by=by, at=at, clocks=clocks)
    apply_after_rescission(clocks, by=by, at=at)
    return made


@action
def accept_new_date(
    proposal: DateProposal,
    *,
    window: int | None = None,
    engineer: Engineer | None = None,
    contact_name: str = "",
    by: Actor,
    at: datetime,
) -> Visit | DateProposal | RuleBroken:
    """The other side's yes: the new visit is planned, and one that was still planned counts as rescheduled.

    Before the seller has confirmed there is no visit to plan: the proposal is answered, and is what he confirms.
    `window` is the index of the chosen one. A seller who says yes may name who comes then, as in `propose_new_date`.
    RuleBroken: proposal_not_standing, engineer_booked, slot_taken (409), window_required, window_past,
    engineer_of_another, engineer_unfit (422), deadline_passed (409, committed) for a seller who owed a date and comes
    after his limit.
    """
    appointment = locked(proposal.appointment)
    side = _must_be_other_side(appointment, proposal, by)
    if is_repeat(appointment.subject, (*REPLANNED, AGREED_ON), by):
        number = _told_before(by).get("visit")
        return appointment.visits.get(number=number) if number else appointment.proposals.get(pk=proposal.pk)
    who = _who(appointment, side, engineer, contact_name)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        told = {"did": DID_ACCEPT, "proposal": proposal.pk, "window": window, **who.as_told()}
        keep_late(appointment, "new_date.late", missed, by=by, at=at, **told)
        return refusal_of(missed, appointment)
    accepted = _must_stand(proposal, appointment)
    chosen = _choose(accepted, window, at=at)
    accepted.accept(chosen)
    if who.is_named:
        accepted.engineer, accepted.contact_name = who.engineer, who.name
    accepted.save(update_fields=["state", "accepted_window", "engineer", "contact_name"])
    agreed = Window.from_json(accepted.windows[chosen])
    old = accepted.visit
    comes = _comes(old or _agreed_offer(accepted), _Who(accepted.engineer, accepted.contact_name))
    if side == Side.SELLER:
        must_fit(comes, appointment, [agreed])
    else:
        must_be_free(comes, appointment, [agreed])
    if old is None:
        _record(appointment, AGREED_ON, accepted, None, by=by, at=at, clocks=clocks)
        apply_after_rescission(clocks, by=by, at=at)
        return accepted
    is_put_off = old.state == VisitState.PLANNED
    if is_put_off:
        old.reschedule()
        old.save(update_fields=["state"])
    seat_appointment(appointment, old.point, [agreed], at=at)
    new = planned_anew(old, accepted, agreed)
    if side == Side.SELLER:
        clocks.meet(Clock.NEW_DATE, at=at)
    keep_next_due(appointment, clocks)
    kind = "visit.rescheduled" if is_put_off else "visit.planned_anew"
    _record(
        appointment, kind, accepted, new, by=by, at=at, clocks=clocks, instead_of=old.number, planned=visit_told(new)
    )
    apply_after_rescission(clocks, by=by, at=at)
    return new


@action
def decline_new_date(proposal: DateProposal, wish: str, *, by: Actor, at: datetime) -> DateProposal | RuleBroken:
    """The other side says no, with what would suit it; a planned visit stays planned.

    Where the seller owes a date, the buyer's no starts a fresh 48 hours at `at`, as a counter-offer does.
    RuleBroken: wish_required (422), proposal_not_standing (409), deadline_passed (409, committed).
    """
    appointment = locked(proposal.appointment)
    side = _must_be_other_side(appointment, proposal, by)
    if is_repeat(appointment.subject, "visit.date_declined", by):
        return appointment.proposals.get(pk=proposal.pk)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        told = {"did": DID_DECLINE, "proposal": proposal.pk, "wish": wish.strip()[:300]}
        keep_late(appointment, "new_date.late", missed, by=by, at=at, **told)
        return refusal_of(missed, appointment)
    declined = _must_stand(proposal, appointment)
    if not wish.strip():
        raise RuleBroken(
            "2.3.1", "wish_required", status=422, detail=_("Say what would suit you."), context={"missing": ["wish"]}
        )
    declined.decline(wish.strip()[:300])
    declined.save(update_fields=["state", "wish"])
    release_holds(appointment, at=at)
    if side == Side.BUYER:
        move_clock(clocks, declined.visit, side, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "visit.date_declined", declined, declined.visit, by=by, at=at, clocks=clocks)
    apply_after_rescission(clocks, by=by, at=at)
    return declined


def _side_of(appointment: ServiceAppointment, by: Actor) -> Side:
    if is_buyer(appointment, by):
        return Side.BUYER
    must_be_seller(appointment, by)
    return Side.SELLER


def _must_be_other_side(appointment: ServiceAppointment, proposal: DateProposal, by: Actor) -> Side:
    if proposal.side == Side.SELLER:
        must_be_buyer(appointment, by)
        return Side.BUYER
    must_be_seller(appointment, by)
    return Side.SELLER


def _thing_to_move(appointment: ServiceAppointment) -> Visit | Offer:
    thing = to_move(appointment)
    if thing is None:
        raise RuleBroken("2.3.1", "no_visit_to_move", detail=_("There is no visit that another date could be for."))
    return thing


@dataclass(frozen=True, slots=True)
class _Who:
    """Who is named to come: an engineer, else a person, else nobody."""

    engineer: Engineer | None = None
    name: str = ""

    @property
    def is_named(self) -> bool:
        return self.engineer is not None or bool(self.name)

    def as_told(self) -> dict[str, object]:
        return {"engineer": self.engineer_id, "contact_name": self.name}

    @property
    def engineer_id(self) -> int | None:
        return None if self.engineer is None else self.engineer.pk


def _who(appointment: ServiceAppointment, side: Side, engineer: Engineer | None, contact_name: str) -> _Who:
    """Only the seller names who comes."""
    if side == Side.BUYER:
        return _Who()
    if engineer is not None and engineer.seller_id != appointment.seller_id:
        raise RuleBroken("2.3.1", "engineer_of_another", status=422, detail=_("Choose one of your own engineers."))
    return _Who(engineer, "" if engineer is not None else contact_name.strip()[:120])


def _comes(thing: Visit | Offer, who: _Who) -> Engineer | None:
    """The engineer who comes at the new date."""
    return who.engineer if who.is_named else thing.engineer


def _agreed_offer(accepted: DateProposal) -> Offer:
    if accepted.offer is None:
        raise ValueError("A proposed date is for a visit or an agreed offer.")
    return accepted.offer


def _must_stand(proposal: DateProposal, appointment: ServiceAppointment) -> DateProposal:
    standing = standing_date(appointment)
    if standing is None or standing.pk != proposal.pk:
        raise date_gone()
    return standing


def _choose(accepted: DateProposal, window: int | None, *, at: datetime) -> int:
    if window is None and len(accepted.windows) == 1:
        window = 0
    if window is None or not 0 <= window < len(accepted.windows):
        raise RuleBroken("2.3.1", "window_required", status=422, detail=_("Choose one of the proposed times."))
    if Window.from_json(accepted.windows[window]).starts_at <= at:
        raise RuleBroken(
            "2.3.1", "window_past", status=422, detail=_("This time has passed. Choose another one or ask for one.")
        )
    return window


def _keep_late_date(
    appointment: ServiceAppointment, windows: Sequence[Window], missed: Deadline, who: _Who, *, reason: str, side: Side,
    by: Actor, at: datetime,
) -> None:  # fmt: skip
    """A seller's date after his limit is a late offer on the old terms; anything else late is kept as evidence only."""
    agreed = appointment.offers.filter(state=OfferState.ACCEPTED).order_by("-id").first()
    if side != Side.SELLER or missed.clock != Clock.NEW_DATE or agreed is None or not lie_ahead(windows, at=at):
        proposed = [window.as_json() for window in windows] if lie_ahead(windows, at=at) else []
        told = {"did": DID_PROPOSE, "side": str(side), "windows": proposed, "reason": reason.strip()[:300]}
        keep_late(appointment, "new_date.late", missed, by=by, at=at, **told, **who.as_told())
        return
    void_open_offers(appointment)
    kept = (
        "method", "service_type", "contact_name", "engineer", "point", "plan", "parts", "price_amount",
        "price_currency", "price_terms",
    )  # fmt: skip
    made = Offer.objects.create(
        appointment=appointment,
        side=Side.SELLER,
        windows=[window.as_json() for window in windows],
        made_by=by.user,
        received_at=at,
        is_late=True,
        **{name: getattr(agreed, name) for name in kept}
        | ({"engineer": who.engineer, "contact_name": who.name} if who.is_named else {}),
    )
    record_offer(appointment, "offer.late", made, by=by, at=at, before=appointment.state)


def _told_before(by: Actor) -> dict[str, Any]:
    event = earlier(by)
    return (event and event.detail) or {}


def _record(
    appointment: ServiceAppointment,
    kind: str,
    proposal: DateProposal,
    visit: Visit | None,
    *,
    by: Actor,
    at: datetime,
    clocks: Clocks,
    **more: object,
) -> None:
    record_change(
        appointment,
        kind,
        clause=clause_of(appointment),
        by=by,
        at=at,
        before=appointment.state,
        clocks=clocks,
        detail={"proposal": proposal.pk, **({"visit": visit.number} if visit is not None else {}), **more},
    )
