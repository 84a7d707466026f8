"""Another engineer comes to a confirmed visit; its date and place stay (2.2.1, 2.3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, refusal_of
from cases.actions.visits import locked_visit
from cases.deadlines import Clocks, settle_limits
from cases.events import record_change
from cases.models import AppointmentState, Visit, VisitState
from cases.permissions import must_be_seller
from cases.planning import must_fit
from cases.terms import Window
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from sellers.models import Engineer
    from zestech_aftersales.accounts.actors import Actor

SENT = "visit.engineer_changed"


@action
def send_another_engineer(
    visit: Visit,
    *,
    engineer: Engineer | None = None,
    contact_name: str = "",
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Visit | RuleBroken:
    """Send another engineer of the seller's, or else a person named by `contact_name`, to a visit that is planned.

    No limit moves: the buyer is told who comes instead, and nothing else changes. The engineer who was to come no
    longer sees the case. RuleBroken: nobody_named, engineer_of_another, engineer_unfit (422), same_engineer,
    engineer_booked, not_planned (409). PermissionDenied for anybody who may not speak for the seller.
    """
    appointment, visit = locked_visit(visit)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, SENT, by):
        return visit
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        return refusal_of(missed, appointment)
    if appointment.state != AppointmentState.CONFIRMED or visit.state != VisitState.PLANNED:
        raise RuleBroken(
            "2.3.1", "not_planned", detail=_("This visit is no longer planned. Reload to see where the case stands.")
        )
    named = "" if engineer is not None else contact_name.strip()
    _must_be_somebody_else(visit, engineer, named)
    must_fit(engineer, appointment, [Window(visit.starts_at, visit.ends_at or visit.starts_at)])
    before = visit.engineer_id
    visit.engineer, visit.contact_name = engineer, named
    visit.save(update_fields=["engineer", "contact_name"])
    record_change(
        appointment,
        SENT,
        clause="2.3.1",
        by=by,
        at=at,
        before=appointment.state,
        detail={
            "visit": visit.number,
            "instead_of": before,
            "engineer": visit.engineer_id,
            "reason": reason.strip()[:200],
            "side": "seller",
        },
    )
    return visit


def _must_be_somebody_else(visit: Visit, engineer: Engineer | None, named: str) -> None:
    if engineer is None and not named:
        raise RuleBroken(
            "2.3.1",
            "nobody_named",
            status=422,
            detail=_("Choose the engineer who comes instead, or name a person."),
            context={"missing": ["engineer"]},
        )
    if engineer is not None and engineer.seller_id != visit.appointment.seller_id:
        raise RuleBroken("2.3.1", "engineer_of_another", status=422, detail=_("Choose one of your own engineers."))
    comes_already = engineer.pk == visit.engineer_id if engineer is not None else _comes(visit, named)
    if comes_already:
        raise RuleBroken("2.3.1", "same_engineer", detail=_("This is who comes already. Choose somebody else."))


def _comes(visit: Visit, named: str) -> bool:
    return visit.engineer_id is None and visit.contact_name.casefold() == named.casefold()
