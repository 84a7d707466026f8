"""Who hears of a limit that draws near: staff and engineer, then the owner, at last both; the buyer of his own clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cases.models import Deadline, Visit, VisitState
from cases.models.deadline import BUYERS_CLOCKS
from cases.reminders.schedule import last_step, steps
from sellers.models import Membership
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.accounts.models import User

# The visits that a running limit may be about: one to come, or one that a new date is owed for.
CONCERNED = (VisitState.PLANNED, VisitState.SELLER_NO_SHOW)


def seats_of(step: int) -> tuple[Seat, ...]:
    """The seats at the seller's that hear of a step; the engineer is the one of the visit concerned."""
    if step == last_step():
        return (Seat.OWNER, Seat.STAFF)
    if step == steps()[0]:
        return (Seat.STAFF, Seat.ENGINEER)
    return (Seat.STAFF, Seat.OWNER)


class SellersLadder:
    """The people of several sellers; one statement whatever their number."""

    def __init__(self, sellers: Iterable[int]) -> None:
        self.members = _members(sellers)

    def hearers(self, seller: int, step: int, engineers: Iterable[User] = ()) -> list[User]:
        """Who of a seller is told of a step, each once; a seller without staff hears of it through the owner."""
        seats = seats_of(step)
        members = self.members[seller]
        told = [user for seat in seats for user in members[seat]] or list(members[Seat.OWNER])
        if Seat.ENGINEER in seats:
            told += engineers
        return list(dict.fromkeys(told))


class Ladder:
    """Who hears of the limits of several appointments; two statements whatever their number."""

    def __init__(self, rows: Sequence[Deadline]) -> None:
        self.sellers = SellersLadder({row.appointment.seller_id for row in rows})
        self.engineers = _engineers({row.appointment_id for row in rows})

    def hearers(self, row: Deadline, step: int) -> list[User]:
        """Who is told of a step, each once."""
        if row.clock in BUYERS_CLOCKS:
            buyer = row.appointment.buyer
            return [buyer] if buyer.is_active else []
        return self.sellers.hearers(row.appointment.seller_id, step, self.engineers[row.appointment_id])


def _members(sellers: Iterable[int]) -> dict[int, dict[str, list[User]]]:
    found: dict[int, dict[str, list[User]]] = defaultdict(lambda: defaultdict(list))
    spokesmen = Membership.objects.filter(
        seller__in=sellers, seat__in=[Seat.OWNER, Seat.STAFF], user__is_active=True
    ).select_related("user")
    for membership in spokesmen.order_by("user_id"):
        found[membership.seller_id][membership.seat].append(membership.user)
    return found


def _engineers(appointments: Iterable[int]) -> dict[int, list[User]]:
    """The engineer of the last visit of each, as long as that visit is still to come or to be made up for."""
    found: dict[int, list[User]] = {}
    visits = Visit.objects.filter(appointment__in=appointments).select_related("engineer__user")
    for visit in visits.order_by("number"):
        user = visit.engineer.user if visit.engineer is not None else None
        comes = user is not None and user.is_active and visit.state in CONCERNED
        found[visit.appointment_id] = [user] if comes and user is not None else []
    return defaultdict(list, found)
