"""Writing one event, and finding the one a repeated command wrote before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.timeline.models import Event, Undelivered


def record(
    *,
    stream: str,
    subject: str,
    kind: str,
    clause: str = "",
    by: Actor,
    effective_at: datetime,
    recorded_at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event and its undelivered marker; two statements, in the caller's transaction.

    Raises IntegrityError if the actor already wrote an event under `by.key`, or if the event
    counts later than it is recorded.
    """
    event = drafted(
        stream=stream,
        subject=subject,
        kind=kind,
        clause=clause,
        by=by,
        effective_at=effective_at,
        recorded_at=recorded_at,
        before=before,
        after=after,
        detail=detail,
    )
    event.save()
    Undelivered.objects.bulk_create([Undelivered(event_id=event.pk)])
    return event


def drafted(
    *,
    stream: str,
    subject: str,
    kind: str,
    clause: str = "",
    by: Actor,
    effective_at: datetime,
    recorded_at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """An event that is still to be written."""
    if by.key and by.reason:
        detail = {"reason": by.reason, **(detail or {})}
    return Event(
        stream=stream,
        subject=subject,
        kind=kind,
        clause=clause,
        actor_kind=by.kind,
        actor_id=by.user_id,
        acting_for_id=None if by.acting_for is None else by.acting_for.pk,
        client_id=by.client_id,
        channel=by.channel,
        key=by.key,
        effective_at=effective_at,
        recorded_at=recorded_at,
        before=before,
        after=after,
        detail=detail,
    )


def record_together(events: Sequence[Event]) -> None:
    """Write drafted events with their undelivered markers: two statements whatever their number."""
    Event.objects.bulk_create(events)
    Undelivered.objects.bulk_create(Undelivered(event_id=event.pk) for event in events)


def earlier(by: Actor) -> Event | None:
    """The event this actor already wrote under `by.key`; None without a key or a first time."""
    if not by.key:
        return None
    return Event.objects.filter(actor_id=by.user_id, client_id=by.client_id, key=by.key).first()
