"""That somebody took an evidence pack."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from complaints.queries.packs import MADE, must_not_be_too_many, pack_stream
from zestech_aftersales.action import action
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event


@action
def note_pack(about: str, manifest: str, *, made_for: str, by: Actor, at: datetime) -> Event:
    """Record a pack about a thing (case/17, complaint/3) with the SHA-256 of its manifest. RuleBroken: too_many_packs.

    The event stands in the pack's own stream: the history of the case is the same before and after. Every pack is
    a fact of its own, so it takes no key.
    """
    must_not_be_too_many(about, by, at=at)
    return record(
        stream=pack_stream(about),
        subject=about,
        kind=MADE,
        by=by.with_key(""),
        effective_at=at,
        recorded_at=at,
        detail={"manifest": manifest, "made_for": made_for},
    )
