"""Who of the auditors looks after a violation or an audit; being assigned gives nobody a right to judge."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from complaints.models import Audit, Violation
from complaints.permissions import AUDITORS, must_be, must_say
from complaints.queries.assignments import assignment_stream, auditors
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.accounts.models import User

CLAUSE = "3.2"


@action
def assign(thing: Violation | Audit, officer: User, *, reason: str, by: Actor, at: datetime) -> Violation | Audit:
    """Let an auditor look after a violation or an audit.

    The event stands in a stream of its own, which no party reads. RuleBroken: reason_required,
    officer_unknown (422). PermissionDenied for anybody but an auditor.
    """
    must_be(AUDITORS, by)
    why = must_say(reason, CLAUSE)
    if not auditors().filter(pk=officer.pk).exists():
        raise RuleBroken(CLAUSE, "officer_unknown", status=422, detail=_("Choose an auditor."))
    found = type(thing).objects.select_for_update(of=("self",), no_key=True).get(pk=thing.pk)
    if earlier(by) is not None or found.officer_id == officer.pk:
        return found
    before, found.officer = found.officer_id, officer
    found.save(update_fields=["officer"])
    record(
        stream=assignment_stream(found.subject),
        subject=found.subject,
        kind="assignment.changed",
        clause=CLAUSE,
        by=by,
        effective_at=at,
        recorded_at=at,
        before={"officer": before},
        after={"officer": officer.pk},
        detail={"reason": why},
    )
    return found
