"""Events that the platform declares, and what they excuse in the cases that they touch (4.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.actions.claim_rulings import carry_out, must_judge
from cases.actions.exclusions import give_proof
from cases.actions.steps import locked
from cases.deadlines import Clocks, apply_passed_limit
from cases.events import instant_text, record_claim
from cases.models import DeclaredEvent, ExclusionClaim, Ground, ServiceAppointment
from cases.models.exclusion import OPEN_CLAIMS
from cases.touched import touched_by
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def declare(
    *, kind: str, country: str, city: str = "", begins_at: datetime, ends_at: datetime | None = None,
    duties: Sequence[str], source: str, by: Actor, at: datetime,
) -> DeclaredEvent:  # fmt: skip
    """Declare an event with its source; by itself it excuses nothing.

    RuleBroken: event_incomplete (422). PermissionDenied for anybody but platform staff.
    """
    if not by.platform_role:
        raise PermissionDenied(_("Only platform staff declares events."))
    is_backwards = ends_at is not None and ends_at <= begins_at
    if not (kind and country.strip() and source.strip() and duties) or is_backwards:
        raise RuleBroken(
            "4.1.2", "event_incomplete", status=422,
            detail=_("Name kind, place, time, source and the duties that the event stops."),
        )  # fmt: skip
    declared = DeclaredEvent.objects.create(
        kind=kind,
        country=country.strip().upper(),
        city=city.strip(),
        begins_at=begins_at,
        ends_at=ends_at,
        duties=list(duties),
        source=source.strip(),
        declared_by=by.user,
        declared_at=at,
    )
    record(
        stream=declared.subject,
        subject=declared.subject,
        kind="event.declared",
        clause="4.1.2",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={
            "kind": declared.kind,
            "place": declared.place,
            "begins_at": instant_text(begins_at),
            "ends_at": instant_text(ends_at) if ends_at else None,
            "duties": declared.duties,
        },
    )
    return declared


@action
def end_declared(declared: DeclaredEvent, ends_at: datetime, *, by: Actor, at: datetime) -> DeclaredEvent:
    """Say when a declared event that still lasted was over; what it excuses in single cases ends with `end_event`.

    RuleBroken: end_known (409), end_invalid (422) when it lies before the begin or after `at`. PermissionDenied for
    anybody but an auditor.
    """
    if by.platform_role != PlatformRole.AUDITOR or by.acting_for is not None:
        raise PermissionDenied(_("Only an auditor decides on exclusions."))
    declared = DeclaredEvent.objects.select_for_update(of=("self",), no_key=True).get(pk=declared.pk)
    if declared.ends_at is not None:
        raise RuleBroken("4.1.2", "end_known", detail=_("The end of this event is already known."))
    if not declared.begins_at < ends_at <= at:
        raise RuleBroken(
            "4.1.2", "end_invalid", status=422, detail=_("The event ended after it began, and not in the future."),
            context={"missing": ["ends_at"]},
        )  # fmt: skip
    declared.ends_at = ends_at
    declared.save(update_fields=["ends_at"])
    record(
        stream=declared.subject,
        subject=declared.subject,
        kind="event.ended",
        clause="4.1.2",
        by=by,
        effective_at=ends_at,
        recorded_at=at,
        detail={"ends_at": instant_text(ends_at)},
    )
    return declared


@action
def grant_for_event(
    declared: DeclaredEvent, appointment: ServiceAppointment, *, reason: str, by: Actor, at: datetime
) -> ExclusionClaim | None:
    """Excuse one touched appointment for a declared event, as if its seller had claimed and proven it.

    None when the event does not touch it (any more). RuleBroken: reason_required (422), claim_open (409: the
    seller's own claim is decided by itself). PermissionDenied for who declared it and for anybody but an auditor.
    """
    appointment = locked(appointment)
    claim = ExclusionClaim(
        appointment=appointment,
        ground=Ground.FORCE_MAJEURE,
        kind=declared.kind,
        place=declared.place,
        begins_at=declared.begins_at,
        ends_at=declared.ends_at,
        duties=declared.duties,
        declared=declared,
        filed_at=at,
        granted_begins_at=declared.begins_at,
        granted_ends_at=declared.ends_at,
        granted_duties=declared.duties,
    )
    must_judge(claim, by)
    if by.user_id == declared.declared_by_id:
        raise PermissionDenied(_("You declared this event yourself: another auditor decides what it excuses."))
    if not reason.strip():
        raise RuleBroken("4.1.2", "reason_required", status=422, detail=_("Give the reasons of the decision."))
    if appointment.claims.filter(state__in=OPEN_CLAIMS).exists():
        raise RuleBroken("4.1.2", "claim_open", detail=_("The seller’s own claim on this request is decided first."))
    apply_passed_limit(Clocks(appointment), by=by, at=at)
    if not touched_by(declared).filter(pk=appointment.pk).exists():
        return None
    claim.save()
    give_proof(claim, declared.source, (), side="platform", by=by, at=at)
    claim.begin_review()
    claim.save(update_fields=["state"])
    record_claim(claim, "claim.filed", by=system(by.channel), at=at, before="", detail={"declared": declared.pk})
    carry_out(appointment, claim, reason.strip(), is_whole=True, excludes=False, by=by, at=at)
    return claim
