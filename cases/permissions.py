"""Who may do what in a case (domain section 6); out of reach was already a 404 when it was fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from cases.models import AppointmentState
from zestech_aftersales.accounts.actors import Actor, Seat
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.desk.access import ROLES_TOLD

if TYPE_CHECKING:
    from cases.models import Cover, Order, ServiceAppointment, ServiceCase, Visit

CONTACT_STATES = (AppointmentState.CONFIRMED, AppointmentState.IN_SERVICE, AppointmentState.COMPLETED)
SELLER_SEATS = (Seat.OWNER, Seat.STAFF, Seat.CLIENT)


def is_buyer(thing: Cover | ServiceCase | ServiceAppointment, by: Actor) -> bool:
    """The order's buyer, or support acting for him on his request."""
    if by.acting_for is not None:
        return by.platform_role == PlatformRole.SUPPORT and by.acting_for.pk == thing.buyer_id
    return by.user_id is not None and by.user_id == thing.buyer_id


def is_seller(thing: Cover | ServiceCase | ServiceAppointment, by: Actor) -> bool:
    """A member of the seller who may speak for him; an engineer may not."""
    return by.seller_id is not None and by.seller_id == thing.seller_id and by.seat in SELLER_SEATS


def must_be_buyer(thing: Cover | ServiceCase | ServiceAppointment, by: Actor) -> None:
    """Raises PermissionDenied unless the buyer acts himself: nobody accepts, signs or gives up in his name."""
    if by.acting_for is not None or not is_buyer(thing, by):
        raise PermissionDenied(_("Only the buyer of this order can do this."))


def must_be_for_buyer(thing: Cover | ServiceCase | ServiceAppointment, by: Actor) -> None:
    """As `must_be_buyer`, or support on his request: it may book, file and cancel for him, nothing else."""
    if not is_buyer(thing, by):
        raise PermissionDenied(_("Only the buyer of this order can do this."))


def must_be_seller(thing: Cover | ServiceCase | ServiceAppointment, by: Actor) -> None:
    """Raises PermissionDenied unless somebody who may speak for the seller acts."""
    if not is_seller(thing, by):
        raise PermissionDenied(_("Only the seller's owner or staff can do this."))


def serves(visit: Visit, by: Actor) -> bool:
    """Whether somebody is the engineer of this very visit."""
    engineer = visit.engineer
    return engineer is not None and engineer.user_id is not None and engineer.user_id == by.user_id


def must_serve(visit: Visit, by: Actor) -> None:
    """Raises PermissionDenied unless the seller or the engineer of this very visit acts."""
    if not (serves(visit, by) or is_seller(visit.appointment, by)):
        raise PermissionDenied(_("Only the seller or the engineer of this visit can do this."))


def side_of(thing: ServiceCase | ServiceAppointment, by: Actor) -> str:
    """The side a person writes for: buyer, seller or platform; raises PermissionDenied for anybody else."""
    if is_buyer(thing, by):
        return "buyer"
    if by.seller_id is not None and by.seller_id == thing.seller_id:
        return "seller"
    if by.platform_role:
        return "platform"
    raise PermissionDenied(_("Only the people of this case can write in it."))


def may_see_contact(appointment: ServiceAppointment, by: Actor) -> bool:
    """Whether somebody is told where a visit is wanted: the buyer, the seller from the confirmation on, staff by role."""
    if by.seller_id is not None:
        return appointment.state in CONTACT_STATES
    return _is_told(appointment.buyer_id, by)


def may_see_recipient(order: Order, by: Actor) -> bool:
    """Whether somebody is told an order's own address and phone: its buyer and staff by role, never a seller."""
    return by.seller_id is None and _is_told(order.buyer_id, by)


def _is_told(buyer_id: int, by: Actor) -> bool:
    """Of the staff the roles whose work needs it; who else of them must read it opens an access at the staff desk."""
    return not by.platform_role or by.platform_role in ROLES_TOLD or by.user_id == buyer_id
