"""An outage of the platform counts against nobody in the judgement either: what it reached is longer (T7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from cases.events import instant_text
from cases.reminders.schedule import next_reminder_at
from cases.tolled_limits import TolledOutages
from complaints import hearing
from complaints.events import record_change
from complaints.models import AuditState, JudgementClock, JudgementDeadline, ViolationState
from complaints.queries import filing
from sellers.actions.locks import lock_seller
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.action import action
from zestech_aftersales.rulebook.queries import edition_in_force

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
# Hearings and appeals whose time ran out unused, while nobody has decided on that yet: they can still be used.
UNUSED = JudgementDeadline.objects.select_related(*JUDGED_WITH).filter(
    Q(clock=JudgementClock.HEARING, violation__state=ViolationState.NOTIFIED)
    | Q(clock=JudgementClock.HEARING, audit__state=AuditState.OPEN)
    | Q(clock=JudgementClock.APPEAL, violation__state=ViolationState.CONFIRMED),
    state="missed",
)
# No outage lengthens a limit in natural days by more than itself and the rest of a day.
REST_OF_A_DAY = timedelta(days=2)


def toll_running(*, at: datetime) -> int:
    """Lengthen the limits that an applied outage reached; returns how many. Once more changes nothing.

    Those that run, and of those that ran out before somebody tolled it the ones that have time left by it (T7).
    """
    outages = TolledOutages.known()
    if not outages.found:
        return 0
    reached = RUNNING.filter(started_at__lt=outages.last_end, due_at__gte=outages.first_begin).order_by("id")
    behind = [limit for limit in reached if due_of(limit, outages) != limit.due_at]
    for limit in (unused := _unused(outages, at)):
        _reopen(limit, outages, at=at)
    for limit in behind:
        _toll(limit, outages, at=at)
    return len(behind) + len(unused)


def _unused(outages: TolledOutages, at: datetime) -> list[JudgementDeadline]:
    """Those that ran out before an outage was tolled that gives them time again; asked for only soon after one was."""
    lately = [
        pause.begin
        for pause, since in outages.found
        if pause.end is not None and at <= since + (pause.end - pause.begin) + REST_OF_A_DAY
    ]
    if not lately:
        return []
    reached = UNUSED.filter(ended_at__gte=min(lately), started_at__lt=outages.last_end).order_by("id")
    return [limit for limit in reached if limit.due_at != (due_at := _due_again(limit, outages)) and at <= due_at]


def _due_again(limit: JudgementDeadline, outages: TolledOutages) -> datetime:
    """The due instant with all outages that are tolled by now."""
    return outages.due(limit.clock, limit.started_at, law_of(limit), amount=limit.amount, until=None)


def due_of(limit: JudgementDeadline, outages: TolledOutages) -> datetime:
    """The due instant of a limit with the outages that were tolled while it ran."""
    return outages.due(limit.clock, limit.started_at, law_of(limit), amount=limit.amount, until=limit.ended_at)


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
    _lengthen(fresh, outages, at=at)


@action
def _reopen(limit: JudgementDeadline, outages: TolledOutages, *, at: datetime) -> None:
    """The time that ran out while the platform was away runs on; looked at again under the seller's lock."""
    lock_seller(thing_of(limit).seller_id)
    fresh = UNUSED.filter(pk=limit.pk).first()
    if fresh is not None:
        fresh.restore()
        _lengthen(fresh, outages, at=at)


def _lengthen(fresh: JudgementDeadline, outages: TolledOutages, *, at: datetime) -> None:
    fresh.due_at = due_of(fresh, outages)
    fresh.next_reminder_at = next_reminder_at(fresh)
    fresh.save(update_fields=["state", "ended_at", "due_at", "next_reminder_at"])
    about = thing_of(fresh)
    told = {"clock": fresh.clock, "due_at": instant_text(fresh.due_at)}
    record_change(about, TOLLED, clause=fresh.clause, by=system(), at=at, before=about.state, detail={"limit": told})
