"""A ruling or a revision that a command has overtaken: received before it and committed after it (T10).

The offer had been answered, or the request had ended, before anybody ruled on it or replaced it: there was nothing to
rule on, or to replace. What that did to offers and clocks has never been, nor has the miss that followed it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cases.causes import BUYER_IN_TIME, IN_TIME
from cases.corrections.steps import BUYER_DECIDES
from cases.corrections.taking_back import restore, take_back
from cases.events import instant_text, record_change
from cases.models import AppointmentState, Clock, Deadline, DeadlineState, OfferState, Side
from cases.models.offer import OPEN_OFFERS
from cases.refusals import clause_of
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from cases.deadlines import Clocks
    from cases.models import Offer, ServiceAppointment
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
RULED, REVISED = "offer.held_unreasonable", "offer.revised"
# How it is told that one of them has no effect.
OVERTAKEN = {RULED: "offer.ruling_overtaken", REVISED: "offer.revision_overtaken"}
# After these a revision is no longer the last word on what lies on the table.
LATER_WORDS = (REVISED, RULED, "offer.flagged", "offer.held_reasonable", "offer.revision_overtaken")
MICROSECOND = timedelta(microseconds=1)


def take_ruling_back(clocks: Clocks, answered: Offer | None = None, *, by: Actor, at: datetime) -> Deadline | None:
    """Before a command received at `at`: take back what was ruled later and only committed first.

    `answered` is the offer that the command is about; None for one about the request. Once the two sides have gone on
    after the ruling it stands. The caller then applies its command, and after it what had come later and was kept as
    late (`cases.corrections.commands.apply_after_rescission`). Returns what stands against the command: the miss that
    was taken back, where the fault has been booked again meanwhile.
    """
    ruling = _later_ruling(clocks, answered, at=at)
    return None if ruling is None else _take_back(clocks, ruling, _offer_of(ruling), by=by, at=at)


def make_answerable(clocks: Clocks, answered: Offer, *, by: Actor, at: datetime) -> Deadline | None:
    """Before an answer to an offer received at `at`: as `take_ruling_back`, or take back a revision that came later."""
    if revision := _later_revision(clocks.appointment, answered, at=at):
        return _take_back(clocks, revision, answered.pk, by=by, at=at)
    return take_ruling_back(clocks, answered, by=by, at=at)


def _later_ruling(clocks: Clocks, answered: Offer | None, *, at: datetime) -> Event | None:
    """The last ruling, if it came after `at` and the request is still where that, or a limit since, has left it."""
    appointment = clocks.appointment
    ruling = _told(appointment).filter(kind=RULED, effective_at__gt=at).order_by("-id").first()
    if ruling is None or (answered is not None and answered.pk != _offer_of(ruling)):
        return None
    if not appointment.offers.filter(pk=_offer_of(ruling), state=OfferState.HELD_UNREASONABLE, received_at__lte=at):
        return None
    state = appointment.state
    if state == State.DEEMED_REFUSED and (missed := clocks.last_miss()):
        state = missed.state_before
    return ruling if state in (State.REQUESTED, State.PROPOSED) else None


def _later_revision(appointment: ServiceAppointment, answered: Offer, *, at: datetime) -> Event | None:
    """The revision that has replaced an offer after `at`, if its own offer still waits for the buyer as it was made."""
    replaced = appointment.offers.filter(side=Side.SELLER, state=OfferState.REPLACED)
    if appointment.state != State.PROPOSED or replaced.order_by("-received_at", "-id").first() != answered:
        return None
    last = _told(appointment).filter(kind__in=LATER_WORDS).order_by("-id").first()
    return last if last is not None and last.kind == REVISED and last.effective_at > at else None


def _take_back(clocks: Clocks, later: Event, offer: int, *, by: Actor, at: datetime) -> Deadline | None:
    appointment = clocks.appointment
    clocks.because = BUYER_IN_TIME if by.seller_id is None else IN_TIME
    clocks.counts_since = later.effective_at
    missed = clocks.last_miss() if appointment.state == State.DEEMED_REFUSED else None
    if missed is not None:
        take_back(clocks, missed, by=by, at=at, recorded_at=later.recorded_at, because=clocks.because)
        if not appointment.is_open:
            return missed
    before = appointment.state
    _restore_offers(appointment, later, offer)
    _restore_clocks(clocks, later, at=at)
    if appointment.state == State.REQUESTED:
        appointment.propose()
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "next_due_at"])
    record_change(
        appointment,
        OVERTAKEN[later.kind],
        clause=clause_of(appointment),
        by=system(by.channel),
        at=later.recorded_at,
        effective_at=at,
        before=before,
        clocks=clocks,
        detail={"offer": offer},
    )
    return None


def _restore_offers(appointment: ServiceAppointment, later: Event, offer: int) -> None:
    """The offer stands again; what a ruling had put back in its place, and what was offered since, does not."""
    for other in appointment.offers.filter(side=Side.SELLER, state__in=OPEN_OFFERS):
        if other.received_at < later.effective_at:
            other.replace()
        else:
            other.void()
        other.save(update_fields=["state"])
    answered = appointment.offers.get(pk=offer)
    if answered.state == OfferState.HELD_UNREASONABLE:
        answered.stand_after_all()
        answered.save(update_fields=["state"])
    else:
        restore(answered)


def _restore_clocks(clocks: Clocks, later: Event, *, at: datetime) -> None:
    """Undo what it did to the clocks; those that have begun since have never run."""
    for row in clocks.rows:
        if row.started_at >= later.effective_at and row.state == DeadlineState.RUNNING:
            row.void(row.started_at)
            clocks.settle(row, "voided")
    for told in (later.detail or {})["clocks"]:
        row = _row(clocks, told)
        match told["change"]:
            case "voided":
                row.restore()
                clocks.settle(row, "restored")
            case "met":
                clocks.reopen(row)
            case "resumed" if row.clock == Clock.CONFIRMATION:
                _stand_still_again(clocks, row, later, at=at)
            case "reopened":
                _meet_again(clocks, row, later)


def _stand_still_again(clocks: Clocks, row: Deadline, later: Event, *, at: datetime) -> None:
    """The buyer was deciding on the offer all the time."""
    begun = [each.begins_at for each in clocks.pauses[row.pk] if each.cause == BUYER_DECIDES]
    began_at = max(each for each in begun if each < later.effective_at)
    clocks.void_pauses(row, cause=BUYER_DECIDES, at=at, since=began_at - MICROSECOND)
    clocks.put_pause(row, began_at, None, cause=BUYER_DECIDES)


def _meet_again(clocks: Clocks, row: Deadline, later: Event) -> None:
    """The offer, or the one that it was a revision of, had met the clock."""
    if row.state == DeadlineState.MET:
        row.reopen()
    earlier = _told(clocks.appointment).filter(pk__lt=later.pk).order_by("-id")
    told = (each for event in earlier for each in (event.detail or {}).get("clocks", ()))
    met = next(each for each in told if each["change"] == "met" and _is_about(each, row))
    row.meet(datetime.fromisoformat(met["ended_at"]))
    clocks.settle(row, "met")


def _row(clocks: Clocks, told: dict[str, Any]) -> Deadline:
    return next(row for row in reversed(clocks.rows) if _is_about(told, row))


def _is_about(told: dict[str, Any], row: Deadline) -> bool:
    return bool(told["clock"] == row.clock and told["started_at"] == instant_text(row.started_at))


def _told(appointment: ServiceAppointment) -> QuerySet[Event]:
    return Event.objects.filter(stream=f"case/{appointment.case_id}", subject=appointment.subject)


def _offer_of(ruling: Event) -> int:
    return int((ruling.detail or {})["offer"])
