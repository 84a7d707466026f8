"""An outage of the platform counts against nobody in the judgement either: what ran when it was tolled is longer (T7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.events import instant_text
from cases.reminders.schedule import next_reminder_at
from cases.tolled_limits import TolledOutages
from complaints import hearing
from complaints.events import record_change
from complaints.models import JudgementDeadline
from complaints.queries import filing
from sellers.actions.locks import lock_seller
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers

TOLLED = "judgement.tolled"
# What a limit is about, with the edition that it is counted by.
JUDGED_WITH = (
    "violation__appointment__case__cover__edition",
    "audit",
    "complaint__case__cover__edition",
    "evidence_request__complaint__case__cover__edition",
    "loss_claim__violation__appointment__case__cover__edition",
)
RUNNING = JudgementDeadline.objects.filter(state="running").select_related(*JUDGED_WITH)


def toll_running(*, at: datetime) -> int:
    """Lengthen the running limits that an applied outage reached; returns how many. Once more changes nothing.

    What was over by then is given back by `complaints.actions.tolled`.
    """
    outages = TolledOutages.known()
    if not outages.found:
        return 0
    reached = RUNNING.filter(started_at__lt=outages.last_end, due_at__gte=outages.first_begin).order_by("id")
    behind = [limit for limit in reached if due_of(limit, outages) != limit.due_at]
    for limit in behind:
        _toll(limit, outages, at=at)
    return len(behind)


def due_of(limit: JudgementDeadline, outages: TolledOutages, *, tolled_at: datetime | None = None) -> datetime:
    """The due instant of a limit with the outages that were tolled while it ran, or after it: at the latest at `tolled_at`."""
    until = limit.ended_at if tolled_at is None or limit.ended_at is None else max(limit.ended_at, tolled_at)
    return outages.due(limit.clock, limit.started_at, law_of(limit), amount=limit.amount, until=until)


def tolled_at(limits: Iterable[JudgementDeadline]) -> dict[int, datetime]:
    """When limits were last tolled, by their keys; one query."""
    told = Event.objects.filter(kind=TOLLED, stream__in={thing_of(limit).subject for limit in limits})
    named = (((event.detail or {}).get("limit", {}).get("id"), event.recorded_at) for event in told.order_by("id"))
    return {key: at for key, at in named if key is not None}


def law_of(limit: JudgementDeadline) -> EditionNumbers:
    """The law that a limit of the judgement is counted by: of the order it is about, or the edition in force."""
    about = thing_of(limit)
    if limit.complaint is not None or limit.evidence_request is not None:
        return filing.law_of(about, limit.started_at)
    violation = limit.violation or (limit.loss_claim.violation if limit.loss_claim else None)
    return hearing.law_of(violation, limit.started_at) if violation else edition_in_force(limit.started_at).law


def thing_of(limit: JudgementDeadline) -> Any:
    """What is judged: a violation, an audit, a complaint or a claim of losses."""
    asked = limit.evidence_request
    return limit.violation or limit.audit or limit.complaint or limit.loss_claim or (asked.complaint if asked else None)


@action
def _toll(limit: JudgementDeadline, outages: TolledOutages, *, at: datetime) -> None:
    """Everything about one seller happens one after the other: look again under the seller's lock."""
    lock_seller(thing_of(limit).seller_id)
    fresh = RUNNING.filter(pk=limit.pk).first()
    if fresh is None:
        return
    fresh.due_at = due_of(fresh, outages)
    fresh.next_reminder_at = next_reminder_at(fresh)
    fresh.save(update_fields=["due_at", "next_reminder_at"])
    about = thing_of(fresh)
    told = {"id": fresh.pk, "clock": fresh.clock, "due_at": instant_text(fresh.due_at)}
    record_change(about, TOLLED, clause=fresh.clause, by=system(), at=at, before=about.state, detail={"limit": told})
