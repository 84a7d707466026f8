"""The relay: seals new events, shows them to the apps that read them, and fans them out into deliveries.

It claims markers, never ids above the last one seen: a lower id may commit later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from zestech_aftersales.accounts.quiet import mail_time
from zestech_aftersales.timeline import seals
from zestech_aftersales.timeline.announcers import Recipient, announcer_of
from zestech_aftersales.timeline.backoff import wait_after
from zestech_aftersales.timeline.models import Delivery, Event, Medium, Undelivered
from zestech_aftersales.timeline.readers import Reader, readers

BATCH = 200
MAX_ATTEMPTS = 6

log = structlog.get_logger(__name__)


def relay_batch(*, at: datetime, limit: int = BATCH) -> int:
    """Seal and fan out up to `limit` events; return how many were claimed.

    One transaction. What another relay has claimed is passed over; an event that cannot be fanned
    out is sealed nevertheless, tried again later and quarantined after MAX_ATTEMPTS.
    """
    waiting = Undelivered.objects.waiting(at)
    if not waiting.exists():
        return 0
    with transaction.atomic(durable=True):
        claimed = list(
            waiting.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .order_by("event_id")[:limit]
        )
        failed = _seal([marker.event for marker in claimed])
        failed |= _read([marker.event for marker in claimed if marker.event_id not in failed], at)
        deliveries: list[Delivery] = []
        for marker in claimed:
            if marker.event_id in failed:
                continue
            try:
                deliveries += _fanned_out(marker.event, at)
            except Exception as error:  # noqa: BLE001  # one announcer's defect must not stop the rest
                failed[marker.event_id] = error
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        Undelivered.objects.filter(pk__in=[marker.pk for marker in claimed if marker.pk not in failed]).delete()
        for marker in claimed:
            if marker.pk in failed:
                _put_back(marker, failed[marker.pk], at)
    return len(claimed)


def _seal(events: Sequence[Event]) -> dict[int, Exception]:
    """Seal all at once; only if that fails one by one, so that a broken chain stops itself alone."""
    try:
        with transaction.atomic():
            seals.seal(events)
    except DatabaseError:
        return dict(_failures_one_by_one(events))
    return {}


def _failures_one_by_one(events: Sequence[Event]) -> Iterator[tuple[int, Exception]]:
    for event in events:
        try:
            with transaction.atomic():
                seals.seal([event])
        except DatabaseError as error:
            yield event.pk, error


def _read(events: Sequence[Event], at: datetime) -> dict[int, Exception]:
    """Show the events to the apps that read them; only if that fails one by one."""
    failed: dict[int, Exception] = {}
    for reader in readers():
        try:
            with transaction.atomic():
                reader(events, at=at)
        except Exception:  # noqa: BLE001  # told apart below
            failed |= dict(_unread(reader, events, at))
    return failed


def _unread(reader: Reader, events: Sequence[Event], at: datetime) -> Iterator[tuple[int, Exception]]:
    for event in events:
        try:
            with transaction.atomic():
                reader([event], at=at)
        except Exception as error:  # noqa: BLE001  # one event's defect must not stop the rest
            yield event.pk, error


def _fanned_out(event: Event, at: datetime) -> list[Delivery]:
    announcer = announcer_of(event.stream)
    if announcer is None:
        return []
    with transaction.atomic():
        return [
            _owed(event, recipient, medium, recipient.not_before or at)
            for recipient in announcer.audience(event)
            for medium in recipient.media
        ]


def _owed(event: Event, recipient: Recipient, medium: Medium, at: datetime) -> Delivery:
    """A notice from `at` on: in the application at once, by mail when its reader wants mail."""
    person = recipient.user
    waits = medium == Medium.MAIL and not recipient.at_once
    return Delivery(
        event=event,
        recipient=person,
        medium=medium,
        not_before=mail_time(person, at) if waits else at,
        in_digest=waits and person.digest_at is not None,
    )


def _put_back(marker: Undelivered, error: Exception, at: datetime) -> None:
    marker.attempts += 1
    marker.error = f"{type(error).__name__}: {error}"
    marker.retry_at = at + wait_after(marker.attempts)
    if marker.attempts >= MAX_ATTEMPTS:
        marker.quarantined_at = at
    marker.save(update_fields=["attempts", "error", "retry_at", "quarantined_at"])
    log.warning(
        "event_not_fanned_out",
        event_id=marker.event_id,
        attempts=marker.attempts,
        quarantined=marker.quarantined_at is not None,
        error=marker.error,
    )
