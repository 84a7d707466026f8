"""What is assigned to whom of the staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from complaints.models import Audit, AuditState, Complaint, Violation, ViolationState
from complaints.queries.complaints import UNDER_WAY, supporters
from zestech_aftersales.accounts.models import PlatformRole, User
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

VIOLATIONS_OPEN = [ViolationState.CANDIDATE, ViolationState.NOTIFIED, ViolationState.APPEALED]
# How many things are handed over at once.
AT_ONCE = 200


def auditors() -> QuerySet[User]:
    """Everybody who judges now, and can be given something to look after."""
    return User.objects.filter(platform_role=PlatformRole.AUDITOR, is_active=True).order_by("email")


def colleagues(by: Actor) -> QuerySet[User]:
    """Who can take over what somebody of this role looks after; nobody where nothing is assigned."""
    if by.platform_role == PlatformRole.AUDITOR:
        return auditors()
    return supporters() if by.platform_role == PlatformRole.SUPPORT else User.objects.none()


def predecessors(by: Actor) -> QuerySet[User]:
    """Whose things can be handed over: of the same role, also those who cannot log in any more."""
    if by.platform_role not in (PlatformRole.AUDITOR, PlatformRole.SUPPORT):
        return User.objects.none()
    return User.objects.filter(platform_role=by.platform_role).order_by("email")


def assignment_stream(subject: str) -> str:
    """Where it is recorded who looks after a thing: a stream that no party reads."""
    return f"assignment/{subject}"


def history_with_assignments(thing: Violation | Audit) -> QuerySet[Event]:
    """What happened to a thing and who looked after it when, oldest first; for the staff."""
    streams = [thing.subject, assignment_stream(thing.subject)]
    return Event.objects.filter(stream__in=streams).select_related("actor", "acting_for").order_by("id")


def assigned_to(person: User, by: Actor) -> list[Complaint | Violation | Audit]:
    """What somebody looks after and is not over, of the kind that the role of the asking person deals with."""
    if by.platform_role == PlatformRole.SUPPORT:
        return [*Complaint.objects.filter(officer=person, state__in=UNDER_WAY).order_by("pk")[:AT_ONCE]]
    if by.platform_role != PlatformRole.AUDITOR:
        return []
    violations = Violation.objects.filter(officer=person, state__in=VIOLATIONS_OPEN).order_by("pk")
    audits = Audit.objects.filter(officer=person, state=AuditState.OPEN).order_by("pk")
    return [*violations[:AT_ONCE], *audits[:AT_ONCE]]
