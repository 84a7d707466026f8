"""Joining and leaving the after-sales programme (1.1, 3.2, 4.3)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from sellers import queries
from sellers.actions.locks import lock_seller, locked
from sellers.actions.marks import end_marks
from sellers.events import record_change
from sellers.models import Enrolment, EnrolmentState, Seller
from sellers.permissions import must, must_say_why, owns, screens
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import earlier


def _refuse_barred(seller: Seller, at: datetime) -> None:
    until = queries.bar_until(seller)
    if until is not None and on_time(at, until):
        raise RuleBroken(
            "3.2",
            "barred",
            detail=_("Within one year of a clearance no application is accepted. Apply again after %(until)s.")
            % {"until": until.isoformat()},
            context={"barred_until": until.isoformat()},
        )


def _step(enrolment: Enrolment, kind: str, clause: str, before: str, reason: str, by: Actor, at: datetime) -> None:
    enrolment.reason = reason
    enrolment.save(update_fields=["state", "reason", "decided_at", "left_at", "cleared_at"])
    record_change(
        enrolment,
        kind,
        seller_id=enrolment.seller_id,
        clause=clause,
        by=by,
        at=at,
        before={"state": before},
        after={"state": enrolment.state},
        detail={"reason": reason} if reason else None,
    )


@action
def apply(seller: Seller, *, by: Actor, at: datetime, statement: str = "") -> Enrolment:
    """Apply for the programme; only the seller's owner.

    The same command repeated (by.key) returns the same application. Errors: RuleBroken `barred`
    inside the year after a clearance, its last instant included (3.2); `already_enrolled`.
    """
    must(owns(seller.pk, by), by)
    lock_seller(seller.pk)
    written = earlier(by)
    if written is not None and written.kind == "enrolment.applied":
        return Enrolment.objects.get(pk=int(written.subject.partition("/")[2]))
    if Enrolment.objects.filter(seller=seller, state__in=[EnrolmentState.APPLIED, EnrolmentState.ACTIVE]).exists():
        raise RuleBroken(
            "1.1", "already_enrolled", detail=_("An application is in hand or the seller already takes part.")
        )
    _refuse_barred(seller, at)
    enrolment = Enrolment(seller=seller, statement=statement.strip(), applied_at=at)
    enrolment.save()
    record_change(
        enrolment,
        "enrolment.applied",
        seller_id=seller.pk,
        clause="1.1",
        by=by,
        at=at,
        after={"state": enrolment.state},
        detail={"statement": enrolment.statement},
    )
    return enrolment


@action
def activate(enrolment: Enrolment, *, by: Actor, at: datetime, reason: str = "") -> Enrolment:
    """Let the seller take part; support, auditors and administrators.

    Errors: RuleBroken `barred` (no active enrolment while a bar covers it), TransitionNotAllowed.
    """
    must(screens(by), by)
    seller = lock_seller(enrolment.seller_id)
    held = locked(Enrolment, enrolment.pk)
    _refuse_barred(seller, at)
    before = held.state
    held.activate(at)
    _step(held, "enrolment.activated", "1.1", before, reason.strip(), by, at)
    return held


@action
def reject(enrolment: Enrolment, *, by: Actor, at: datetime, reason: str) -> Enrolment:
    """Turn an application down, with the reason; support, auditors and administrators.

    Errors: RuleBroken `reason_missing`, TransitionNotAllowed.
    """
    must(screens(by), by)
    why = must_say_why(reason)
    lock_seller(enrolment.seller_id)
    held = locked(Enrolment, enrolment.pk)
    before = held.state
    held.reject(at)
    _step(held, "enrolment.rejected", "1.1", before, why, by, at)
    return held


@action
def withdraw(enrolment: Enrolment, *, by: Actor, at: datetime, reason: str) -> Enrolment:
    """Leave the programme: the owner, or platform staff on the owner's request.

    The marks end at this instant, each with its own event, so that later orders are not placed
    under them. Covers, clocks and open appointments stay as they are (4.3); no bar follows.
    The same command repeated (by.key) changes nothing more.
    Errors: RuleBroken `reason_missing`, TransitionNotAllowed.
    """
    must(owns(enrolment.seller_id, by) or screens(by), by)
    why = must_say_why(reason)
    lock_seller(enrolment.seller_id)
    held = locked(Enrolment, enrolment.pk)
    written = earlier(by)
    if written is not None and written.kind == "enrolment.withdrawn":
        return held
    before = held.state
    held.withdraw(at)
    _step(held, "enrolment.withdrawn", "4.3", before, why, by, at)
    end_marks(enrolment.seller_id, reason=_("The seller has left the programme."), by=by.with_key(""), at=at)
    return held
