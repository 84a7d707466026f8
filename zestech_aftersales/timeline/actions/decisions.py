"""Four eyes: propose, then approve or decline by another person."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Decision, DecisionState
from zestech_aftersales.timeline.record import record


def put_forward(*, kind: str, subject: str, reason: str, clause: str, by: Actor, at: datetime) -> Decision:
    """Write a proposal and its event, inside the transaction of a higher app's action.

    RuleBroken reason_required (422). PermissionDenied unless platform staff proposes it; whose role may propose what
    is the caller's to check.
    """
    person = _staff(by)
    decision = Decision.objects.create(
        kind=kind, subject=subject, proposer=person, reason=_given(reason, clause), clause=clause, proposed_at=at
    )
    _record(decision, "decision.proposed", before=None, by=by, at=at)
    return decision


def decide(decision: Decision, *, approved: bool, reason: str, by: Actor, at: datetime) -> Decision:
    """Approve or decline under lock and write the event, inside the transaction of a higher app's
    action; return the decision as it is now.

    RuleBroken: reason_required (422) for declining without one, proposal_replaced (409) where `by` has seen another
    proposal than this one. PermissionDenied if the proposer decides; TransitionNotAllowed if it was decided before.
    """
    person, reason = _staff(by), reason if approved else _given(reason, decision.clause)
    if by.proposal not in (None, decision.pk):
        raise RuleBroken(
            "", "proposal_replaced",
            detail=_("What your page showed is not what is proposed now. Read what is below: nothing was decided."),
        )  # fmt: skip
    locked = Decision.objects.select_for_update(of=("self",)).select_related("proposer").get(pk=decision.pk)
    if locked.proposer_id == person.pk:
        raise PermissionDenied(_("You proposed this yourself: another person has to decide."))
    before = locked.state
    if approved:
        locked.approve(person)
    else:
        locked.decline(person)
    locked.decided_at, locked.answer = at, reason
    locked.save(update_fields=["state", "approver", "decided_at", "answer"])
    _record(locked, f"decision.{locked.state}", before=before, by=by, at=at)
    return locked


def _staff(by: Actor) -> User:
    if by.user is None or not by.platform_role:
        raise PermissionDenied(_("Only platform staff may decide this."))
    return by.user


def _given(reason: str, clause: str) -> str:
    if not reason.strip():
        raise RuleBroken(
            clause, "reason_required", status=422, detail=_("Give a reason: it is kept with the decision.")
        )
    return reason.strip()


def _record(decision: Decision, kind: str, *, before: DecisionState | None, by: Actor, at: datetime) -> None:
    record(
        stream=f"decision/{decision.pk}",
        subject=f"decision/{decision.pk}",
        kind=kind,
        clause=decision.clause,
        by=by,
        effective_at=at,
        recorded_at=at,
        before=None if before is None else {"state": before},
        after={"state": decision.state},
        detail={
            "kind": decision.kind,
            "subject": decision.subject,
            "reason": decision.answer if before else decision.reason,
        },
    )
