"""People judge a violation: one who did not open it, and on appeal a third one (3.2). Nothing is judged by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from complaints import deadlines, hearing
from complaints.breaches import breaches_of, why_gone
from complaints.candidates import CLAUSE
from complaints.consequences import after_fall
from complaints.events import is_repeat, record_change
from complaints.locks import locked_violation
from complaints.models import BY_FACT, DismissalCode, JudgementClock, Violation, ViolationState
from complaints.permissions import AUDITORS, must_be, must_be_another, must_say
from complaints.queries.violations import finders_of, may_decide_appeal
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

JUDGED = ["state", "judged_by", "judged_at", "reason", "dismissal"]
DECIDED = ["state", "appeal_decided_by", "appeal_decided_at", "appeal_reason"]


@action
def confirm(violation: Violation, *, reason: str, by: Actor, at: datetime) -> Violation:
    """Confirm the breach; the seller may appeal for 15 natural days from `at`.

    RuleBroken: reason_required (422), hearing_open (409). PermissionDenied for whoever opened or found it and for anybody
    but an auditor; TransitionNotAllowed for one the seller was not notified of.
    """
    person = must_be(AUDITORS, by)
    violation = locked_violation(violation)
    if is_repeat(violation, "violation.confirmed", by):
        return violation
    why = _judged_by(violation, person, reason, by=by, at=at)
    before = violation.state
    violation.confirm(person, why, at)
    violation.save(update_fields=JUDGED)
    limit = hearing.start(JudgementClock.APPEAL, violation, at=at)
    detail = {"reason": why, "limit": limit}
    record_change(violation, "violation.confirmed", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return violation


@action
def dismiss(violation: Violation, *, code: str, reason: str, by: Actor, at: datetime) -> Violation:
    """Dismiss a candidate, or after the hearing a notified one, with what it failed on and the reasons.

    RuleBroken: reason_required, code_unknown (422), hearing_open (409). PermissionDenied as for `confirm`.
    """
    person = must_be(AUDITORS, by)
    violation = locked_violation(violation)
    if is_repeat(violation, "violation.dismissed", by):
        return violation
    if code not in DismissalCode.values or code in BY_FACT:
        raise RuleBroken(CLAUSE, "code_unknown", status=422, detail=_("Say why it counts no longer: choose one."))
    why = _judged_by(violation, person, reason, by=by, at=at)
    before = violation.state
    violation.dismiss(DismissalCode(code), person, why, at)
    violation.save(update_fields=JUDGED)
    deadlines.void_running(at=at, violation=violation)
    detail = {"code": code, "reason": why}
    record_change(violation, "violation.dismissed", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return violation


@action
def uphold(violation: Violation, *, reason: str, by: Actor, at: datetime) -> Violation:
    """Decide the appeal against the seller, as a third person. Errors as of `overturn`."""
    person = must_be(AUDITORS, by)
    violation = locked_violation(violation)
    if is_repeat(violation, "violation.upheld", by):
        return violation
    why = _decided_by(violation, person, reason)
    before = violation.state
    violation.uphold(person, why, at)
    violation.save(update_fields=DECIDED)
    record_change(violation, "violation.upheld", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    return violation


@action
def overturn(violation: Violation, *, reason: str, by: Actor, at: datetime) -> Violation:
    """Decide the appeal for the seller, as a third person; what rests on the violation falls with it at once.

    RuleBroken: reason_required (422). PermissionDenied for whoever opened or judged it; TransitionNotAllowed
    without an appeal.
    """
    person = must_be(AUDITORS, by)
    violation = locked_violation(violation)
    if is_repeat(violation, "violation.overturned", by):
        return violation
    why = _decided_by(violation, person, reason)
    before = violation.state
    violation.overturn(person, why, at)
    violation.groundless_since = None
    violation.save(update_fields=[*DECIDED, "groundless_since"])
    record_change(violation, "violation.overturned", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    after_fall(violation, by=by, at=at)
    return violation


@action
def let_fall(violation: Violation, *, by: Actor, at: datetime) -> Violation:
    """Let a confirmed violation fall whose fact is gone (rescission, a granted excuse): nobody has to decide that.

    Looks at the fact once more; nothing happens where it stands again.
    """
    violation = locked_violation(violation)
    if not violation.stands or violation.groundless_since is None:
        return violation
    found = {} if violation.appointment_id is None else breaches_of([violation.appointment_id])
    code = why_gone([violation], found).get(violation.pk)
    if code is None:
        violation.groundless_since = None
        violation.save(update_fields=["groundless_since"])
        return violation
    before = violation.state
    violation.fall(code, at)
    violation.save(update_fields=["state", "dismissal", "appeal_decided_at", "groundless_since"])
    deadlines.void_running(at=at, violation=violation)
    record_change(violation, "violation.fell", clause=CLAUSE, by=by, at=at, before=before, detail={"code": code})
    after_fall(violation, by=by, at=at)
    return violation


def _judged_by(violation: Violation, person: User, reason: str, *, by: Actor, at: datetime) -> str:
    """The reasons of somebody who may judge now; the end of the hearing is written down first."""
    must_be_another(person, violation.opened_by_id, *finders_of(violation))
    why = must_say(reason, CLAUSE)
    if violation.state == ViolationState.NOTIFIED:
        if not hearing.is_heard(violation, at=at):
            raise RuleBroken(CLAUSE, "hearing_open", detail=_("The seller is still being heard."))
        hearing.apply_over(violation, JudgementClock.HEARING, by=by, at=at)
    return why


def _decided_by(violation: Violation, person: User, reason: str) -> str:
    if not may_decide_appeal(violation, person):
        raise PermissionDenied(_("A third person decides the appeal."))
    return must_say(reason, CLAUSE)
