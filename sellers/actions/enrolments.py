"""Joining and leaving the after-sales programme (1.1, 3.2, 4.3)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sellers.actions.locks import lock_seller, locked
from sellers.actions.marks import end_marks
from sellers.actions.master import must_be_valid
from sellers.applications import Application
from sellers.bars import bar_until, open_again
from sellers.events import record_change
from sellers.models import Enrolment, EnrolmentState, Seller
from sellers.permissions import must, must_say_why, owns, screens
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.record import earlier
from zestech_aftersales.ui.instants import instant_words


def _refuse_barred(seller: Seller, at: datetime) -> None:
    until = bar_until(seller, at)
    if until is not None:
        raise RuleBroken(
            "3.2",
            "barred",
            detail=_("After a clearance the legal entity and its affiliates are barred. Apply again after %(until)s.")
            % {"until": instant_words(until)},
            context={"barred_until": until.isoformat(), "open_again": open_again(until).isoformat()},
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


def _agreed_edition(application: Application, at: datetime) -> RuleEdition:
    """The edition in force, which must be the one that was shown and agreed to."""
    edition = edition_in_force(at)
    if edition.number != application.agreed_edition:
        raise RuleBroken(
            "5.2",
            "edition_changed",
            detail=_("Another edition of the rules is in force meanwhile. Read it and agree to it."),
            context={"edition": edition.number},
        )
    return edition


def _stated(application: Application | None, at: datetime) -> dict[str, Any]:
    """The columns of the enrolment that hold what was stated."""
    if application is None:
        return {}
    missing = application.missing()
    if missing:
        raise RuleBroken(
            "1.1",
            "application_incomplete",
            status=422,
            detail=_("Say what you offer: services, methods, places, charges and whom to ask."),
            context={"missing": missing},
        )
    return {**application.columns(), "agreed_edition": _agreed_edition(application, at)}


@action
def apply(
    seller: Seller, *, by: Actor, at: datetime, application: Application | None = None, statement: str = ""
) -> Enrolment:
    """Apply for the programme; only the seller's owner.

    What the seller states of its service is screened by the platform; an application that states
    nothing (an import) is shown as such. The same command repeated (by.key) returns the same
    application. Errors: RuleBroken `barred` inside the year after a clearance, its last instant
    included (3.2); `already_enrolled`, `application_incomplete`, `edition_changed`, `invalid`.
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
    enrolment = Enrolment(seller=seller, statement=statement.strip(), applied_at=at, **_stated(application, at))
    # Cleaning would assign the state, which only a transition may.
    must_be_valid(enrolment, but=["state"])
    enrolment.save()
    record_change(
        enrolment,
        "enrolment.applied",
        seller_id=seller.pk,
        clause="1.1",
        by=by,
        at=at,
        after={"state": enrolment.state},
        detail={"statement": enrolment.statement, **(asdict(application) if application else {})},
    )
    return enrolment


@action
def activate(enrolment: Enrolment, *, by: Actor, at: datetime, reason: str = "") -> Enrolment:
    """Let the seller take part; support, auditors and administrators.

    Errors: RuleBroken `barred` (a bar covers the application, as it was made or by now), TransitionNotAllowed.
    """
    must(screens(by), by)
    seller = lock_seller(enrolment.seller_id)
    held = locked(Enrolment, enrolment.pk)
    _refuse_barred(seller, held.applied_at)
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
    """Leave the programme: the owner alone, for the platform answers for no seller and clears one by two people.

    The marks end at this instant, each with its own event, so that later orders are not placed
    under them. Covers, clocks and open appointments stay as they are (4.3); no bar follows.
    The same command repeated (by.key) changes nothing more.
    Errors: RuleBroken `reason_missing`, TransitionNotAllowed.
    """
    must(owns(enrolment.seller_id, by), by)
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
