"""The steps of `cases.late_commands` on new dates for a visit: proposed, accepted, declined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from cases.dates import DID_ACCEPT, DID_DECLINE, DID_PROPOSE, MOVABLE, move_clock, planned_anew, standing_date
from cases.events import visit_told
from cases.late_steps import note, void_offers
from cases.models import AppointmentState, DateProposal, ProposalState, Side, Visit, VisitState
from cases.planning import must_be_free
from cases.seats import seat_appointment
from cases.terms import Window
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from cases.late_steps import Kept
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User


def offered_date(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """The seller's date, kept as a late offer, was in time: it is proposed, and the offer stands no more."""
    made = kept.offer
    if made is None or not made.windows:
        return
    _propose(clocks, kept, Side.SELLER, made.windows, "", made.made_by, by=by, at=at, because=because)
    made.is_late = False
    made.save(update_fields=["is_late"])
    void_offers([made])


def answer(clocks: Clocks, kept: Kept, *, by: Actor, at: datetime, because: str) -> None:
    """What else somebody had done about a date: the buyer's own wish, a yes, a no."""
    told = kept.told
    if told.get("did") == DID_PROPOSE and told.get("windows"):
        side = Side(told["side"])
        _propose(clocks, kept, side, told["windows"], told["reason"], kept.person, by=by, at=at, because=because)
        return
    standing = standing_date(clocks.appointment)
    if standing is None or standing.pk != told.get("proposal"):
        return
    if told["did"] == DID_ACCEPT:
        _accept(clocks, kept, standing, by=by, at=at, because=because)
    elif told["did"] == DID_DECLINE and told.get("wish"):
        _decline(clocks, kept, standing, by=by, at=at, because=because)


def _propose(
    clocks: Clocks, kept: Kept, side: Side, windows: Sequence[dict[str, str]], reason: str, person: User | None, *,
    by: Actor, at: datetime, because: str,
) -> None:  # fmt: skip
    appointment, visit = clocks.appointment, clocks.appointment.visits.order_by("-number").first()
    if appointment.state != AppointmentState.CONFIRMED or visit is None or visit.state not in MOVABLE:
        return
    for standing in appointment.proposals.filter(state=ProposalState.STANDING):
        standing.replace()
        standing.save(update_fields=["state"])
    made = DateProposal.objects.create(
        appointment=appointment,
        visit=visit,
        side=side,
        windows=list(windows),
        reason=reason,
        made_by=person,
        received_at=kept.received_at,
    )
    move_clock(clocks, visit, side, at=kept.received_at)
    _note(clocks, kept, "visit.date_proposed", made, visit, by=by, at=at, because=because)


def _accept(clocks: Clocks, kept: Kept, accepted: DateProposal, *, by: Actor, at: datetime, because: str) -> None:
    window = kept.told.get("window") if len(accepted.windows) != 1 else kept.told.get("window") or 0
    if window is None or not 0 <= window < len(accepted.windows):
        return
    agreed = Window.from_json(accepted.windows[window])
    if agreed.starts_at <= kept.received_at:
        return
    accepted.accept(window)
    accepted.save(update_fields=["state", "accepted_window"])
    old = accepted.visit
    is_put_off = old.state == VisitState.PLANNED
    if is_put_off:
        old.reschedule()
        old.save(update_fields=["state"])
    new = _plan(clocks, old, agreed, at=kept.received_at)
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


def _plan(clocks: Clocks, old: Visit, agreed: Window, *, at: datetime) -> Visit:
    """The new visit stands even where its engineer or its slot is taken by now: another one can be sent, or found."""
    appointment = clocks.appointment
    new = planned_anew(old, agreed)
    try:
        with transaction.atomic():
            must_be_free(old.engineer, appointment, agreed)
    except RuleBroken:
        new.engineer, new.contact_name = None, old.contact_name or (old.engineer.name if old.engineer else "")
        new.save(update_fields=["engineer", "contact_name"])
    try:
        with transaction.atomic():
            seat_appointment(appointment, old.point, [agreed], at=at)
    except RuleBroken:
        pass
    return new


def _note(
    clocks: Clocks, kept: Kept, kind: str, proposal: DateProposal, visit: Visit, *, by: Actor, at: datetime,
    because: str, **more: object,
) -> None:  # fmt: skip
    told: dict[str, object] = {"proposal": proposal.pk, "visit": visit.number, "because": because, **more}
    note(clocks, kept, kind, clocks.appointment.state, by=by, at=at, **told)
