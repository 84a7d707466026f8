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
        raise key_reused()
    return True


def kept_before(thing: Judged, kind: str, by: Actor, **said: object) -> Event | None:
    """The event of this very command, which came too late before and was kept under `kind`: it is refused alike.

    RuleBroken (422 idempotency_key_reused) where `said` is not what that event tells: other words, which are not kept.
    """
    event = earlier(by)
    if event is None or (event.kind, event.subject) != (kind, thing.subject):
        return None
    if not tells(event, said):
        raise key_reused()
    return event


def tells(event: Event, said: Mapping[str, object]) -> bool:
    """Whether an event's detail says all of that."""
    detail = event.detail or {}
    return all(detail.get(name) == value for name, value in said.items())


def key_reused() -> RuleBroken:
    """The refusal of a command whose key was spent on another one."""
    return RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
