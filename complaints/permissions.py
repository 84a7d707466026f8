"""Who may judge what (domain section 6); out of reach was already a 404 when fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.actors import Actor, Seat
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User

AUDITORS = (PlatformRole.AUDITOR,)
SUPPORT = (PlatformRole.SUPPORT,)
FINANCE = (PlatformRole.FINANCE,)
STAFF = (PlatformRole.SUPPORT, PlatformRole.AUDITOR, PlatformRole.FINANCE, PlatformRole.ADMINISTRATOR)
ANSWERING_SEATS = (Seat.OWNER, Seat.STAFF, Seat.CLIENT)


def must_be(roles: tuple[PlatformRole, ...], by: Actor) -> User:
    """The person of the staff who acts for himself in one of these roles; PermissionDenied otherwise."""
    if by.user is None or by.platform_role not in roles or by.acting_for is not None:
        raise PermissionDenied(_("Your role does not allow this."))
    return by.user


def must_be_another(person: User, *others: int | None) -> None:
    """PermissionDenied for somebody who took part in an earlier step: nobody reviews himself."""
    if person.pk in others:
        raise PermissionDenied(_("You took part in an earlier step: another person has to decide."))


def must_answer_for(seller_id: int, by: Actor) -> None:
    """PermissionDenied for anybody but the seller's owner, staff and client."""
    if by.seller_id != seller_id or by.seat not in ANSWERING_SEATS:
        raise PermissionDenied(_("Only the seller answers this."))


def must_say(text: str, clause: str, code: str = "reason_required") -> str:
    """The words, trimmed; RuleBroken (422) without any, for a judgement without reasons is none."""
    if not text.strip():
        raise RuleBroken(clause, code, status=422, detail=_("Give the reasons."))
    return text.strip()
