"""Who hears of a limit that draws near: staff and engineer, then the owner, at last both; the buyer of his own clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cases.models import Deadline, Visit
from cases.reminders.schedule import BUYERS_CLOCKS, last_step, steps
from sellers.models import Membership
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.accounts.models import User


def seats_of(step: int) -> tuple[Seat, ...]:
    """The seats at the seller's that hear of a step; the engineer is the one of the coming visit."""
    if step == last_step():
        return (Seat.OWNER, Seat.STAFF)
    if step == steps()[0]:
        return (Seat.STAFF, Seat.ENGINEER)
    return (Seat.STAFF, Seat.OWNER)


class Ladder:
    """Who hears of the limits of several appointments; two statements whatever their number."""

    def __init__(self, rows: Sequence[Deadline]) -> None:
        self.members = _members({row.appointment.seller_id for row in rows})
        self.engineers = _engineers({row.appointment_id for row in rows})

    def hearers(self, row: Deadline, step: int) -> list[User]:
        """Who is told of a step, each once; a seller without staff hears of it through the owner."""
        if row.clock in BUYERS_CLOCKS:
            buyer = row.appointment.buyer
            return [buyer] if buyer.is_active else []
        seats = seats_of(step)
        members = self.members[row.appointment.seller_id]
        told = [user for seat in seats for user in members[seat]]
        if Seat.ENGINEER in seats:
            told += self.engineers[row.appointment_id]
        return list(dict.fromkeys(told or members[Seat.OWNER]))


def _members(sellers: Iterable[int]) -> dict[int, dict[str, list[User]]]:
    found: dict[int, dict[str, list[User]]] = defaultdict(lambda: defaultdict(list))
    spokesmen = Membership.objects.filter(
        seller__in=sellers, seat__in=[Seat.OWNER, Seat.STAFF], user__is_active=True
    ).select_related("user")
    for membership in spokesmen.order_by("user_id"):
        found[membership.seller_id][membership.seat].append(membership.user)
    return found


def _engineers(appointments: Iterable[int]) -> dict[int, list[User]]:
    found: dict[int, list[User]] = defaultdict(list)
    coming = Visit.objects.filter(appointment__in=appointments, state="planned", engineer__user__is_active=True)
    for visit in coming.select_related("engineer__user").order_by("id"):
        if visit.engineer is not None and visit.engineer.user is not None:
            found[visit.appointment_id].append(visit.engineer.user)
    return found
