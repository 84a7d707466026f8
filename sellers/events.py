"""How this app writes to the timeline: one event for each change, in the stream of its seller."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import record

# What a thing of this app is called in `subject`; a seller is the stream itself.
SUBJECTS = {"sellercommitment": "commitment", "servicepoint": "point", "apiclient": "client"}


def subject_of(thing: Model) -> str:
    """The thing's name in the timeline, as in product/3."""
    name = type(thing).__name__.lower()
    return f"{SUBJECTS.get(name, name)}/{thing.pk}"


def record_change(
    thing: Model,
    kind: str,
    *,
    seller_id: int,
    clause: str = "",
    by: Actor,
    at: datetime,
    effective_at: datetime | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Write the one event of a change; what is to hold only later counts from `at` on the timeline."""
    return record(
        stream=f"seller/{seller_id}",
        subject=subject_of(thing),
        kind=kind,
        clause=clause,
        by=by,
        effective_at=at if effective_at is None else min(effective_at, at),
        recorded_at=at,
        before=before,
        after=after,
        detail=detail,
    )
