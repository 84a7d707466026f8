"""Visits: planned by the confirmation, checked in, done with a report (3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.sign_offs import await_sign_off
from cases.actions.steps import hold_case, is_repeat, keep_next_due, locked
from cases.deadlines import Clocks
from cases.disclosures import has_disclosure, incomplete
from cases.events import record_change
from cases.models import Offer, ServiceAppointment, Visit
from cases.models.disclosure import ITEMS
from cases.permissions import must_serve
from cases.terms import Window
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from sellers.models import Engineer
    from zestech_aftersales.accounts.actors import Actor


def plan_visit(appointment: ServiceAppointment, accepted: Offer, *, engineer: Engineer | None = None) -> Visit:
    """Plan the visit that an accepted offer agreed on: its chosen window, the booked slot, or its next step."""
    if accepted.windows:
        window = Window.from_json(accepted.windows[accepted.accepted_window or 0])
    else:
        starts_at = appointment.slot_starts_at or accepted.next_step_at or accepted.received_at
        window = Window(starts_at, starts_at)
    return Visit.objects.create(
        appointment=appointment,
        number=appointment.visits.count() + 1,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        engineer=engineer or accepted.engineer,
        contact_name=accepted.contact_name,
        point=accepted.point or appointment.point,
    )


@action
def check_in(visit: Visit, *, by: Actor, at: datetime) -> Visit:
    """The service begins; blocked until the four items of 3.1 were given.

    RuleBroken disclosure_incomplete (422). PermissionDenied for anybody but the seller and the visit's engineer.
    """
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    if is_repeat(appointment.subject, "appointment.checked_in", by):
        return visit
    if not has_disclosure(appointment):
        raise incomplete(list(ITEMS))
    before = appointment.state
    visit.check_in(at)
    appointment.check_in()
    visit.save(update_fields=["state", "checked_in_at"])
    appointment.save(update_fields=["state"])
    _record(appointment, "appointment.checked_in", visit, by=by, at=at, before=before)
    return visit


@action
def complete(
    visit: Visit, report: str, *, another: Window | None = None, by: Actor, at: datetime
) -> ServiceAppointment:
    """End a visit with its report; `another` plans the next visit instead of completing the service.

    A completed service waits for the buyer's sign-off, 7 natural days from `at`.

    RuleBroken report_required (422), window_past (422).
    """
    # The case before the appointment, as everywhere: completing resolves it.
    hold_case(visit.appointment.case_id)
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    kind = "appointment.completed" if another is None else "appointment.visit_added"
    if is_repeat(appointment.subject, kind, by):
        return appointment
    if not report.strip():
        raise RuleBroken("2.1.1", "report_required", status=422, detail=_("Write down what was done."))
    before = appointment.state
    visit.finish(at, report.strip())
    visit.save(update_fields=["state", "done_at", "report"])
    if another is None:
        appointment.complete(at)
        await_sign_off(appointment, at=at)
    else:
        _plan_another(appointment, visit, another, at=at)
    keep_next_due(appointment, Clocks(appointment), "ended_at")
    _record(appointment, kind, visit, by=by, at=at, before=before)
    if another is None:
        _resolve_case(appointment, by=by, at=at)
    return appointment


def locked_visit(visit: Visit) -> tuple[ServiceAppointment, Visit]:
    """The visit and its appointment as they are now, the appointment's row locked."""
    appointment = locked(visit.appointment)
    fresh = Visit.objects.select_related("engineer").get(pk=visit.pk)
    fresh.appointment = appointment
    return appointment, fresh


def _plan_another(appointment: ServiceAppointment, visit: Visit, window: Window, *, at: datetime) -> None:
    if window.starts_at <= at or window.ends_at <= window.starts_at:
        raise RuleBroken("2.3.1", "window_past", status=422, detail=_("The next visit must lie in the future."))
    appointment.plan_another_visit()
    Visit.objects.create(
        appointment=appointment,
        number=visit.number + 1,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        engineer=visit.engineer,
        contact_name=visit.contact_name,
        point=visit.point,
    )


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


def _record(appointment: ServiceAppointment, kind: str, visit: Visit, *, by: Actor, at: datetime, before: str) -> None:
    record_change(appointment, kind, clause="2.1.1", by=by, at=at, before=before, detail={"visit": visit.number})
