"""What of the judgement waits for the staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.actions.clearances import CLEARANCE, REVIEW
from complaints.actions.losses import LOSS
from complaints.models import (
    Audit,
    Clearance,
    Complaint,
    JudgementDeadline,
    LossClaim,
    Objection,
    Violation,
)
from complaints.permissions import AUDITORS, FINANCE, STAFF, SUPPORT
from zestech_aftersales.desk.reader import Reader
from zestech_aftersales.desk.waiting import WaitingList


def _since_answered(rows: QuerySet[Any], thing: str, clock: str) -> QuerySet[Any]:
    """The rows with `turn_at`, since when it is the staff's turn: the seller's answer, or the end of the time for it."""
    limit = JudgementDeadline.objects.filter(clock=clock, **{thing: OuterRef("pk")}).order_by("-pk")
    since: QuerySet[Any] = rows.annotate(turn_at=Coalesce("answered_at", Subquery(limit.values("due_at")[:1])))
    return since


def to_judge(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Notified violations whose seller has answered, or whose time to answer is over."""
    hearing = JudgementDeadline.objects.filter(clock="hearing", state="running", violation__isnull=False)
    heard = Q(answered_at__isnull=False) | ~Q(pk__in=hearing.values("violation"))
    return _since_answered(rows.filter(heard, state="notified"), "violation", "hearing")


def to_close(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Audits whose seller has answered the findings, or whose time to answer is over."""
    hearing = JudgementDeadline.objects.filter(clock="hearing", state="running", audit__isnull=False)
    heard = Q(answered_at__isnull=False) | ~Q(pk__in=hearing.values("audit"))
    return _since_answered(rows.filter(heard, state="open", notified_at__isnull=False), "audit", "hearing")


def to_look_through(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Open audits whose seller was told of no findings yet."""
    return rows.filter(state="open", notified_at=None)


def objected(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Complaints whose determination is objected to, with the instant since when as `objected_at`."""
    objection = Objection.objects.filter(determination__complaint=OuterRef("pk"))
    found: QuerySet[Any] = rows.filter(state="objected").annotate(
        objected_at=Subquery(objection.values("received_at")[:1])
    )
    return found


def to_settle(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Losses that the seller accepts, or did not contest in time, and adjusted ones: to be made final."""
    found = rows.filter(state__in=["accepted", "uncontested", "adjusted"])
    return _since_answered(found, "loss_claim", "loss_answer")


def to_pay_back(rows: QuerySet[Any], _reader: Reader) -> QuerySet[Any]:
    """Losses that a seller had paid for a breach that counts no longer."""
    return rows.filter(state="withdrawn", is_owed_back=True)


def _in(
    name: str, label: str | Promise, model: type[Model], roles: Sequence[str], state: str, since: str
) -> WaitingList:
    """The rows of one state."""
    return WaitingList(name, label, model, roles, lambda rows, _reader: rows.filter(state=state), since)


def _mine(name: str, label: str | Promise, model: type[Model], states: Sequence[str], since: str) -> WaitingList:
    """What is assigned to the reader and is not over."""
    return WaitingList(
        name,
        label,
        model,
        STAFF,
        lambda rows, reader: rows.filter(officer=reader.user.pk, state__in=states),
        since,
        is_own=True,
    )


# Whose role decides what a colleague has proposed.
SIGNERS = {CLEARANCE: AUDITORS, REVIEW: AUDITORS, LOSS: (*FINANCE, *AUDITORS)}
OPEN = {
    Violation: ("candidate", "notified", "appealed"),
    Complaint: ("filed", "negotiating", "escalated", "evidence", "determined", "objected"),
    Audit: ("open",),
}

LISTS = (
    _mine("my-complaints", _("Complaints assigned to me"), Complaint, OPEN[Complaint], "filed_at"),
    _mine("my-violations", _("Violations assigned to me"), Violation, OPEN[Violation], "opened_at"),
    _mine("my-audits", _("Audits assigned to me"), Audit, OPEN[Audit], "opened_at"),
    _in("escalated", _("Escalated complaints to determine"), Complaint, SUPPORT, "escalated", "escalated_at"),
    _in("evidence", _("Complaints with evidence asked for"), Complaint, SUPPORT, "evidence", "escalated_at"),
    WaitingList("objections", _("Objections to review"), Complaint, SUPPORT, objected, "objected_at"),
    _in("candidates", _("Violations to notify or dismiss"), Violation, AUDITORS, "candidate", "opened_at"),
    WaitingList("to-judge", _("Violations to judge"), Violation, AUDITORS, to_judge, "turn_at"),
    _in("appeals", _("Appeals against violations"), Violation, AUDITORS, "appealed", "appealed_at"),
    WaitingList("audits", _("Audits to look through"), Audit, AUDITORS, to_look_through, "opened_at"),
    WaitingList("audits-heard", _("Audits to close"), Audit, AUDITORS, to_close, "turn_at"),
    _in("reviews", _("Clearances to review"), Clearance, AUDITORS, "under_review", "review_since"),
    _in("loss-drafts", _("Drafts of loss claims"), LossClaim, FINANCE, "draft", "drafted_at"),
    _in("loss-contested", _("Contested loss claims"), LossClaim, (*FINANCE, *AUDITORS), "contested", "answered_at"),
    WaitingList(
        "loss-answered", _("Answered losses to settle"), LossClaim, (*FINANCE, *AUDITORS), to_settle, "turn_at"
    ),
    WaitingList("loss-owed-back", _("Losses to pay back"), LossClaim, FINANCE, to_pay_back, "ended_at"),
    _in("loss-final", _("Losses to recover or write off"), LossClaim, FINANCE, "final", "settled_at"),
)
