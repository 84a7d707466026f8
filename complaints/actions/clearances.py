"""Clearing a seller: one auditor proposes, another approves or declines, and both review it when its ground shrinks (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from complaints import clearing
from complaints.clearing import CLAUSE
from complaints.events import is_repeat, record_change
from complaints.locks import locked_clearance
from complaints.models import OPEN_CLEARANCES, Clearance, ClearanceState, ReviewOutcome, Violation
from complaints.permissions import AUDITORS, must_be, must_say
from complaints.queries.clearances import may_review
from sellers.actions.locks import lock_seller, locked
from sellers.bars import bar_end
from sellers.models import Enrolment, EnrolmentState
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

CLEARANCE, REVIEW = "clearance", "clearance_review"


@action
def propose_clearance(
    enrolment: Enrolment, *, violations: Iterable[Violation], reason: str, by: Actor, at: datetime
) -> Clearance:
    """Propose to clear a seller for standing violations; nothing changes before another auditor approves.

    An active enrolment, or one withdrawn while an audit ran. The same command repeated (by.key) returns the same.
    RuleBroken: reason_required, violations_missing, violation_not_standing, violation_of_another (422),
    not_clearable, already_proposed (409). PermissionDenied for anybody but an auditor.
    """
    must_be(AUDITORS, by)
    seller = lock_seller(enrolment.seller_id)
    written = earlier(by)
    if written is not None and written.kind == "clearance.proposed":
        return Clearance.objects.get(pk=int(written.subject.partition("/")[2]))
    why = must_say(reason, CLAUSE)
    held = locked(Enrolment, enrolment.pk)
    cited = _citable([each.pk for each in violations], seller.pk)
    if not clearing.can_be_cleared(held):
        raise _not_clearable()
    if Clearance.objects.filter(enrolment=held, state__in=OPEN_CLEARANCES).exists():
        raise RuleBroken(CLAUSE, "already_proposed", detail=_("A clearance of this enrolment is in hand."))
    decision = put_forward(
        kind=CLEARANCE, subject=f"enrolment/{held.pk}", reason=why, clause=CLAUSE, by=by.with_key(""), at=at
    )
    clearance = Clearance.objects.create(
        seller=seller, enrolment=held, reason=why, decision=decision, proposed_at=at, state=ClearanceState.PROPOSED
    )
    clearance.violations.set(cited)
    detail = {"reason": why, "violations": [each.pk for each in cited], "enrolment": held.pk}
    record_change(clearance, "clearance.proposed", clause=CLAUSE, by=by, at=at, before="", detail=detail)
    return clearance


@action
def approve_clearance(clearance: Clearance, *, reason: str, by: Actor, at: datetime) -> Clearance:
    """Approve as a second auditor: enrolment cleared and marks ended at once, the bar begins, in one transaction.

    Clocks, covers and open appointments go on unchanged (4.3). RuleBroken: reason_required (422), ground_changed,
    not_clearable, affiliates_changed (409). PermissionDenied for the proposer and for anybody but an auditor;
    TransitionNotAllowed once it was decided.
    """
    must_be(AUDITORS, by)
    clearance = locked_clearance(clearance, at)
    if is_repeat(clearance, "clearance.in_force", by):
        return clearance
    why = must_say(reason, CLAUSE)
    if clearance.state == ClearanceState.PROPOSED:
        _must_still_hold(clearance)
    before = clearance.state
    clearance.enter_into_force(at)
    decide(clearance.decision, approved=True, reason=why, by=by.with_key(""), at=at)
    clearance.save(update_fields=["state", "cleared_at"])
    effects = clearing.take_effect(clearance, reason=clearance.reason, by=by, at=at)
    detail = {
        "reason": why,
        "violations": sorted(clearance.violations.values_list("pk", flat=True)),
        "enrolments": [each.enrolment_id for each in effects if each.state_before != EnrolmentState.APPLIED],
        "bar_ends_at": bar_end(at),
    }
    record_change(clearance, "clearance.in_force", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return clearance


@action
def decline_clearance(clearance: Clearance, *, reason: str, by: Actor, at: datetime) -> Clearance:
    """Decline as a second auditor; the seller stays as it is. Errors as of `approve_clearance`."""
    must_be(AUDITORS, by)
    clearance = locked_clearance(clearance, at)
    if is_repeat(clearance, "clearance.declined", by):
        return clearance
    why = must_say(reason, CLAUSE)
    before = clearance.state
    clearance.decline()
    decide(clearance.decision, approved=False, reason=why, by=by.with_key(""), at=at)
    clearance.save(update_fields=["state"])
    record_change(clearance, "clearance.declined", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    return clearance


@action
def propose_outcome(
    clearance: Clearance, *, outcome: ReviewOutcome | str, reason: str, by: Actor, at: datetime
) -> Clearance:
    """In a review, propose as one of its two auditors that it stands or is lifted; the other one has to agree.

    RuleBroken: reason_required, outcome_unknown (422), not_under_review, already_proposed (409). PermissionDenied
    for anybody but its two auditors (or who stands in for one that is no auditor any more).
    """
    must_be(AUDITORS, by)
    clearance = locked_clearance(clearance, at)
    if is_repeat(clearance, "clearance.review_proposed", by):
        return clearance
    _must_review(clearance, by)
    why = must_say(reason, CLAUSE)
    if outcome not in ReviewOutcome.values:
        raise RuleBroken(CLAUSE, "outcome_unknown", status=422, detail=_("Say whether it stands or is lifted."))
    if clearance.review_outcome:
        raise RuleBroken(CLAUSE, "already_proposed", detail=_("An outcome is proposed: agree to it or disagree first."))
    clearance.review_outcome = ReviewOutcome(outcome)
    clearance.review_decision = put_forward(
        kind=REVIEW, subject=clearance.subject, reason=why, clause=CLAUSE, by=by.with_key(""), at=at
    )
    clearance.save(update_fields=["review_outcome", "review_decision"])
    standing = len(clearing.cited_in_standing(clearance))
    detail = {"outcome": clearance.review_outcome, "reason": why, "standing": standing}
    record_change(
        clearance, "clearance.review_proposed", clause=CLAUSE, by=by, at=at, before=clearance.state, detail=detail
    )
    return clearance


@action
def answer_outcome(clearance: Clearance, *, agreed: bool, reason: str, by: Actor, at: datetime) -> Clearance:
    """Agree to the outcome that the other auditor proposed, or disagree, which leaves the review open.

    RuleBroken: reason_required (422), not_under_review, nothing_proposed, ground_changed (409). PermissionDenied for whoever
    proposed it and for anybody but its two auditors.
    """
    must_be(AUDITORS, by)
    clearance = locked_clearance(clearance, at)
    if by.key and earlier(by) is not None:
        return clearance
    _must_review(clearance, by)
    why = must_say(reason, CLAUSE)
    if not clearance.review_outcome or clearance.review_decision is None:
        raise RuleBroken(CLAUSE, "nothing_proposed", detail=_("Nobody has proposed an outcome yet."))
    if agreed:
        _must_be_as_proposed(clearance)
    decide(clearance.review_decision, approved=agreed, reason=why, by=by.with_key(""), at=at)
    outcome, before = clearance.review_outcome, clearance.state
    if agreed and outcome == ReviewOutcome.LIFTED:
        clearing.lift(clearance, because=why, by=by, at=at)
        return clearance
    clearance.review_outcome = ""
    if agreed:
        clearance.stand()
    clearance.save(update_fields=["state", "review_outcome", "review_since"])
    kind = "clearance.stands" if agreed else "clearance.review_disagreed"
    record_change(clearance, kind, clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    return clearance


def _citable(keys: list[int], seller_id: int) -> list[Violation]:
    """The violations under their locks, all standing and all of the seller."""
    rows = Violation.objects.select_for_update(of=("self",), no_key=True)
    cited = list(rows.filter(pk__in=keys).order_by("pk"))
    if not cited:
        raise RuleBroken(CLAUSE, "violations_missing", status=422, detail=_("Cite at least one violation."))
    if any(each.seller_id != seller_id for each in cited):
        raise RuleBroken(CLAUSE, "violation_of_another", status=422, detail=_("A violation is another seller’s."))
    if not all(each.stands and each.groundless_since is None for each in cited):
        raise RuleBroken(
            CLAUSE, "violation_not_standing", status=422, detail=_("Only confirmed violations that stand are cited.")
        )
    return cited


def _must_still_hold(clearance: Clearance) -> None:
    """What two people are to sign is still so: every violation cited stands, and there is something to clear."""
    if len(clearing.cited_in_standing(clearance)) < clearance.violations.count():
        raise RuleBroken(
            CLAUSE, "ground_changed", detail=_("A cited violation stands no longer: decline, and propose it anew.")
        )
    enrolment = clearance.enrolment
    left_meanwhile = enrolment.left_at is not None and enrolment.left_at >= clearance.proposed_at
    if not ((enrolment.state == EnrolmentState.WITHDRAWN and left_meanwhile) or clearing.can_be_cleared(enrolment)):
        raise _not_clearable()


def _must_be_as_proposed(clearance: Clearance) -> None:
    """RuleBroken `ground_changed` where another of the cited violations has fallen since the outcome was proposed."""
    told = Event.objects.filter(stream=clearance.subject, kind="clearance.review_proposed").latest("id").detail or {}
    if told.get("standing") != len(clearing.cited_in_standing(clearance)):
        raise RuleBroken(
            CLAUSE, "ground_changed", detail=_("A cited violation stands no longer: disagree, and propose it anew.")
        )


def _not_clearable() -> RuleBroken:
    return RuleBroken(
        CLAUSE,
        "not_clearable",
        detail=_("Only a seller that takes part, or left while an audit was running, can be cleared."),
    )


def _must_review(clearance: Clearance, by: Actor) -> None:
    if clearance.state != ClearanceState.UNDER_REVIEW:
        raise RuleBroken(CLAUSE, "not_under_review", detail=_("This clearance is not under review."))
    if by.user is None or not may_review(clearance, by.user):
        raise PermissionDenied(_("The two auditors who decided on a clearance review it."))
