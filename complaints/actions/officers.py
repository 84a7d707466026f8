"""Who of support looks after a complaint: taken on, or handed over with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from complaints.actions.complaint_steps import is_repeat, note, opened
from complaints.models import Complaint
from complaints.permissions import SUPPORT, must_be, must_say
from complaints.queries.complaints import UNDER_WAY, supporters
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User


@action
def assign_complaint(
    complaint: Complaint, officer: User, *, reason: str, by: Actor, at: datetime
) -> Complaint | RuleBroken:
    """Let one of support look after a complaint. RuleBroken: reason_required, officer_unknown (422), complaint_over (409)."""
    must_be(SUPPORT, by)
    complaint = opened(complaint, by=by, at=at)
    if is_repeat(complaint, by, "complaint.assigned"):
        return complaint
    why = must_say(reason, "3.3")
    if not supporters().filter(pk=officer.pk).exists():
        return RuleBroken("3.3", "officer_unknown", status=422, detail=_("Choose somebody of the support."))
    if complaint.state not in UNDER_WAY:
        return RuleBroken("3.3", "complaint_over", detail=_("The complaint is over; nothing is left to do in it."))
    complaint.officer = officer
    complaint.save(update_fields=["officer"])
    note(
        complaint, "complaint.assigned", by=by, at=at, before=complaint.state,
        detail={"officer": officer.pk, "reason": why},
    )  # fmt: skip
    return complaint
