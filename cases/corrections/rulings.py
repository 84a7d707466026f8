"""A ruling that a command has overtaken: received before it and committed after it (T10).

The offer that was held unreasonable had been answered, or the request had ended, before anybody ruled: the ruling had
nothing to rule on. What it did to offers and clocks has never been, nor has the miss that followed it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cases.causes import BUYER_IN_TIME, IN_TIME
from cases.corrections.steps import BUYER_DECIDES
from cases.corrections.taking_back import take_back
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
RULED, OVERTAKEN = "offer.held_unreasonable", "offer.ruling_overtaken"
MICROSECOND = timedelta(microseconds=1)


def take_ruling_back(clocks: Clocks, answered: Offer | None = None, *, by: Actor, at: datetime) -> Deadline | None:
    """Before a command received at `at`: take back what was ruled later and only committed first.

    `answered` is the offer that the command is about; None for one about the request. Once the two sides have gone on
    after the ruling it stands. The caller then applies its command, and after it what had come later and was kept as
    late (`cases.corrections.commands.apply_after_rescission`). Returns what stands against the command: the miss that
    was taken back, where the fault has been booked again meanwhile.
    """
    appointment = clocks.appointment
    ruling = _overtaken(clocks, answered, at=at)
    if ruling is None:
        return None
    clocks.because = BUYER_IN_TIME if by.seller_id is None else IN_TIME
    clocks.counts_since = ruling.effective_at
    missed = clocks.last_miss() if appointment.state == State.DEEMED_REFUSED else None
    if missed is not None:
        take_back(clocks, missed, by=by, at=at, recorded_at=ruling.recorded_at, because=clocks.because)
        if not appointment.is_open:
            return missed
    before = appointment.state
    _restore_offers(appointment, ruling)
    _restore_clocks(clocks, ruling, at=at)
    if appointment.state == State.REQUESTED:
        appointment.propose()
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "next_due_at"])
    record_change(
        appointment,
        OVERTAKEN,
        clause=clause_of(appointment),
        by=system(by.channel),
        at=ruling.recorded_at,
        effective_at=at,
        before=before,
        clocks=clocks,
        detail={"offer": _offer_of(ruling)},
    )
    return None


def _overtaken(clocks: Clocks, answered: Offer | None, *, at: datetime) -> Event | None:
    """The last ruling, if it was received after `at` and the request is still where that, or a limit since, has left it."""
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


def _restore_offers(appointment: ServiceAppointment, ruling: Event) -> None:
    """The offer stands again; what the ruling had put back in its place, and what was offered since, does not."""
    for other in appointment.offers.filter(side=Side.SELLER, state__in=OPEN_OFFERS):
        if other.received_at < ruling.effective_at:
            other.replace()
        else:
            other.void()
        other.save(update_fields=["state"])
    ruled = appointment.offers.get(pk=_offer_of(ruling))
    ruled.stand_after_all()
    ruled.save(update_fields=["state"])


def _restore_clocks(clocks: Clocks, ruling: Event, *, at: datetime) -> None:
    """Undo what the ruling did to the clocks; those that have begun since have never run."""
    for row in clocks.rows:
        if row.started_at >= ruling.effective_at and row.state == DeadlineState.RUNNING:
            row.void(row.started_at)
            clocks.settle(row, "voided")
    for told in (ruling.detail or {})["clocks"]:
        row = _row(clocks, told)
        match told["change"]:
            case "voided":
                row.restore()
                clocks.settle(row, "restored")
            case "met":
                clocks.reopen(row)
            case "resumed" if row.clock == Clock.CONFIRMATION:
                _stand_still_again(clocks, row, ruling, at=at)
            case "reopened":
                _meet_again(clocks, row, ruling)


def _stand_still_again(clocks: Clocks, row: Deadline, ruling: Event, *, at: datetime) -> None:
    """The buyer was deciding on the offer all the time."""
    begun = [each.begins_at for each in clocks.pauses[row.pk] if each.cause == BUYER_DECIDES]
    began_at = max(each for each in begun if each < ruling.effective_at)
    clocks.void_pauses(row, cause=BUYER_DECIDES, at=at, since=began_at - MICROSECOND)
    clocks.put_pause(row, began_at, None, cause=BUYER_DECIDES)


def _meet_again(clocks: Clocks, row: Deadline, ruling: Event) -> None:
    """The offer, or the one that it was a revision of, had met the clock."""
    if row.state == DeadlineState.MET:
        row.reopen()
    earlier = _told(clocks.appointment).filter(pk__lt=ruling.pk).order_by("-id")
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
