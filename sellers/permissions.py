"""Who may do what to a seller's things (domain section 6); out of reach was already a 404 when fetched."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.actors import Actor, Seat
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook.refusals import RuleBroken

SPEAKING_SEATS = (Seat.OWNER, Seat.STAFF, Seat.CLIENT)
SCREENING_ROLES = (PlatformRole.SUPPORT, PlatformRole.AUDITOR, PlatformRole.ADMINISTRATOR)
JUDGING_ROLES = (PlatformRole.AUDITOR,)


def speaks_for(seller_id: int, by: Actor) -> bool:
    """Whether somebody may make promises and change master data for the seller; an engineer may not."""
    return by.seller_id == seller_id and by.seat in SPEAKING_SEATS


def owns(seller_id: int, by: Actor) -> bool:
    """Whether the seller's owner acts."""
    return by.seller_id == seller_id and by.seat == Seat.OWNER


def screens(by: Actor) -> bool:
    """Whether support, an auditor or an administrator acts."""
    return by.platform_role in SCREENING_ROLES


def judges(by: Actor) -> bool:
    """Whether an auditor acts."""
    return by.platform_role in JUDGING_ROLES


def administers(by: Actor) -> bool:
    """Whether an administrator acts."""
    return by.platform_role == PlatformRole.ADMINISTRATOR


def must(allowed: bool, by: Actor) -> None:
    """Raises PermissionDenied unless allowed; the system itself (imports, commands) may."""
    if not (allowed or by.is_system):
        raise PermissionDenied(_("Your place does not allow this."))


def must_say_why(reason: str) -> str:
    """The reason, trimmed; RuleBroken without one, for what ends a right needs its reason on record."""
    if not reason.strip():
        raise RuleBroken("", "reason_missing", status=422, detail=_("Give the reason."))
    return reason.strip()
