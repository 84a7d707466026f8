"""An outage of the platform counts against nobody in the judgement either: what ran when it was tolled is longer (T7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from cases.reminders.schedule import next_reminder_at
from cases.tolled_limits import TolledOutages
from complaints import deadlines, hearing
from complaints.events import record_change
from complaints.models import JudgementClock, JudgementDeadline
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
# In which states a silence leaves what is judged, and what takes it back where it has changed one.
LEFT_IN: dict[str, tuple[str, ...]] = {
    JudgementClock.HEARING: ("notified", "open"),
    JudgementClock.APPEAL: ("confirmed",),
    JudgementClock.EVIDENCE: ("evidence",),
    JudgementClock.OBJECTION: ("closed",),
    JudgementClock.LOSS_ANSWER: ("uncontested",),
}
TAKEN_BACK: dict[str, str] = {
    JudgementClock.AUTO_ESCALATION: "take_escalation_back",
    JudgementClock.OBJECTION: "take_closing_back",
    JudgementClock.LOSS_ANSWER: "take_silence_back",
}
RUNNING = JudgementDeadline.objects.filter(state="running").select_related(*JUDGED_WITH)


def toll_running(*, at: datetime) -> int:
    """Lengthen the running limits that an applied outage reached; returns how many. Once more changes nothing."""
    outages = TolledOutages.known()
    if not outages.found:
        return 0
    reached = RUNNING.filter(started_at__lt=outages.last_end, due_at__gte=outages.first_begin).order_by("id")
    behind = [limit for limit in reached if due_of(limit, outages) != limit.due_at]
    for limit in behind:
        _toll(limit, outages, at=at)
    return len(behind)


def give_back(*, at: datetime) -> int:
    """Let go on what had ended by time under an outage that was tolled only afterwards; returns how many limits did.

    Only where there is time left now, and nothing has followed from the silence that people did.
    """
    outages = TolledOutages.known()
    reached = Q(pk=None)
    for pause, since in outages.found:
        reached |= Q(started_at__lt=pause.end, due_at__gte=pause.begin, ended_at__lt=since)
    missed = JudgementDeadline.objects.filter(reached, state="missed").select_related(*JUDGED_WITH).order_by("id")
    ahead = [limit for limit in missed if _goes_on(thing_of(limit), limit) and at <= _due_with_all(limit, outages)]
    for limit in ahead:
        _give_back(limit, outages, at=at)
    return len(ahead)


def due_of(limit: JudgementDeadline, outages: TolledOutages) -> datetime:
    """The due instant of a limit with the outages that were tolled while it ran."""
    return outages.due(limit.clock, limit.started_at, law_of(limit), amount=limit.amount, until=limit.ended_at)


def _due_with_all(limit: JudgementDeadline, outages: TolledOutages) -> datetime:
    """The due instant with the outages that were tolled after it was over as well."""
    return outages.due(limit.clock, limit.started_at, law_of(limit), amount=limit.amount, until=None)


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
    _held(limit)
    fresh = RUNNING.filter(pk=limit.pk).first()
    if fresh is None:
        return
    fresh.due_at = due_of(fresh, outages)
    about = thing_of(fresh)
    _write(about, fresh, before=about.state, at=at)


@action
def _give_back(limit: JudgementDeadline, outages: TolledOutages, *, at: datetime) -> None:
    """Look again under the locks of the seller and of what is judged; then the silence has never been."""
    thing = _held(limit)
    fresh = JudgementDeadline.objects.select_related(*JUDGED_WITH).filter(pk=limit.pk, state="missed").first()
    if fresh is None or not _goes_on(thing, fresh):
        return
    before = thing.state
    if (undo := TAKEN_BACK.get(fresh.clock)) is not None:
        getattr(thing, undo)()
        thing.save()
    fresh.restore()
    fresh.due_at = _due_with_all(fresh, outages)
    _write(thing, fresh, before=before, at=at)


def _goes_on(thing: Any, limit: JudgementDeadline) -> bool:
    """Whether what is judged stands where the silence has left it."""
    if limit.clock == JudgementClock.AUTO_ESCALATION:
        return bool(thing.state == "escalated" and thing.escalated_at == limit.ended_at)
    if limit.clock == JudgementClock.HEARING and thing.answered_at is not None:
        return False
    return thing.state in LEFT_IN[limit.clock]


def _held(limit: JudgementDeadline) -> Any:
    """What is judged, fetched anew under the locks of its seller and itself."""
    thing = thing_of(limit)
    lock_seller(thing.seller_id)
    return type(thing).objects.select_for_update(of=("self",), no_key=True).get(pk=thing.pk)


def _write(thing: Any, limit: JudgementDeadline, *, before: str, at: datetime) -> None:
    limit.next_reminder_at = next_reminder_at(limit)
    limit.save(update_fields=["state", "ended_at", "due_at", "next_reminder_at"])
    detail = {"limit": deadlines.told_of(limit)}
    record_change(thing, TOLLED, clause=limit.clause, by=system(), at=at, before=before, detail=detail)
