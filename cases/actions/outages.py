"""An outage of the platform tolls all clocks that it reached, once two administrators have decided so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases import excuses
from cases.causes import OUTAGE
from cases.corrections.reckoning import ending_miss, reckon
from cases.deadlines import Clocks
from cases.events import instant_text, record_change
from cases.excuses import Excuse
from cases.models import Deadline, Outage, OutageState, ServiceAppointment
from cases.tolled_limits import toll_hearings, toll_proofs, toll_sign_offs
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

OUTAGE_TOLL = "outage_toll"


@action
def propose_outage(*, begins_at: datetime, ends_at: datetime, reason: str, by: Actor, at: datetime) -> Outage:
    """Propose to toll all clocks for an incident that is over.

    RuleBroken: interval_invalid, reason_required (422). PermissionDenied for anybody but an administrator.
    """
    _must_be_administrator(by)
    if not begins_at < ends_at <= at:
        raise RuleBroken(
            "", "interval_invalid", status=422, detail=_("The outage ended after it began, and not in the future.")
        )
    outage = Outage.objects.create(begins_at=begins_at, ends_at=ends_at, reason=reason.strip())
    outage.decision = put_forward(
        kind=OUTAGE_TOLL, subject=outage.cause, reason=reason, clause="", by=by.with_key(""), at=at
    )
    outage.save(update_fields=["decision"])
    _record(outage, "outage.proposed", before="", by=by, at=at)
    return outage


@action
def decide_outage(outage: Outage, *, approved: bool, reason: str, by: Actor, at: datetime) -> Outage:
    """Approve or decline as a second administrator; approved, `toll_batch` applies it at once.

    RuleBroken: reason_required (422) for declining without one. PermissionDenied for the proposer,
    TransitionNotAllowed when it was decided before.
    """
    _must_be_administrator(by)
    outage = _locked(outage)
    if outage.decision is not None:
        decide(outage.decision, approved=approved, reason=reason.strip(), by=by.with_key(""), at=at)
    before = outage.state
    if approved:
        outage.approve()
    else:
        outage.decline()
    outage.save(update_fields=["state"])
    _record(outage, f"outage.{outage.state}", before=before, by=by, at=at)
    return outage


@action
def toll_batch(outage: Outage, *, batch: int, by: Actor, at: datetime) -> int:
    """Toll the next appointments that an approved outage reached, each with its pauses and its one event.

    Deemed refusals and lapses that the moved limits overtake are taken back. Returns how many were done; 0 when
    all are, and the outage is applied then. Begun twice at a time, each clock is still tolled once.
    """
    outage = _locked(outage)
    if outage.state != OutageState.APPROVED:
        return 0
    excuse = excuses.excuse_of_outage(outage)
    keys = list(_reached(excuse).values_list("appointment_id", flat=True).distinct().order_by("appointment_id")[:batch])
    rows = ServiceAppointment.objects.select_related("case__cover__edition").filter(pk__in=keys).order_by("pk")
    for appointment in rows.select_for_update(of=("self",), no_key=True):
        clocks = Clocks(appointment)
        missed = ending_miss(clocks)
        moved = excuses.put(clocks, excuse)
        record_change(
            appointment,
            "limit.tolled",
            clause="",
            by=system(by.channel),
            at=at,
            before=appointment.state,
            clocks=clocks,
            detail={"outage": outage.pk},
        )
        reckon(clocks, moved, missed, by=system(by.channel), at=at, because=OUTAGE)
    if not keys:
        toll_proofs(outage, by=by, at=at)
        toll_sign_offs(outage, by=by, at=at)
        toll_hearings(outage, by=by, at=at)
        before = outage.state
        outage.finish()
        outage.save(update_fields=["state"])
        _record(outage, "outage.applied", before=before, by=system(by.channel), at=at)
    return len(keys)


def _reached(excuse: Excuse) -> QuerySet[Deadline]:
    """The clocks that it reached and has not tolled yet: `Excuse.touches` and `is_in_reach` as a query."""
    return (
        Deadline.objects.filter(started_at__lt=excuse.ends_at)
        .filter(Q(due_at=None) | Q(due_at__gte=excuse.begins_at))
        .filter(Q(state="running") | Q(state="missed") | Q(state="voided", voided_by__isnull=False))
        .exclude(pauses__cause=excuse.cause)
    )


def _locked(outage: Outage) -> Outage:
    return Outage.objects.select_related("decision").select_for_update(of=("self",), no_key=True).get(pk=outage.pk)


def _must_be_administrator(by: Actor) -> None:
    if by.platform_role != PlatformRole.ADMINISTRATOR or by.acting_for is not None:
        raise PermissionDenied(_("Only administrators toll an outage, two of them together."))


def _record(outage: Outage, kind: str, *, before: str, by: Actor, at: datetime) -> None:
    record(
        stream=outage.cause,
        subject=outage.cause,
        kind=kind,
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"state": before},
        after={"state": outage.state},
        detail={"begins_at": instant_text(outage.begins_at), "ends_at": instant_text(outage.ends_at)},
    )
