"""A word in the thread of a case; it stops no clock (domain section 3, responding)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.bookings import attach_photos
from cases.actions.merges import case_merged
from cases.actions.steps import apply_passed_limits_of, is_repeat
from cases.models import Message, ServiceCase
from cases.permissions import side_of
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor


@action
def write(case: ServiceCase, body: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime) -> Message:
    """Store a message with its photos; a plain message never counts as an effective response.

    RuleBroken: message_empty (422), case_merged (409).
    """
    case = ServiceCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    side = side_of(case, by)
    if event := earlier(by):
        is_repeat(case.stream, "message.written", by)
        return Message.objects.get(pk=(event.detail or {})["message"], case=case)
    if case.merged_into is not None:
        raise case_merged(case.merged_into)
    if not body.strip() and not photos:
        raise RuleBroken("", "message_empty", status=422, detail=_("Write a message or add a photo."))
    apply_passed_limits_of(case, by=by, at=at)
    message = put_in_thread(case, body, photos, by=by, at=at)
    record(
        stream=case.stream,
        subject=case.stream,
        kind="message.written",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={"message": message.pk, "side": side, "photos": len(photos)},
    )
    return message


def put_in_thread(case: ServiceCase, body: str, photos: Sequence[Photo], *, by: Actor, at: datetime) -> Message:
    """Store a word with its photos for everybody of the case to see; the caller's event tells of it."""
    message = Message.objects.create(
        case=case,
        author=by.user,
        side=side_of(case, by),
        author_name=str(by.user.name or by.user.email) if by.user else by.client_id,
        body=body.strip(),
        received_at=at,
    )
    attach_photos(message, photos, at=at)
    return message
