"""The steps of `cases.corrections.commands` on new dates for a visit: proposed, accepted, declined."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from cases.corrections.steps import note, void_offers
from cases.dates import (
    DID_ACCEPT,
    DID_DECLINE,
    DID_PROPOSE,
    move_clock,
    planned_anew,
    put_forward,
    standing_date,
    to_move,
)
from cases.events import visit_told
from cases.models import DateProposal, OfferState, Side, Visit, VisitState
from cases.planning import must_be_free
from cases.seats import seat_appointment
from cases.terms import Window
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.corrections.steps import Kept
    from cases.deadlines import Clocks
    from cases.models import Offer
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User


def offered_date(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The seller's date, kept as a late offer, was in time: it is proposed, and the offer stands no more."""
    made = kept.offer
    if made is None or not made.windows:
        return
    _propose(clocks, kept, Side.SELLER, _told_of(made), made.made_by, by=by, at=at, because=because)
    made.is_late = False
    made.save(update_fields=["is_late"])
    void_offers([made])


def answer(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """What else somebody had done about a date: the buyer's own wish, a yes, a no."""
    told = kept.told
    if told.get("did") == DID_PROPOSE and told.get("windows"):
        side = Side(told["side"])
        _propose(clocks, kept, side, told, kept.person, by=by, at=at, because=because)
        return
    standing = standing_date(clocks.appointment)
    if standing is None or standing.pk != told.get("proposal"):
        return
    if told["did"] == DID_ACCEPT:
        _accept(clocks, kept, standing, by=by, at=at, because=because)
    elif told["did"] == DID_DECLINE and told.get("wish"):
        _decline(clocks, kept, standing, by=by, at=at, because=because)


def _told_of(late: Offer) -> dict[str, Any]:
    """What a date kept as a late offer says; who comes only where somebody else was named than on the old terms."""
    agreed = late.appointment.offers.filter(state=OfferState.ACCEPTED).order_by("-id").first()
    told: dict[str, Any] = {"windows": late.windows}
    if agreed is None or (agreed.engineer_id, agreed.contact_name) != (late.engineer_id, late.contact_name):
        told |= {"engineer": late.engineer_id, "contact_name": "" if late.engineer_id else late.contact_name}
    return told


def _propose(
    clocks: Clocks, kept: Kept, side: Side, told: Mapping[str, Any], person: User | None, *, by: Actor, at: datetime,
    because: str,
) -> None:  # fmt: skip
    thing = to_move(clocks.appointment)
    if thing is None:
        return
    made = put_forward(
        clocks.appointment, thing, side, [Window.from_json(each) for each in told["windows"]],
        reason=str(told.get("reason") or ""), engineer_id=told.get("engineer"),
        contact_name=str(told.get("contact_name") or ""), person=person, at=kept.received_at,
    )  # fmt: skip
    move_clock(clocks, made.visit, side, at=kept.received_at)
    _note(clocks, kept, "visit.date_proposed", made, made.visit, by=by, at=at, because=because)


def _accept(clocks: Clocks, kept: Kept, accepted: DateProposal, *, by: Actor, at: datetime, because: str) -> None:
    window = kept.told.get("window") if len(accepted.windows) != 1 else kept.told.get("window") or 0
    if window is None or not 0 <= window < len(accepted.windows):
        return
    agreed = Window.from_json(accepted.windows[window])
    if agreed.starts_at <= kept.received_at:
        return
    accepted.accept(window)
    if kept.told.get("engineer") or kept.told.get("contact_name"):
        accepted.engineer_id, accepted.contact_name = (
            kept.told.get("engineer"),
            str(kept.told.get("contact_name") or ""),
        )
    accepted.save(update_fields=["state", "accepted_window", "engineer", "contact_name"])
    old = accepted.visit
    if old is None:
        _note(clocks, kept, "visit.date_agreed", accepted, None, by=by, at=at, because=because)
        return
    is_put_off = old.state == VisitState.PLANNED
    if is_put_off:
        old.reschedule()
        old.save(update_fields=["state"])
    new = _plan(clocks, old, accepted, agreed, at=kept.received_at)
    if accepted.side == Side.BUYER:
        move_clock(clocks, old, Side.SELLER, at=kept.received_at)
    kind = "visit.rescheduled" if is_put_off else "visit.planned_anew"
    _note(
        clocks, kept, kind, accepted, new, by=by, at=at, because=because, instead_of=old.number, planned=visit_told(new)
    )


def _decline(clocks: Clocks, kept: Kept, declined: DateProposal, *, by: Actor, at: datetime, because: str) -> None:
    declined.decline(str(kept.told["wish"]))
    declined.save(update_fields=["state", "wish"])
    if declined.side == Side.SELLER:
        # The seller learns of it only now: his fresh limit begins now.
        move_clock(clocks, declined.visit, Side.BUYER, at=at)
    _note(clocks, kept, "visit.date_declined", declined, declined.visit, by=by, at=at, because=because)


def _plan(clocks: Clocks, old: Visit, accepted: DateProposal, agreed: Window, *, at: datetime) -> Visit:
    """The new visit stands even where its engineer or its slot is taken by now: another one can be sent, or found."""
    appointment = clocks.appointment
    new = planned_anew(old, accepted, agreed)
    try:
        with transaction.atomic():
            must_be_free(new.engineer, appointment, [agreed])
    except RuleBroken:
        new.engineer, new.contact_name = None, new.contact_name or (new.engineer.name if new.engineer else "")
        new.save(update_fields=["engineer", "contact_name"])
    try:
        with transaction.atomic():
            seat_appointment(appointment, old.point, [agreed], at=at)
    except RuleBroken:
        pass
    return new


def _note(
    clocks: Clocks, kept: Kept, kind: str, proposal: DateProposal, visit: Visit | None, *, by: Actor, at: datetime,
    because: str, **more: object,
) -> None:  # fmt: skip
    told: dict[str, object] = {"proposal": proposal.pk, "because": because, **more}
    if visit is not None:
        told["visit"] = visit.number
    note(clocks, kept, kind, clocks.appointment.state, by=by, at=at, **told)
