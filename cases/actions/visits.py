"""Visits: planned by the confirmation, checked in, done with a report (3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cases.actions.bookings import store_photos
from cases.actions.parts import fields_of
from cases.actions.sign_offs import await_sign_off
from cases.actions.steps import hold_case, is_repeat, keep_next_due, locked
from cases.dates import check_in_opens_at, put_forward, void_proposals
from cases.deadlines import Clocks
from cases.disclosures import counting, has_disclosure, incomplete
from cases.events import record_change
from cases.models import Clock, ServiceAppointment, Side, UsedPart, Visit
from cases.models.disclosure import ITEMS
from cases.parts import must_be_whole, spent, untold
from cases.permissions import must_serve
from cases.planning import must_be_open, must_fit
from cases.queries import agreed_offer
from cases.seats import hold_windows, release_holds
from cases.terms import ReportDetails, Window
from cases.units import hold_cover, put_in_place
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


REPORTED_AS_MISSED = ("visit.seller_no_show", "visit.buyer_no_show")


@action
def check_in(visit: Visit, *, by: Actor, at: datetime) -> Visit:
    """The service begins; blocked until the four items of 3.1 were given.

    Not before CHECK_IN_HOURS_BEFORE the agreed time; where no time is agreed yet, whenever the two sides meet.
    A check-in received before a no-show was reported counts, also where it is committed after the report (T9): the
    visit was begun, and the limit that the report started is void.
    RuleBroken: too_early (409), disclosure_incomplete (422). PermissionDenied for anybody but the seller and the
    visit's engineer.
    """
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    if is_repeat(appointment.subject, "appointment.checked_in", by):
        return visit
    if not has_disclosure(appointment, at=at):
        raise incomplete(list(ITEMS))
    _must_be_near(visit, at=at)
    before, clocks = appointment.state, Clocks(appointment)
    if _was_reported_later(appointment, visit, at=at):
        visit.restore()
        clocks.void(Clock.NEW_DATE, at=at)
    visit.check_in(at)
    appointment.check_in()
    void_proposals(appointment)
    release_holds(appointment, at=at)
    visit.save(update_fields=["state", "checked_in_at"])
    keep_next_due(appointment, clocks)
    _record(appointment, "appointment.checked_in", visit, by=by, at=at, before=before, clocks=clocks)
    return visit


@action
def complete(
    visit: Visit,
    report: str,
    *,
    details: ReportDetails | None = None,
    another: Window | None = None,
    by: Actor,
    at: datetime,
) -> ServiceAppointment:
    """End a visit with its report; `another` proposes a time for the next visit instead of completing the service.

    The appointment is confirmed again, and the next visit is planned once the buyer has accepted a date for it.
    `details` are the result, the parts used, photos, a replaced unit. A charge that the disclosure did not tell is kept as such.
    A completed service waits for the buyer's sign-off, 7 natural days from `at`.

    RuleBroken: report_required, parts_incomplete, unit_incomplete, window_past, engineer_unfit, point_unfit (422),
    engineer_booked, slot_taken (409).
    """
    # Cover and case before the appointment, as everywhere: a new unit inherits the one, completing resolves the other.
    cover = hold_cover(visit.appointment.case.cover_id) if details and details.unit else None
    hold_case(visit.appointment.case_id)
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    kind = "appointment.completed" if another is None else "appointment.visit_added"
    if is_repeat(appointment.subject, kind, by):
        return appointment
    if not report.strip():
        raise RuleBroken("2.1.1", "report_required", status=422, detail=_("Write down what was done."))
    details = details or ReportDetails()
    must_be_whole(details.parts)
    before = appointment.state
    visit.finish(at, report.strip(), details.result)
    visit.save(update_fields=["state", "done_at", "report", "result"])
    told = _keep_details(visit, details, at=at)
    if cover is not None and details.unit is not None:
        told["unit"] = put_in_place(cover, appointment, details.unit, visit=visit, by=by, at=at)
    if another is None:
        appointment.complete(at)
        await_sign_off(appointment, at=at)
    else:
        told["proposal"] = _propose_another(appointment, visit, another, by=by, at=at)
    keep_next_due(appointment, Clocks(appointment), "ended_at")
    _record(appointment, kind, visit, by=by, at=at, before=before, **told)
    if another is None:
        _resolve_case(appointment, by=by, at=at)
    return appointment


def locked_visit(visit: Visit) -> tuple[ServiceAppointment, Visit]:
    """The visit and its appointment as they are now, the appointment's row locked."""
    appointment = locked(visit.appointment)
    fresh = Visit.objects.select_related("engineer").get(pk=visit.pk)
    fresh.appointment = appointment
    return appointment, fresh


def _keep_details(visit: Visit, details: ReportDetails, *, at: datetime) -> dict[str, Any]:
    """Keep the parts used and the photos; what the event tells of the report."""
    appointment, disclosure = visit.appointment, counting(visit.appointment)
    used = UsedPart.objects.filter(visit__appointment=appointment)
    outside = untold(details.parts, disclosure, spent=spent(agreed_offer(appointment), used, disclosure))
    UsedPart.objects.bulk_create(
        UsedPart(visit=visit, position=n, is_outside=part in outside, **fields_of(part))
        for n, part in enumerate(details.parts, start=1)
    )
    store_photos(visit.appointment.case, details.photos, at=at, visit=visit)
    told: dict[str, Any] = {"result": details.result} if details.result else {}
    if details.parts:
        told |= {"parts": len(details.parts), "charges_not_told": [part.name for part in outside]}
    if details.photos:
        told["photos"] = len(details.photos)
    return told


def _propose_another(appointment: ServiceAppointment, visit: Visit, window: Window, *, by: Actor, at: datetime) -> int:
    """The date of the next visit is for both sides to agree on: propose it, and hold its slot; the proposal's key."""
    if window.starts_at <= at or window.ends_at <= window.starts_at:
        raise RuleBroken("2.3.1", "window_past", status=422, detail=_("The next visit must lie in the future."))
    appointment.serve_again()
    must_be_open(visit.point, [window])
    must_fit(visit.engineer, appointment, [window])
    hold_windows(appointment, visit.point, [window], at=at)
    return put_forward(appointment, visit, Side.SELLER, [window], person=by.user, at=at).pk


def _must_be_near(visit: Visit, *, at: datetime) -> None:
    opens_at = check_in_opens_at(visit)
    if opens_at is not None and at < opens_at:
        raise RuleBroken(
            "2.3.1",
            "too_early",
            detail=_("This visit is still ahead. Agree on another date if it is to be made earlier."),
            context={"earliest": opens_at.isoformat()},
        )


def _was_reported_later(appointment: ServiceAppointment, visit: Visit, *, at: datetime) -> bool:
    """Whether the no-show that stands against the visit was reported after an instant."""
    kind = f"visit.{visit.state}"
    if kind not in REPORTED_AS_MISSED:
        return False
    reported = events_of(appointment.case.stream).filter(subject=appointment.subject, kind=kind).last()
    return reported is not None and at < reported.effective_at


def _resolve_case(appointment: ServiceAppointment, *, by: Actor, at: datetime) -> None:
    case = appointment.case
    before = case.state
    case.resolve()
    case.save(update_fields=["state"])
    record_change(
        appointment,
        "case.resolved",
        clause="",
        by=by.with_key(""),
        at=at,
        before=appointment.state,
        detail={"case": {"before": before, "after": case.state}},
    )


def _record(
    appointment: ServiceAppointment, kind: str, visit: Visit, *, by: Actor, at: datetime, before: str,
    clocks: Clocks | None = None, **told: object,
) -> None:  # fmt: skip
    detail = {"visit": visit.number, **told}
    record_change(appointment, kind, clause="2.1.1", by=by, at=at, before=before, clocks=clocks, detail=detail)
