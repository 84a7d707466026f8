"""How this app writes to the timeline: one event for each change, in the stream of its case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from cases.models import ExclusionClaim, ServiceAppointment, Visit
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event


def instant_text(instant: datetime) -> str:
    """An instant as events carry it: ISO 8601 in UTC with all microseconds."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def visit_told(visit: Visit) -> dict[str, Any]:
    """When a visit is to be and which engineer comes, as events keep it, so that both can be counted again."""
    return {
        "visit": visit.number,
        "starts_at": instant_text(visit.starts_at),
        "ends_at": instant_text(visit.ends_at) if visit.ends_at else None,
        "engineer": visit.engineer_id,
    }


def record_change(
    appointment: ServiceAppointment,
    kind: str,
    *,
    clause: str,
    by: Actor,
    at: datetime,
    before: str,
    effective_at: datetime | None = None,
    clocks: Clocks | None = None,
    detail: dict[str, Any] | None = None,
) -> Event:
    """Write the one event of a change of an appointment, with what it did to the clocks."""
    told = dict(detail or {})
    if clocks is not None:
        told["clocks"], clocks.changes = clocks.changes, []
    return record(
        stream=f"case/{appointment.case_id}",
        subject=appointment.subject,
        kind=kind,
        clause=clause,
        by=by,
        effective_at=effective_at or at,
        recorded_at=at,
        before={"state": before},
        after={"state": appointment.state},
        detail=told,
    )


def record_claim(
    claim: ExclusionClaim,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    before: str,
    effective_at: datetime | None = None,
    clocks: Clocks | None = None,
    detail: dict[str, Any] | None = None,
) -> Event:
    """Write the one event of a change of an exclusion claim, with what it did to the appointment's clocks."""
    told: dict[str, Any] = {"appointment": claim.appointment_id, **(detail or {})}
    if clocks is not None:
        told["clocks"], clocks.changes = clocks.changes, []
    return record(
        stream=f"case/{claim.appointment.case_id}",
        subject=claim.cause,
        kind=kind,
        clause=claim.clause,
        by=by,
        effective_at=effective_at or at,
        recorded_at=at,
        before={"state": before},
        after={"state": claim.state},
        detail=told,
    )
