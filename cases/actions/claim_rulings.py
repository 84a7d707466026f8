"""An auditor decides a claim, in whole or in part; two people take a grant back (domain section 3, excuses)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases import excuses
from cases.actions.exclusions import locked_claim, void_pauses
from cases.actions.offers import end
from cases.causes import PAUSE
from cases.corrections.commands import apply_since
from cases.corrections.reckoning import ending_miss, reckon
from cases.corrections.taking_back import stand_again, take_back
from cases.deadlines import Clocks, apply_passed_limit
from cases.events import instant_text, record_change, record_claim
from cases.models import (
    AppointmentState,
    Deadline,
    DeadlineState,
    ExclusionClaim,
    Ground,
    ServiceAppointment,
    VisitState,
)
from cases.queries import is_booked_again
from cases.seats import take_seats_again
from cases.visit_ends import restore_visits
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.models import Decision, DecisionState
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

REVOCATION = "claim_revocation"


@action
def grant(
    claim: ExclusionClaim,
    *,
    reason: str,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    duties: Sequence[str] | None = None,
    excludes: bool = False,
    by: Actor,
    at: datetime,
) -> ExclusionClaim:
    """Grant a claim: in part when the interval or the duties named here are fewer than those claimed.

    Force majeure pauses what it stops; with `excludes` the request ends, because the service can no longer be
    given. The buyer's reasons and abuse always end the request, and nothing but it: the cover stays. A deemed
    refusal that the moved limits overtake is taken back. RuleBroken: reason_required, grant_beyond_claim (422).
    """
    appointment, claim = locked_claim(claim)
    must_judge(claim, by)
    why = _given(claim, reason)
    if claim.ground == Ground.FORCE_MAJEURE:
        is_whole = _choose(claim, begins_at, ends_at, duties)
    else:
        is_whole = excludes = True
    carry_out(appointment, claim, why, is_whole=is_whole, excludes=excludes, by=by, at=at)
    return claim


@action
def reject(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> ExclusionClaim:
    """Reject a claim: its pauses are void, and what came meanwhile counts by the old limits (4.1.2).

    RuleBroken: reason_required (422). PermissionDenied for anybody but an auditor who did not file it.
    """
    appointment, claim = locked_claim(claim)
    must_judge(claim, by)
    why = _given(claim, reason)
    before = claim.state
    claim.reject()
    _decided(claim, why, by=by, at=at)
    void_pauses(appointment, claim, "claim.rejected", before=before, by=by, at=at, detail={"reason": why})
    return claim


@action
def propose_revocation(claim: ExclusionClaim, *, reason: str, by: Actor, at: datetime) -> Decision:
    """Propose to take a grant back; another auditor decides.

    RuleBroken: not_granted (409), already_proposed (409).
    """
    _appointment, claim = locked_claim(claim)
    must_judge(claim, by)
    if not claim.is_granted:
        raise RuleBroken(claim.clause, "not_granted", detail=_("Only a granted claim can be revoked."))
    if open_revocation(claim) is not None:
        raise RuleBroken(
            claim.clause, "already_proposed", detail=_("The revocation is proposed and waits for a decision.")
        )
    return put_forward(
        kind=REVOCATION, subject=claim.cause, reason=_given(claim, reason), clause=claim.clause, by=by, at=at
    )


@action
def decide_revocation(claim: ExclusionClaim, *, approved: bool, reason: str, by: Actor, at: datetime) -> ExclusionClaim:
    """Approve or decline the proposed revocation as a second auditor; approved, the grant is as if it had never been.

    RuleBroken: not_proposed (409). PermissionDenied for the one who proposed it.
    """
    appointment, claim = locked_claim(claim)
    must_judge(claim, by)
    proposed = open_revocation(claim)
    if proposed is None:
        raise RuleBroken(claim.clause, "not_proposed", detail=_("Nobody has proposed to revoke this grant."))
    decide(proposed, approved=approved, reason=_given(claim, reason), by=by.with_key(""), at=at)
    if not approved:
        return claim
    before = claim.state
    claim.revoke()
    claim.save(update_fields=["state"])
    void_pauses(
        appointment,
        claim,
        "claim.revoked",
        before=before,
        by=by,
        at=at,
        detail={"decision": proposed.pk, "reason": reason},
    )
    if claim.excluded_from and appointment.state == AppointmentState.EXCLUDED:
        _readmit(appointment, claim, by=by, at=at)
    return claim


def carry_out(
    appointment: ServiceAppointment, claim: ExclusionClaim, why: str, *, is_whole: bool, excludes: bool, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Write a grant down, put its pauses, and judge the moved limits anew; both rows are locked."""
    before = claim.state
    if is_whole:
        claim.grant()
    else:
        claim.grant_partly()
    _decided(claim, why, by=by, at=at)
    clocks = Clocks(appointment)
    missed = ending_miss(clocks)
    moved = excuses.replace(clocks, excuses.excuse_of(claim), at=at) if claim.begins_at is not None else []
    record_claim(claim, f"claim.{claim.state}", by=by, at=at, before=before, clocks=clocks, detail=_told(claim))
    reckon(clocks, moved, missed, by=by, at=at)
    if excludes:
        _exclude(appointment, claim, clocks, by=by, at=at)


def open_revocation(claim: ExclusionClaim) -> Decision | None:
    """The proposal to revoke this grant that waits for a second person."""
    return open_revocations([claim]).get(claim.pk)


def open_revocations(claims: Sequence[ExclusionClaim]) -> dict[int, Decision]:
    """The proposals to revoke these grants that wait for a second person, by the number of the claim."""
    keys = {claim.cause: claim.pk for claim in claims}
    waiting = Decision.objects.filter(kind=REVOCATION, subject__in=keys, state=DecisionState.PROPOSED)
    return {keys[each.subject]: each for each in waiting.select_related("proposer")}


def must_judge(claim: ExclusionClaim, by: Actor) -> None:
    """Raises PermissionDenied unless an auditor acts who did not file the claim."""
    if by.platform_role != PlatformRole.AUDITOR or by.acting_for is not None:
        raise PermissionDenied(_("Only an auditor decides on exclusions."))
    if by.user_id == claim.filed_by_id:
        raise PermissionDenied(_("Nobody decides on a claim of his own."))


def _given(claim: ExclusionClaim, reason: str) -> str:
    if not reason.strip():
        raise RuleBroken(claim.clause, "reason_required", status=422, detail=_("Give the reasons of the decision."))
    return reason.strip()


def _decided(claim: ExclusionClaim, reason: str, *, by: Actor, at: datetime) -> None:
    claim.reason, claim.decided_by, claim.decided_at = reason, by.user, at
    claim.save()


def _choose(
    claim: ExclusionClaim, begins_at: datetime | None, ends_at: datetime | None, duties: Sequence[str] | None
) -> bool:
    """Write down what is granted; True when it is all that was claimed."""
    begin, end_ = begins_at or claim.begins_at, ends_at or claim.ends_at
    named = list(claim.duties if duties is None else duties)
    too_early = begin is None or (claim.begins_at is not None and begin < claim.begins_at)
    too_late = end_ is not None and ((claim.ends_at is not None and end_ > claim.ends_at) or (begin and end_ <= begin))
    if too_early or too_late or not named or not set(named) <= set(claim.duties):
        raise RuleBroken(
            claim.clause, "grant_beyond_claim", status=422,
            detail=_("A grant stays inside the interval and the duties that were claimed."),
        )  # fmt: skip
    claim.granted_begins_at, claim.granted_ends_at, claim.granted_duties = begin, end_, named
    return begin == claim.begins_at and end_ == claim.ends_at and set(named) == set(claim.duties)


def _told(claim: ExclusionClaim) -> dict[str, object]:
    begin, end_ = claim.granted_begins_at, claim.granted_ends_at
    return {
        "reason": claim.reason,
        "duties": claim.granted_duties,
        "begins_at": instant_text(begin) if begin else None,
        "ends_at": instant_text(end_) if end_ else None,
    }


def _exclude(
    appointment: ServiceAppointment, claim: ExclusionClaim, clocks: Clocks, *, by: Actor, at: datetime
) -> None:
    """End the request without anybody's breach; the buyer's no-show is written on its visit.

    A deemed refusal that fell after the claim was filed has never been: the exclusion ends the request in its place.
    """
    fell, ended_at = ending_miss(clocks), at
    if fell is not None and fell.due_at is not None and appointment.state == AppointmentState.DEEMED_REFUSED:
        if not on_time(claim.filed_at, fell.due_at):
            return
        ended_at = fell.due_at
        take_back(clocks, fell, by=by, at=at, because=PAUSE)
    if not appointment.is_open:
        return
    before = claim.excluded_from = appointment.state
    claim.save(update_fields=["excluded_from"])
    visit = claim.visit
    told: dict[str, object] = {"claim": claim.pk, "ground": claim.ground}
    if visit is not None and visit.state == VisitState.PLANNED:
        visit.miss_by_buyer()
        visit.save(update_fields=["state"])
        told["visit"] = visit.number
    appointment.exclude(ended_at, claim.ground)
    end(appointment, clocks, at=ended_at)
    record_change(
        appointment,
        "appointment.excluded",
        clause=claim.clause,
        by=by.with_key(""),
        at=at,
        effective_at=ended_at,
        before=before,
        clocks=clocks,
        detail=told,
    )


def _readmit(appointment: ServiceAppointment, claim: ExclusionClaim, *, by: Actor, at: datetime) -> None:
    """The request goes on where the exclusion ended it, its clocks as if it had never been; not beside a newer one."""
    if is_booked_again(appointment):
        return
    clocks, before, ended_at = Clocks(appointment), appointment.state, appointment.ended_at
    appointment.readmit(claim.excluded_from)
    _restore_visit(appointment, claim)
    restore_visits(appointment)
    if ended_at is not None:
        take_seats_again(appointment, released_at=ended_at)
    for row in [row for row in clocks.rows if _fell_with_the_request(row, ended_at)]:
        clocks.run_again(row)
    if appointment.state == AppointmentState.PROPOSED:
        stand_again(appointment)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["state", "ended_at", "end_reason", "next_due_at"])
    record_change(
        appointment,
        "appointment.readmitted",
        clause=claim.clause,
        by=by.with_key(""),
        at=at,
        before=before,
        clocks=clocks,
    )
    # What was given up or refunded meanwhile ends it after all, as a limit does that has passed.
    apply_since(clocks, ended_at or at, by=by, at=at, because="revoked")
    apply_passed_limit(clocks, by=by, at=at)
    _let_a_late_offer_wait(appointment)


def _let_a_late_offer_wait(appointment: ServiceAppointment) -> None:
    """The refusal is back, and so is the offer that came after it: the buyer may still take it."""
    last = appointment.offers.filter(side="seller").order_by("-id").first()
    if appointment.state != AppointmentState.DEEMED_REFUSED or last is None or not last.is_late:
        return
    if last.state == "void":
        last.stand_again()
        last.save(update_fields=["state"])


def _restore_visit(appointment: ServiceAppointment, claim: ExclusionClaim) -> None:
    """What the exclusion alone had said of the buyer's visit is not said any more; a reported no-show stays one."""
    visit = claim.visit
    if visit is None or visit.state != VisitState.BUYER_NO_SHOW:
        return
    told = events_of(appointment.case.stream).filter(subject=appointment.subject, kind="appointment.excluded").last()
    if told is not None and (told.detail or {}).get("visit") == visit.number:
        visit.restore()
        visit.save(update_fields=["state"])


def _fell_with_the_request(row: Deadline, ended_at: datetime | None) -> bool:
    return row.state == DeadlineState.VOIDED and row.voided_by_id is None and row.ended_at == ended_at
