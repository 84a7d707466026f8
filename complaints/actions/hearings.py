"""The seller is heard on a violation and may appeal against it: notified by an auditor, answered in time (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints import deadlines, hearing
from complaints.candidates import CLAUSE, told_of
from complaints.events import is_repeat, kept_before, record_change
from complaints.locks import locked_violation
from complaints.models import JudgementClock, Violation, ViolationState
from complaints.permissions import AUDITORS, must_answer_for, must_be, must_say
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

HEARING_OVER = _("The hearing is over; what you wrote is kept as late. Against a confirmation you can appeal.")
APPEAL_OVER = _("The time for an appeal is over; what you wrote is kept as late.")


@action
def notify(violation: Violation, *, finding: str = "", by: Actor, at: datetime) -> Violation:
    """Tell the seller of a candidate: he is heard for 5 natural days from `at`. `finding` replaces the words of it.

    TransitionNotAllowed unless it is a candidate. PermissionDenied for anybody but an auditor. Clause 3.2.
    """
    person = must_be(AUDITORS, by)
    violation = locked_violation(violation)
    if is_repeat(violation, "violation.notified", by):
        return violation
    before = violation.state
    violation.notify(at)
    violation.finding = finding.strip() or violation.finding
    violation.officer = violation.officer or person
    violation.save(update_fields=["state", "notified_at", "finding", "officer"])
    limit = hearing.start(JudgementClock.HEARING, violation, at=at)
    detail = {**told_of(violation), "finding": violation.finding, "limit": limit}
    record_change(violation, "violation.notified", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return violation


@action
def answer(violation: Violation, text: str, *, by: Actor, at: datetime) -> Violation | RuleBroken:
    """The seller is heard; an answer received inside the hearing counts however late it is committed (T10).

    RuleBroken: answer_missing (422), already_answered (409), hearing_over (409, committed: kept as evidence).
    PermissionDenied for anybody but the seller's owner, staff and client.
    """
    violation = locked_violation(violation)
    must_answer_for(violation.seller_id, by)
    if kept_before(violation, f"violation.{JudgementClock.HEARING}_late", by, words=text.strip()):
        raise RuleBroken(CLAUSE, "hearing_over", detail=HEARING_OVER)
    if is_repeat(violation, "violation.answered", by):
        return violation
    said = must_say(text, CLAUSE, "answer_missing")
    limit = deadlines.latest(JudgementClock.HEARING, violation=violation)
    if violation.state != ViolationState.NOTIFIED or limit is None or not deadlines.in_time(limit, at):
        if violation.state == ViolationState.NOTIFIED and violation.answered_at is not None:
            raise _answered()
        return _kept_late(violation, JudgementClock.HEARING, said, "hearing_over", HEARING_OVER, by=by, at=at)
    deadlines.meet(limit, at=at)
    violation.answer, violation.answered_at = said, at
    violation.save(update_fields=["answer", "answered_at"])
    _record(violation, "violation.answered", said, before=violation.state, by=by, at=at)
    return violation


@action
def appeal(violation: Violation, text: str, *, by: Actor, at: datetime) -> Violation | RuleBroken:
    """The seller appeals within 15 natural days of the confirmation; a third person decides.

    RuleBroken: appeal_missing (422), not_confirmed (409), appeal_over (409, committed: kept as evidence).
    PermissionDenied for anybody but the seller's owner, staff and client.
    """
    violation = locked_violation(violation)
    must_answer_for(violation.seller_id, by)
    if kept_before(violation, f"violation.{JudgementClock.APPEAL}_late", by, words=text.strip()):
        raise RuleBroken(CLAUSE, "appeal_over", detail=APPEAL_OVER)
    if is_repeat(violation, "violation.appealed", by):
        return violation
    said = must_say(text, CLAUSE, "appeal_missing")
    if violation.state != ViolationState.CONFIRMED:
        raise RuleBroken(CLAUSE, "not_confirmed", detail=_("Only a confirmed violation can be appealed against, once."))
    limit = deadlines.latest(JudgementClock.APPEAL, violation=violation)
    if limit is None or not deadlines.in_time(limit, at):
        return _kept_late(violation, JudgementClock.APPEAL, said, "appeal_over", APPEAL_OVER, by=by, at=at)
    deadlines.meet(limit, at=at)
    violation.appeal_it(said, at)
    violation.save(update_fields=["state", "appeal", "appealed_at"])
    _record(violation, "violation.appealed", said, before=ViolationState.CONFIRMED, by=by, at=at)
    return violation


def _answered() -> RuleBroken:
    return RuleBroken(CLAUSE, "already_answered", detail=_("You have answered this already. An auditor decides now."))


def _kept_late(
    violation: Violation, clock: JudgementClock, said: str, code: str, detail: str | Promise, *, by: Actor, at: datetime
) -> RuleBroken:
    """The time was over: that is written down first, then the words are kept as late, and refused."""
    hearing.apply_over(violation, clock, by=by, at=at)
    _record(violation, f"violation.{clock}_late", said, before=violation.state, by=by, at=at)
    return RuleBroken(CLAUSE, code, detail=detail)


def _record(violation: Violation, kind: str, said: str, *, before: str, by: Actor, at: datetime) -> None:
    record_change(violation, kind, clause=CLAUSE, by=by, at=at, before=before, detail={"words": said})
