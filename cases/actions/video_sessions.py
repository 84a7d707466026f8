"""The link of a planned video session is given or replaced (2.2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat
from cases.actions.visits import locked_visit
from cases.events import record_change
from cases.models import AppointmentState, Visit, VisitState
from cases.permissions import must_serve
from cases.video_links import required_video_link
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def give_video_link(visit: Visit, url: str, *, by: Actor, at: datetime) -> Visit:
    """Give the buyer the link of a planned session, or another one; no limit moves.

    RuleBroken: video_link_invalid (422), not_planned (409). PermissionDenied for anybody but the seller and the
    visit's engineer.
    """
    appointment, visit = locked_visit(visit)
    must_serve(visit, by)
    if is_repeat(appointment.subject, "visit.link_given", by):
        return visit
    if appointment.state != AppointmentState.CONFIRMED or visit.state != VisitState.PLANNED:
        raise RuleBroken(
            "2.3.1", "not_planned", detail=_("This visit is no longer planned. Reload to see where the case stands.")
        )
    visit.video_url = required_video_link(url, appointment.method)
    visit.save(update_fields=["video_url"])
    record_change(
        appointment,
        "visit.link_given",
        clause="2.2.1",
        by=by,
        at=at,
        before=appointment.state,
        detail={"visit": visit.number},
    )
    return visit
