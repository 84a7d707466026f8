"""What was given up may be tried again by the platform's staff, once its cause is mended."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Undelivered
from zestech_aftersales.timeline.record import record

RETRYING_ROLES = (PlatformRole.SUPPORT, PlatformRole.ADMINISTRATOR)


@action
def send_again(delivery: Delivery, *, reason: str, by: Actor, at: datetime) -> Delivery:
    """Put a quarantined notice back into the outbox; its id stays, so a repeat can be told.

    RuleBroken `not_quarantined` (409) if it was not given up.
    """
    _checked(by)
    locked = Delivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    if not Delivery.objects.filter(pk=locked.pk).requeue(at):
        raise _not_quarantined()
    record(
        stream=locked.event.stream,
        subject=f"delivery/{locked.pk}",
        kind="delivery.requeued",
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"state": "quarantined"},
        after={"state": "pending"},
        detail={"reason": reason, "error": locked.last_error},
    )
    return Delivery.objects.get(pk=locked.pk)


@action
def relay_again(marker: Undelivered, *, reason: str, by: Actor, at: datetime) -> Undelivered:
    """Let the relay try a quarantined event again.

    RuleBroken `not_quarantined` (409) if it was not given up.
    """
    _checked(by)
    locked = Undelivered.objects.select_for_update(of=("self",)).select_related("event").get(pk=marker.pk)
    if locked.quarantined_at is None:
        raise _not_quarantined()
    error = locked.error
    locked.attempts, locked.retry_at, locked.quarantined_at = 0, None, None
    locked.save(update_fields=["attempts", "retry_at", "quarantined_at"])
    record(
        stream=locked.event.stream,
        subject=f"event/{locked.pk}",
        kind="event.requeued",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={"reason": reason, "error": error},
    )
    return locked


def _checked(by: Actor) -> None:
    if by.platform_role not in RETRYING_ROLES:
        raise PermissionDenied(_("Only support and administrators may do this."))


def _not_quarantined() -> RuleBroken:
    return RuleBroken(
        "", "not_quarantined", status=409, detail=_("It was not given up: there is nothing to try again.")
    )
