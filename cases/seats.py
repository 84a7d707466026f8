"""Seats of a service point: held while somebody decides, taken by what is agreed, given back (2.2.1).

Plain pieces of the actions, after the lock of the appointment. That no seat is given twice is the database's doing:
whoever comes second meets the unique constraint and takes the next seat. The row of the point whose seats are wanted is
locked before any of its seats, so that two who want each other's never wait in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.events import instant_text
from cases.models import SlotSeat
from cases.models.seat import during
from cases.terms import Window
from sellers.models import ServicePoint
from sellers.slots import Slot
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.models import ServiceAppointment
    from zestech_aftersales.accounts.models import User


def hold_ends(at: datetime) -> datetime:
    """The last instant of a hold that begins at `at`."""
    return at + timedelta(minutes=settings.SLOT_HOLD_MINUTES)


def slots_of(point: ServicePoint | None, windows: Iterable[Window]) -> list[Slot]:
    """The point's published slots that the windows reach into, in order; a time outside them needs no seat."""
    if point is None:
        return []
    length = timedelta(minutes=point.slot_minutes)
    found = set()
    for window in windows:
        end = max(window.ends_at, window.starts_at + datetime.resolution)
        found.update(point.slots_between(window.starts_at - length + datetime.resolution, end))
    return sorted(found)


def hold_windows(
    appointment: ServiceAppointment, point: ServicePoint | None, windows: Iterable[Window], *, at: datetime
) -> None:
    """Hold a seat in every slot that proposed windows reach into, instead of what the appointment held before.

    RuleBroken slot_taken (409) when one of them is full: what cannot be kept is not proposed.
    """
    _wait_for(point)
    own = _in_order(appointment.seats.filter(released_at=None))
    _give_back((seat for seat in own if seat.held_until is not None), at=at)
    here = None if point is None else point.pk
    has = {seat.starts_at for seat in own if seat.held_until is None and seat.point_id == here}
    for slot in slots_of(point, windows):
        if point is not None and slot.starts_at not in has:
            _claim(point, slot, at=at, appointment=appointment, held_until=hold_ends(at))


def release_holds(appointment: ServiceAppointment, *, at: datetime) -> None:
    """Give back what was only held; what is taken stays."""
    _release(appointment.seats.filter(released_at=None, held_until__isnull=False), at=at)


def seat_appointment(
    appointment: ServiceAppointment, point: ServicePoint | None, windows: Iterable[Window], *, at: datetime
) -> None:
    """Take the seats of what was agreed on: holds turn into seats, free ones are taken, all others are given back.

    RuleBroken (409): hold_expired when it was held too long ago and somebody else has it now, slot_taken otherwise.
    """
    _wait_for(point)
    wanted = {(point.pk, slot.starts_at): slot for slot in slots_of(point, windows)} if point else {}
    own = {(seat.point_id, seat.starts_at): seat for seat in _in_order(appointment.seats.filter(released_at=None))}
    kept = {key: own[key] for key in wanted if key in own and own[key].counts_at(at)}
    _release(appointment.seats.filter(released_at=None).exclude(pk__in=[seat.pk for seat in kept.values()]), at=at)
    for key, slot in wanted.items():
        if key in kept:
            _turn_into_seat(kept[key], appointment, at=at)
        elif point is not None:
            _claim(point, slot, at=at, appointment=appointment)


def release_seats(appointment: ServiceAppointment, *, at: datetime) -> None:
    """Give the slot back to the point's other customers."""
    appointment.seats.filter(released_at=None).update(released_at=at)


def take_seats_again(appointment: ServiceAppointment, *, released_at: datetime) -> None:
    """Give back the slot that an end released, on whatever seat of it is free, unless it is full by now."""
    for seat in appointment.seats.filter(released_at=released_at, held_until=None).select_related("point"):
        _wait_for(seat.point)
        for number in _free_numbers(seat.point, Slot(seat.starts_at, seat.ends_at or seat.starts_at), at=released_at):
            try:
                with transaction.atomic():
                    seat.seat, seat.released_at = number, None
                    seat.save(update_fields=["seat", "released_at"])
                break
            except IntegrityError:
                continue


def seat_booking(appointment: ServiceAppointment, point: ServicePoint, slot: Slot, *, at: datetime) -> SlotSeat:
    """Take the slot that a buyer books: the seat held for him while he was booking, or a free one.

    RuleBroken as for `seat_appointment`.
    """
    _wait_for(point)
    own = {(seat.point_id, seat.starts_at): seat for seat in _in_order(bookings_of(appointment.buyer_id))}
    held = own.get((point.pk, slot.starts_at))
    if held is not None and held.counts_at(at):
        _turn_into_seat(held, appointment, at=at)
        return held
    let_go(appointment.buyer_id, at=at)
    return _claim(point, slot, at=at, appointment=appointment)


def hold_booking(buyer: User, point: ServicePoint, slot: Slot, *, at: datetime) -> SlotSeat:
    """Hold one slot for a buyer who is booking, instead of the one held before; RuleBroken slot_taken (409)."""
    _wait_for(point)
    let_go(buyer.pk, at=at)
    return _claim(point, slot, at=at, held_by=buyer, held_until=hold_ends(at))


def let_go(buyer_id: int, *, at: datetime) -> None:
    """Give back what was held for a buyer who was booking."""
    _release(bookings_of(buyer_id), at=at)


def bookings_of(buyer_id: int) -> QuerySet[SlotSeat]:
    """What is held for a buyer who is booking."""
    return SlotSeat.objects.filter(held_by=buyer_id, appointment=None, released_at=None)


def release_expired(*, at: datetime) -> int:
    """Write down that holds are over which counted no more anyway; how many. The law needs no such tidying."""
    return SlotSeat.objects.filter(released_at=None, held_until__lt=at).update(released_at=F("held_until"))


def _wait_for(point: ServicePoint | None) -> None:
    if point is not None:
        ServicePoint.objects.select_for_update(of=("self",), no_key=True).get(pk=point.pk)


def _claim(point: ServicePoint, slot: Slot, *, at: datetime, **whose: Any) -> SlotSeat:
    for seat in _free_numbers(point, slot, at=at):
        try:
            with transaction.atomic():
                return SlotSeat.objects.create(
                    point=point, starts_at=slot.starts_at, ends_at=slot.ends_at, seat=seat, taken_at=at, **whose
                )
        except IntegrityError:
            continue
    raise _gone(SlotSeat.objects.filter(point=point, starts_at=slot.starts_at, held_until__lt=at), whose)


def _free_numbers(point: ServicePoint, slot: Slot, *, at: datetime) -> list[int]:
    """The seats that nobody has during any part of a slot; holds that are over are released first.

    A seat taken while the point's slots were of another length counts for as long as it was taken for.
    """
    standing = SlotSeat.objects.filter(during(slot.starts_at, slot.ends_at), point=point, released_at=None)
    _release(standing.filter(held_until__lt=at), at=at)
    taken = set(standing.values_list("seat", flat=True))
    # Where the capacity was lowered, seats beyond it may still be taken: they count.
    return [] if len(taken) >= point.capacity else [n for n in range(1, point.capacity + 1) if n not in taken]


def _gone(over: QuerySet[SlotSeat], whose: dict[str, Any]) -> RuleBroken:
    """The refusal of a slot without a free seat; it tells somebody whose own hold of it is over."""
    appointment: ServiceAppointment | None = whose.get("appointment")
    if appointment is not None and "held_until" not in whose:
        mine = Q(appointment=appointment) | Q(appointment=None, held_by=appointment.buyer_id)
        if held := over.filter(mine).order_by("-held_until").first():
            return RuleBroken(
                "2.2.1",
                "hold_expired",
                detail=_("This time was held for you for a while only, and has been taken since. Choose another one."),
                context={"held_until": instant_text(held.held_until)} if held.held_until else {},
            )
    return RuleBroken("2.2.1", "slot_taken", detail=_("This time has just been taken. Choose another one."))


def _turn_into_seat(seat: SlotSeat, appointment: ServiceAppointment, *, at: datetime) -> None:
    if seat.held_until is None:
        return
    seat.appointment, seat.held_until, seat.taken_at = appointment, None, at
    seat.save(update_fields=["appointment", "held_until", "taken_at"])


def _release(seats: QuerySet[SlotSeat], *, at: datetime) -> None:
    _give_back(_in_order(seats), at=at)


def _give_back(seats: Iterable[SlotSeat], *, at: datetime) -> None:
    """A hold that was over already ended with its last instant."""
    for seat in seats:
        seat.released_at = at if seat.held_until is None else min(at, seat.held_until)
        seat.save(update_fields=["released_at"])


def _in_order(seats: QuerySet[SlotSeat]) -> list[SlotSeat]:
    return list(seats.order_by("starts_at", "pk").select_for_update(of=("self",), no_key=True))
