"""How this app writes to the timeline: one event for each change, in the stream of the thing that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext as _

from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import drafted, earlier, record_together

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event


class Judged(Protocol):
    """A violation, an audit, a clearance, a complaint or a loss claim."""

    state: Any

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""


def drafted_change(
    thing: Judged,
    kind: str,
    *,
    clause: str,
    by: Actor,
    at: datetime,
    before: str,
    effective_at: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """The one event of a change, still to be written; `detail` carries what the state alone does not tell."""
    return drafted(
        stream=thing.subject,
        subject=thing.subject,
        kind=kind,
        clause=clause,
        by=by,
        effective_at=effective_at or at,
        recorded_at=at,
        before={"state": before},
        after={"state": thing.state},
        detail=dict(detail or {}),
    )


def record_change(
    thing: Judged,
    kind: str,
    *,
    clause: str,
    by: Actor,
    at: datetime,
    before: str,
    effective_at: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Write the one event of a change; `detail` carries what the state alone does not tell."""
    event = drafted_change(
        thing, kind, clause=clause, by=by, at=at, before=before, effective_at=effective_at, detail=detail
    )
    record_together([event])
    return event


def is_repeat(thing: Judged, kind: str, by: Actor) -> bool:
    """Whether this very command was done before; RuleBroken if its key was spent on another one."""
    event = earlier(by)
    if event is None:
        return False
    if (event.kind, event.subject) != (kind, thing.subject):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return True


def was_kept_late(thing: Judged, kind: str, by: Actor) -> bool:
    """Whether this very command came before, too late, and its words were kept under `kind`: it is refused alike."""
    event = earlier(by)
    return event is not None and (event.kind, event.subject) == (kind, thing.subject)
