"""The seller tells which parts a visit will need, before it (2.1.1 spare parts delivery, 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, locked
from cases.deadlines import Clocks, apply_passed_limit
from cases.disclosures import counting
from cases.events import record_change
from cases.models import ListedPart, PartsList, ServiceAppointment, VisitState
from cases.models.appointment import BEFORE_SERVICE
from cases.parts import must_be_whole, spent, untold
from cases.permissions import must_be_seller, must_serve
from cases.queries import agreed_offer
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.terms import PartTerms
    from zestech_aftersales.accounts.actors import Actor


@action
def list_parts(
    appointment: ServiceAppointment, parts: Sequence[PartTerms], *, by: Actor, at: datetime
) -> PartsList | RuleBroken:
    """Tell the buyer what the visit will need; another list is a new version, the same list changes nothing.

    An empty list says that nothing is needed. It stops no limit. RuleBroken: parts_incomplete (422),
    after_the_visit (409: the service has begun or the appointment is over). PermissionDenied for anybody but the
    seller and the engineer of the planned visit.
    """
    appointment = locked(appointment)
    _must_speak(appointment, by)
    if is_repeat(appointment.subject, "parts.listed", by):
        return appointment.parts_lists.latest("version")
    must_be_whole(parts)
    if apply_passed_limit(Clocks(appointment), by=by, at=at) or appointment.state not in BEFORE_SERVICE:
        return RuleBroken(
            "3.1", "after_the_visit", detail=_("The parts are told before the visit. Tell those used in the report.")
        )
    last = appointment.parts_lists.prefetch_related("parts").order_by("-version").first()
    if last is not None and _rows(last) == [_row(part) for part in parts]:
        return last
    made = PartsList.objects.create(
        appointment=appointment, version=1 if last is None else last.version + 1, given_by=by.user, given_at=at
    )
    ListedPart.objects.bulk_create(
        ListedPart(parts_list=made, position=n, brought_by=part.brought_by, **fields_of(part))
        for n, part in enumerate(parts, start=1)
    )
    told = counting(appointment)
    outside = untold(parts, told, spent=spent(agreed_offer(appointment), (), told))
    record_change(
        appointment,
        "parts.listed",
        clause="3.1",
        by=by,
        at=at,
        before=appointment.state,
        detail={"version": made.version, "parts": len(parts), "charges_not_told": [part.name for part in outside]},
    )
    return made


def fields_of(part: PartTerms) -> dict[str, object]:
    """What needed and used parts have in common, trimmed."""
    return {
        "name": part.name.strip(),
        "number": part.number.strip(),
        "quantity": part.quantity,
        "paid_by": part.paid_by,
        "amount": part.amount,
        "currency": part.currency if part.amount else "",
    }


def _must_speak(appointment: ServiceAppointment, by: Actor) -> None:
    planned = appointment.visits.filter(state=VisitState.PLANNED).select_related("engineer").last()
    if planned is None:
        must_be_seller(appointment, by)
        return
    planned.appointment = appointment
    must_serve(planned, by)


def _row(part: PartTerms) -> dict[str, object]:
    return {**fields_of(part), "brought_by": part.brought_by}


def _rows(told: PartsList) -> list[dict[str, object]]:
    names = ("name", "number", "quantity", "paid_by", "amount", "currency", "brought_by")
    return [{name: getattr(part, name) for name in names} for part in told.parts.all()]
