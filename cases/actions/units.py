"""The seller records that a unit was replaced outside a visit's report (2.3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.actions.steps import apply_passed_limits_of, hold_case, is_repeat, locked
from cases.events import record_change
from cases.models import Cover, ServiceCase
from cases.permissions import must_be_seller
from cases.units import hold_cover, put_in_place
from zestech_aftersales.action import action

if TYPE_CHECKING:
    from cases.terms import UnitTerms
    from zestech_aftersales.accounts.actors import Actor


@action
def replace_unit(case: ServiceCase, unit: UnitTerms, *, by: Actor, at: datetime) -> Cover:
    """A unit was replaced: what is left of the cover goes on for the new one, to the same end.

    Later requests are about the new unit. RuleBroken unit_incomplete (422). PermissionDenied for anybody but the
    seller.
    """
    must_be_seller(case, by)
    cover = hold_cover(case.cover_id)
    hold_case(case.pk)
    apply_passed_limits_of(case, by=by, at=at)
    appointment = locked(case.appointments.latest("id"))
    if is_repeat(appointment.subject, "unit.replaced", by):
        return cover
    told = put_in_place(cover, appointment, unit, visit=None, by=by, at=at)
    record_change(
        appointment, "unit.replaced", clause="2.3.4", by=by, at=at, before=appointment.state, detail={"unit": told}
    )
    return cover
