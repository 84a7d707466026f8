"""An audit is opened for a reason and looked through line by line (3.2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cases.events import instant_text
from complaints.actions.samples import freeze, look_at
from complaints.candidates import CLAUSE
from complaints.checklist import ended_or_received
from complaints.events import is_repeat, record_change
from complaints.locks import locked_audit
from complaints.models import Audit, AuditItem, AuditPart, AuditState, ItemVerdict
from complaints.permissions import AUDITORS, must_be, must_say
from sellers.actions.locks import lock_seller
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from cases.models import ServiceAppointment
    from sellers.models import Seller
    from zestech_aftersales.accounts.actors import Actor

FOUND = ["verdict", "note", "found_by", "found_at", "occurred_at"]


@action
def open_audit(seller: Seller, *, cause: str, by: Actor, at: datetime) -> Audit:
    """Audit one seller for a reason; cases of this month and the one before are frozen at once.

    RuleBroken: reason_required (422). PermissionDenied for anybody but an auditor. Clause 3.2.
    """
    person = must_be(AUDITORS, by)
    why = must_say(cause, CLAUSE)
    seller = lock_seller(seller.pk)
    if (event := earlier(by)) is not None:
        return _opened_before(event.kind, event.subject)
    audit = Audit.objects.create(
        seller=seller, part=AuditPart.CAUSE, cause=why, opened_at=at, opened_by=person, officer=person
    )
    detail = {"part": str(audit.part), "reason": why}
    record_change(audit, "audit.opened", clause=CLAUSE, by=by, at=at, before="", detail=detail)
    freeze(audit, by=by.with_key(""), at=at)
    return audit


@action
def add_case(audit: Audit, appointment: ServiceAppointment, *, by: Actor, at: datetime) -> Audit:
    """Look at one more appointment of the seller, as it stands at `at`.

    RuleBroken: audit_closed, findings_told (409), case_of_another (422), case_looked_at (409). PermissionDenied for
    anybody but an auditor.
    """
    must_be(AUDITORS, by)
    audit = locked_audit(audit)
    if is_repeat(audit, "audit.frozen", by):
        return audit
    must_be_open(audit)
    if audit.notified_at is not None:
        raise RuleBroken(CLAUSE, "findings_told", detail=_("The seller was told of the findings: open another audit."))
    if appointment.seller_id != audit.seller_id:
        raise RuleBroken(CLAUSE, "case_of_another", status=422, detail=_("This is a case of another seller."))
    if audit.items.filter(appointment=appointment.pk).exists():
        raise RuleBroken(CLAUSE, "case_looked_at", detail=_("This case is on the checklist already."))
    look_at(audit, appointment, by=by, at=at)
    return audit


@action
def find(
    item: AuditItem, *, verdict: str, note: str = "", occurred_at: datetime | None = None, by: Actor, at: datetime
) -> AuditItem:
    """Say what a line shows: in order, a breach (with the note that the seller reads), or that it does not apply.

    `occurred_at` says when a breach took effect that no fact of the case dates; without it the end of what was looked
    at counts. RuleBroken: finding_unknown, finding_missing, occurred_at_invalid (422: after the evidence was frozen),
    audit_closed (409), not_heard_on (409: a new breach, or another one than the seller was told of).
    PermissionDenied for anybody but an auditor.
    """
    person = must_be(AUDITORS, by)
    audit = locked_audit(item.audit)
    item = AuditItem.objects.select_related("audit").get(pk=item.pk)
    if is_repeat(audit, "audit.found", by):
        return item
    must_be_open(audit)
    if verdict not in ItemVerdict.values or verdict == ItemVerdict.OPEN:
        raise RuleBroken(CLAUSE, "finding_unknown", status=422, detail=_("Say what the line shows: choose one."))
    said = must_say(note, CLAUSE, "finding_missing") if verdict == ItemVerdict.BREACH else note.strip()
    since = _dated(item, occurred_at) if verdict == ItemVerdict.BREACH else None
    is_another = verdict == ItemVerdict.BREACH and (
        item.verdict != ItemVerdict.BREACH or (said, since) != (item.note, item.occurred_at)
    )
    if is_another and audit.notified_at is not None:
        detail = _("The seller was told of the findings and is not heard on this one: open another audit.")
        raise RuleBroken(CLAUSE, "not_heard_on", detail=detail)
    item.verdict, item.note, item.found_by, item.found_at, item.occurred_at = verdict, said, person, at, since
    item.save(update_fields=FOUND)
    told = {"item": item.pk, "item_clause": item.clause, "verdict": verdict, "note": said}
    if since is not None:
        told["occurred_at"] = instant_text(since)
    record_change(audit, "audit.found", clause=CLAUSE, by=by, at=at, before=audit.state, detail=told)
    return item


def _dated(item: AuditItem, occurred_at: datetime | None) -> datetime | None:
    """When a breach took effect; None where a fact of the case says so."""
    if item.fact:
        return None
    if occurred_at is None:
        return item.occurred_at or ended_or_received(item)
    if occurred_at > item.frozen_at:
        detail = _("A breach took effect before its evidence was frozen, not after.")
        raise RuleBroken(CLAUSE, "occurred_at_invalid", status=422, detail=detail)
    return occurred_at


def must_be_open(audit: Audit) -> None:
    """RuleBroken `audit_closed` for one that has its result."""
    if audit.state != AuditState.OPEN:
        raise RuleBroken(CLAUSE, "audit_closed", detail=_("The audit is closed; its result stays as it is."))


def _opened_before(kind: str, subject: str) -> Audit:
    if kind != "audit.opened":
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return Audit.objects.get(pk=int(subject.removeprefix("audit/")))
