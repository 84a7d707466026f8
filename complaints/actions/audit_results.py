"""The seller is heard on the provisional findings of an audit; then it ends with a result (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.models import ServiceAppointment
from complaints import audit_hearing, deadlines
from complaints.breaches import Breach, breaches_of
from complaints.candidates import CLAUSE
from complaints.checklist import ended_or_received
from complaints.events import is_repeat, kept_before, record_change
from complaints.locks import locked_audit
from complaints.models import Audit, AuditItem, AuditState, BreachKind, ItemVerdict, Violation
from complaints.opening import open_violation
from complaints.permissions import AUDITORS, must_answer_for, must_be, must_say
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

CLOSED = ["state", "closed_by", "closed_at", "result"]


@action
def notify(audit: Audit, *, by: Actor, at: datetime) -> Audit:
    """Tell the seller of the provisional findings: he is heard for 5 natural days from `at`.

    RuleBroken: items_open, nothing_found, findings_told, audit_closed (409). PermissionDenied for anybody but an
    auditor. Clause 3.2.
    """
    person = must_be(AUDITORS, by)
    audit = locked_audit(audit)
    if is_repeat(audit, "audit.notified", by):
        return audit
    breaches = _looked_through(audit)
    if not breaches:
        raise RuleBroken(CLAUSE, "nothing_found", detail=_("No breach was found: close the audit without a finding."))
    if audit.notified_at is not None:
        raise RuleBroken(CLAUSE, "findings_told", detail=_("The seller was told of the findings already."))
    audit.notified_at, audit.officer = at, audit.officer or person
    audit.save(update_fields=["notified_at", "officer"])
    detail = {
        "limit": audit_hearing.start(audit, at=at),
        "findings": [{"item": item.pk, "clause": item.clause, "note": item.note} for item in breaches],
    }
    record_change(audit, "audit.notified", clause=CLAUSE, by=by, at=at, before=audit.state, detail=detail)
    return audit


@action
def answer(audit: Audit, text: str, *, by: Actor, at: datetime) -> Audit | RuleBroken:
    """The seller is heard; an answer received inside the hearing counts however late it is committed (T10).

    RuleBroken: answer_missing (422), not_asked, already_answered (409), hearing_over (409, committed: kept as
    evidence). PermissionDenied for anybody but the seller's owner, staff and client.
    """
    audit = locked_audit(audit)
    must_answer_for(audit.seller_id, by)
    if kept_before(audit, "audit.hearing_late", by, words=text.strip()):
        raise _hearing_over()
    if is_repeat(audit, "audit.answered", by):
        return audit
    said = must_say(text, CLAUSE, "answer_missing")
    limit = audit_hearing.limit_of(audit)
    if limit is None:
        raise RuleBroken(CLAUSE, "not_asked", detail=_("There are no findings to answer yet."))
    if audit.answered_at is not None:
        raise RuleBroken(
            CLAUSE, "already_answered", detail=_("You have answered this already. An auditor decides now.")
        )
    if audit.state != AuditState.OPEN or not deadlines.in_time(limit, at):
        audit_hearing.apply_over(audit, by=by, at=at)
        _record(audit, "audit.hearing_late", said, by=by, at=at)
        return _hearing_over()
    deadlines.meet(limit, at=at)
    audit.answer, audit.answered_at = said, at
    audit.save(update_fields=["answer", "answered_at"])
    _record(audit, "audit.answered", said, by=by, at=at)
    return audit


@action
def close_clean(audit: Audit, *, reason: str, by: Actor, at: datetime) -> Audit:
    """End an audit without a finding; a hearing that still runs has nothing left to be about.

    RuleBroken: reason_required (422), items_open, breaches_found, audit_closed (409). PermissionDenied for anybody
    but an auditor.
    """
    person = must_be(AUDITORS, by)
    audit = locked_audit(audit)
    if is_repeat(audit, "audit.no_finding", by):
        return audit
    why = must_say(reason, CLAUSE)
    if _looked_through(audit):
        raise RuleBroken(CLAUSE, "breaches_found", detail=_("Breaches were found: hear the seller on them."))
    audit_hearing.apply_over(audit, by=by, at=at)
    deadlines.void_running(at=at, audit=audit)
    before = audit.state
    audit.close_clean(person, why, at)
    audit.save(update_fields=CLOSED)
    record_change(audit, "audit.no_finding", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": why})
    return audit


@action
def close_with_findings(audit: Audit, *, reason: str, by: Actor, at: datetime) -> Audit:
    """End an audit with its findings: each opens a violation, or stands behind the one there is of the same breach.

    Whoever closes has opened them, so another auditor judges. RuleBroken: reason_required (422), items_open,
    nothing_found, not_notified, hearing_open, found_by_another, fact_gone, audit_closed (409). PermissionDenied for
    anybody but an auditor.
    """
    person = must_be(AUDITORS, by)
    audit = locked_audit(audit)
    if is_repeat(audit, "audit.findings", by):
        return audit
    why = must_say(reason, CLAUSE)
    breaches = _looked_through(audit)
    _must_be_ripe(audit, breaches, person, at=at)
    audit_hearing.apply_over(audit, by=by, at=at)
    facts = breaches_of({item.appointment_id for item in breaches if item.appointment_id is not None})
    opened = [_opened(audit, item, facts, person, by=by, at=at) for item in breaches]
    before = audit.state
    audit.close_with_findings(person, why, at)
    audit.save(update_fields=CLOSED)
    detail = {"reason": why, "violations": [violation.pk for violation in opened]}
    record_change(audit, "audit.findings", clause=CLAUSE, by=by, at=at, before=before, detail=detail)
    return audit


def _looked_through(audit: Audit) -> list[AuditItem]:
    """The lines that show a breach, once every line was looked at."""
    if audit.state != AuditState.OPEN:
        raise RuleBroken(CLAUSE, "audit_closed", detail=_("The audit is closed; its result stays as it is."))
    items = list(audit.items.select_related("appointment", "audit__draw").order_by("pk"))
    # A seller without a single request leaves nothing to look at: his audit ends all the same.
    is_unlooked = not items and ServiceAppointment.objects.filter(seller=audit.seller_id).exists()
    if is_unlooked or any(item.verdict == ItemVerdict.OPEN for item in items):
        raise RuleBroken(CLAUSE, "items_open", detail=_("Look at every line of the checklist first."))
    return [item for item in items if item.verdict == ItemVerdict.BREACH]


def _must_be_ripe(audit: Audit, breaches: list[AuditItem], person: User, *, at: datetime) -> None:
    if not breaches:
        raise RuleBroken(CLAUSE, "nothing_found", detail=_("No breach was found: close the audit without a finding."))
    if audit.notified_at is None:
        raise RuleBroken(CLAUSE, "not_notified", detail=_("Tell the seller of the findings first: he is heard."))
    if not audit_hearing.is_heard(audit, at=at):
        raise RuleBroken(CLAUSE, "hearing_open", detail=_("The seller is still being heard."))
    if any(item.found_by_id != person.pk for item in breaches):
        # Whoever found a breach and whoever opened it would be two, and one of them could judge it.
        detail = _("Another auditor found a breach: look at those lines yourself and say what they show.")
        raise RuleBroken(CLAUSE, "found_by_another", detail=detail)


def _opened(
    audit: Audit, item: AuditItem, facts: dict[str, Breach], person: User, *, by: Actor, at: datetime
) -> Violation:
    """The violation of a finding: of the fact of the case where there is one, else of what was looked at."""
    if item.fact and not (item.fact in facts and facts[item.fact].is_fact):
        detail = _("“%(line)s” rests on what no longer holds in the case: look at the line again.") % {"line": item}
        raise RuleBroken(CLAUSE, "fact_gone", detail=detail)
    violation = open_violation(
        seller=audit.seller,
        kind=facts[item.fact].kind if item.fact else BreachKind.AUDIT,
        clause=item.clause,
        breach=item.breach,
        occurred_at=facts[item.fact].occurred_at if item.fact else item.occurred_at or ended_or_received(item),
        finding=item.note,
        person=person,
        by=by,
        at=at,
        appointment=item.appointment,
    )
    item.violation = violation
    item.save(update_fields=["violation"])
    return violation


def _record(audit: Audit, kind: str, said: str, *, by: Actor, at: datetime) -> None:
    record_change(audit, kind, clause=CLAUSE, by=by, at=at, before=audit.state, detail={"words": said})


def _hearing_over() -> RuleBroken:
    detail = _("The hearing is over; what you wrote is kept as late. You are heard again on each violation.")
    return RuleBroken(CLAUSE, "hearing_over", detail=detail)
