"""A visit that did not take place: reported with evidence by the side that was there (2.3.1, 4.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.messages import put_in_thread
from cases.actions.steps import is_repeat, keep_next_due, refusal_of
from cases.actions.visits import locked_visit
from cases.dates import broken_off_at, buyer_missed_at, seller_missed_at, void_proposals
from cases.deadlines import Clocks, settle_limits
from cases.events import record_change
from cases.models import AppointmentState, Clock, ServiceAppointment, Visit, VisitState
from cases.models.proposal import MISSED_BY
from cases.permissions import must_be_buyer, must_serve
from cases.seats import release_holds
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.photos import Photo
    from zestech_aftersales.accounts.actors import Actor


@action
def report_seller_no_show(
    visit: Visit, evidence: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime
) -> Visit | RuleBroken:
    """The buyer reports that nobody came: the seller has 48 hours from `at` to offer a new date.

    The appointment stays confirmed; the event is what a violation is judged by. Once the 48 hours pass without a
    new date, the seller has missed a duty of 2.3.1, which is a refusal as for every other limit of his: the
    appointment is deemed refused from confirmed, effective at the due instant.
    RuleBroken: evidence_required (422), too_early (409: the agreed window and the grace are not over),
    not_planned (409: the visit was checked in, moved or reported meanwhile). PermissionDenied for anybody but the buyer.
    """
    appointment, visit = locked_visit(visit)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "visit.seller_no_show", by):
        return visit
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        return refusal_of(missed, appointment)
    _must_be_reportable(appointment, visit, evidence, earliest=seller_missed_at(visit), at=at)
    visit.miss_by_seller()
    visit.save(update_fields=["state"])
    _forget_dates(appointment, at=at)
    clocks.start(Clock.NEW_DATE, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, visit, "visit.seller_no_show", evidence, photos, by=by, at=at, clocks=clocks)
    return visit


@action
def report_broken_off(
    visit: Visit, evidence: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime
) -> Visit | RuleBroken:
    """The buyer reports that the engineer left before the work was done: the seller has 48 hours to offer a new date.

    The appointment is confirmed again, and goes on as after a seller's no-show. RuleBroken: evidence_required (422),
    too_early (409: the grace after the check-in is not over), not_under_way (409: the visit was not begun, or was
    reported on). PermissionDenied for anybody but the buyer.
    """
    appointment, visit = locked_visit(visit)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "visit.broken_off", by):
        return visit
    if appointment.state != AppointmentState.IN_SERVICE or visit.state != VisitState.CHECKED_IN:
        raise RuleBroken(
            "2.3.1", "not_under_way", detail=_("This visit is not under way. Reload to see where the case stands.")
        )
    _must_not_be_early(broken_off_at(visit), at=at)
    _must_have_evidence(evidence)
    before, clocks = appointment.state, Clocks(appointment)
    visit.break_off()
    visit.save(update_fields=["state"])
    appointment.serve_again()
    clocks.start(Clock.NEW_DATE, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, visit, "visit.broken_off", evidence, photos, by=by, at=at, clocks=clocks, before=before)
    return visit


@action
def report_buyer_no_show(
    visit: Visit, evidence: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime
) -> Visit | RuleBroken:
    """The seller, or the engineer of this visit, reports that the buyer was not there.

    The appointment stays confirmed and a new date can be agreed on; no clock starts. Whether the buyer's reasons
    exclude the request (4.1.1) is for an auditor to decide on a claim, never for the seller.
    RuleBroken: as for `report_seller_no_show`; one may report from the window's begin and the grace on.
    """
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    if is_repeat(appointment.subject, "visit.buyer_no_show", by):
        return visit
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        return refusal_of(missed, appointment)
    _must_be_reportable(appointment, visit, evidence, earliest=buyer_missed_at(visit), at=at)
    visit.miss_by_buyer()
    visit.save(update_fields=["state"])
    _forget_dates(appointment, at=at)
    _record(appointment, visit, "visit.buyer_no_show", evidence, photos, by=by, at=at)
    return visit


@action
def dispute_no_show(visit: Visit, statement: str, *, photos: Sequence[Photo] = (), by: Actor, at: datetime) -> Visit:
    """The side that is said not to have come, or to have left, says otherwise; it changes nothing until people judge it.

    RuleBroken: evidence_required (422), no_such_no_show (409). PermissionDenied for the side that reported it.
    """
    appointment, visit = locked_visit(visit)
    if visit.state == VisitState.BUYER_NO_SHOW:
        must_be_buyer(appointment, by)
    else:
        must_serve(visit, by)
    if is_repeat(appointment.subject, "visit.no_show_disputed", by):
        return visit
    if visit.state not in MISSED_BY:
        raise RuleBroken("2.3.1", "no_such_no_show", detail=_("Nobody has reported this visit as missed."))
    _must_have_evidence(statement)
    _record(appointment, visit, "visit.no_show_disputed", statement, photos, by=by, at=at)
    return visit


def _must_be_reportable(
    appointment: ServiceAppointment, visit: Visit, evidence: str, *, earliest: datetime | None, at: datetime
) -> None:
    if appointment.state != AppointmentState.CONFIRMED or visit.state != VisitState.PLANNED:
        raise RuleBroken(
            "2.3.1", "not_planned", detail=_("This visit is no longer planned. Reload to see where the case stands.")
        )
    if not visit.has_date:
        raise RuleBroken(
            "2.3.1",
            "date_not_agreed",
            detail=_("No time is agreed for this visit yet, so nobody can have missed it. Propose one."),
        )
    _must_not_be_early(earliest, at=at)
    _must_have_evidence(evidence)


def _must_not_be_early(earliest: datetime | None, *, at: datetime) -> None:
    if earliest is not None and at < earliest:
        raise RuleBroken(
            "2.3.1",
            "too_early",
            detail=_("The agreed time is not over yet, or has only just passed. Wait a little before you report it."),
            context={"earliest": earliest.isoformat()},
        )


def _must_have_evidence(evidence: str) -> None:
    if not evidence.strip():
        raise RuleBroken(
            "2.3.1",
            "evidence_required",
            status=422,
            detail=_("Say what happened: who waited where, from when to when, and who was called."),
            context={"missing": ["evidence"]},
        )


def _forget_dates(appointment: ServiceAppointment, *, at: datetime) -> None:
    """Another date that was proposed for the visit was not agreed on in time."""
    void_proposals(appointment)
    release_holds(appointment, at=at)


def _record(
    appointment: ServiceAppointment,
    visit: Visit,
    kind: str,
    evidence: str,
    photos: Sequence[Photo],
    *,
    by: Actor,
    at: datetime,
    clocks: Clocks | None = None,
    before: str = "",
) -> None:
    message = put_in_thread(appointment.case, evidence, photos, by=by, at=at)
    record_change(
        appointment,
        kind,
        clause="4.1.1" if kind == "visit.buyer_no_show" else "2.3.1",
        by=by,
        at=at,
        before=before or appointment.state,
        clocks=clocks,
        detail={"visit": visit.number, "message": message.pk, "photos": len(photos)},
    )
