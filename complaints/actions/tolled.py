"""An outage lengthens the limits of the judgement that ran in it, and gives back those that were over since (T7).

Whoever it kept from using his time has the rest of it. Given back is what nobody has built on yet: a hearing before
the judgement, an appeal, evidence before the decision, an objection, an answer to a loss. What came in the rest of the
time and was kept as late counts, at its own instant.
A complaint that escalated by itself is negotiated on, unless the platform has asked for evidence or decided since: then
the escalation stays, and both sides can still settle until the decision. Moved together with the time after which it
escalates by itself is the one before which its buyer cannot escalate. What is over once more is written down by the
sweep, at the due instant that counts now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DatabaseError, OperationalError
from django.db.models import Q
from django_fsm import TransitionNotAllowed

from cases.deadlines import settle
from cases.events import instant_text
from cases.laws import Laws
from cases.models import Outage
from cases.reminders.schedule import next_reminder_at
from cases.tolled_limits import TolledOutages
from complaints import deadlines, losses
from complaints.actions import complaint_steps
from complaints.complaint_words import EVIDENCE_LATE, OBJECTION_LATE
from complaints.events import record_change
from complaints.locks import locked_audit, locked_violation
from complaints.models import (
    Audit,
    AuditState,
    Complaint,
    ComplaintState,
    JudgementClock,
    JudgementDeadline,
    LossClaim,
    LossState,
    Objection,
    Violation,
    ViolationState,
)
from complaints.tolling import (
    FOLLOWED,
    JUDGED_WITH,
    TOLLED,
    due_of,
    is_moved,
    law_of,
    negotiation_end_of,
    outages_to_follow,
)
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.action import action
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers

log = structlog.get_logger(__name__)

NOBODY_BUILT_ON = (
    Q(clock=JudgementClock.HEARING, violation__state=ViolationState.NOTIFIED, violation__answered_at=None)
    | Q(clock=JudgementClock.HEARING, audit__state=AuditState.OPEN, audit__answered_at=None)
    | Q(clock=JudgementClock.APPEAL, violation__state=ViolationState.CONFIRMED)
    | Q(
        clock=JudgementClock.EVIDENCE,
        evidence_request__complaint__state=ComplaintState.EVIDENCE,
        evidence_request__answered_at=None,
    )
    | Q(clock=JudgementClock.AUTO_ESCALATION, complaint__state=ComplaintState.ESCALATED)
    | Q(clock=JudgementClock.OBJECTION, complaint__state=ComplaintState.CLOSED)
    | Q(clock=JudgementClock.LOSS_ANSWER, loss_claim__state=LossState.UNCONTESTED)
)
RUNNING = JudgementDeadline.objects.filter(state="running").select_related(*JUDGED_WITH)
OVER = JudgementDeadline.objects.filter(NOBODY_BUILT_ON, state="missed").select_related(*JUDGED_WITH)


def follow_outages(*, at: datetime) -> int:
    """Give everybody the time that an applied outage took from him; returns how many limits it moved.

    Looked after again at each wake-up until the settle margin is over, as a command may still write down by the old
    due instant that a time was over, and until no limit is left that could not be moved. Once more changes nothing.
    """
    moved = 0
    for outage, since in outages_to_follow(at=at):
        came = list(_moved(outage, at=at))
        moved += came.count(True)
        if None not in came and at > since + settle():
            note_followed(outage, by=system(), at=at)
    return moved


def _moved(outage: Outage, *, at: datetime) -> Iterator[bool | None]:
    """Whether each limit that an outage reached was moved; None for one that cannot be."""
    outages, laws = TolledOutages.known(), Laws()
    # What ended by the old due instant while the first ones were moved is found among the second ones.
    for limits, move in ((RUNNING, toll), (OVER, give_back)):
        reached = limits.filter(started_at__lt=outage.ends_at, due_at__gte=outage.begins_at)
        for limit in list(reached.order_by("due_at", "id")):
            try:
                law = law_of(limit, laws)
                yield is_moved(limit, outages, law, until=at) and move(limit, outages, law, by=system(), at=at)
            except OperationalError:
                raise
            except (DatabaseError, TransitionNotAllowed, ValueError):
                # One limit that cannot be moved must not hold up the others.
                log.exception("judgement_limit_not_tolled", limit=limit.pk)
                yield None


@action
def toll(limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, by: Actor, at: datetime) -> bool:
    """Lengthen a limit that runs by the outages applied until `at`; whether it is longer now."""
    thing = _locked(limit)
    fresh = RUNNING.filter(pk=limit.pk).first()
    return fresh is not None and _lengthen(thing, fresh, outages, law, before=thing.state, by=by, at=at)


@action
def give_back(
    limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, by: Actor, at: datetime
) -> bool:
    """Let a limit that was over run on for as long as the platform was away; whether it does."""
    thing = _locked(limit)
    fresh = OVER.filter(pk=limit.pk).first()
    # Of a violation that is judged once more the round before stays over.
    if fresh is None or not _is_the_last(fresh) or due_of(fresh, outages, law, until=at) == fresh.due_at:
        return False
    before = thing.state
    fresh.restore()
    if fresh.clock in TAKEN_BACK:
        TAKEN_BACK[fresh.clock](thing)
    _lengthen(thing, fresh, outages, law, before=before, by=by, at=at)
    _use_what_came(thing, fresh, by=by, at=at)
    return True


@action
def note_followed(outage: Outage, *, by: Actor, at: datetime) -> None:
    """Write down, once, that nothing is left to give back after an outage."""
    locked = Outage.objects.select_for_update(of=("self",), no_key=True).get(pk=outage.pk)
    if Event.objects.filter(stream=outage.cause, kind=FOLLOWED).exists():
        return
    stands = {"state": locked.state}
    record(
        stream=outage.cause, subject=outage.cause, kind=FOLLOWED, by=by, effective_at=at, recorded_at=at,
        before=stands, after=stands,
    )  # fmt: skip


def _lengthen(
    thing: Any, limit: JudgementDeadline, outages: TolledOutages, law: EditionNumbers, *, before: str, by: Actor,
    at: datetime,
) -> bool:  # fmt: skip
    if not is_moved(limit, outages, law, until=at):
        return False
    due_at, ends_at = due_of(limit, outages, law, until=at), negotiation_end_of(limit, outages, law, until=at)
    if ends_at is not None:
        thing.negotiation_ends_at = ends_at
        thing.save(update_fields=["negotiation_ends_at"])
    limit.due_at = due_at
    limit.next_reminder_at = next_reminder_at(limit)
    limit.save(update_fields=["state", "ended_at", "due_at", "next_reminder_at"])
    asked = limit.evidence_request
    told = {
        "limit": {"id": limit.pk, "clock": limit.clock, "due_at": instant_text(due_at)},
        **({"request": asked.pk, "side": asked.side} if asked else {}),
        **({"negotiation_ends_at": instant_text(ends_at)} if ends_at else {}),
    }
    record_change(thing, TOLLED, clause=limit.clause, by=by, at=at, before=before, detail=told)
    return True


def _is_the_last(limit: JudgementDeadline) -> bool:
    thing = {
        name: getattr(limit, name) for name in ("violation", "audit", "complaint", "evidence_request", "loss_claim")
    }
    return deadlines.latest(JudgementClock(limit.clock), **thing) == limit


def _locked(limit: JudgementDeadline) -> Any:
    """What is judged, fetched anew under its locks."""
    if limit.violation is not None:
        return locked_violation(limit.violation)
    if limit.audit is not None:
        return locked_audit(limit.audit)
    if limit.loss_claim is not None:
        return losses.locked_claim(limit.loss_claim)
    asked = limit.evidence_request
    return complaint_steps.locked(asked.complaint_id if asked else limit.complaint_id)  # type: ignore[arg-type]


def _not_escalated(complaint: Complaint) -> None:
    complaint.take_escalation_back()
    complaint.save(update_fields=["state", "escalated_at"])


def _not_closed(complaint: Complaint) -> None:
    complaint.take_closing_back()
    complaint.save(update_fields=["state", "ended_at"])


def _not_silent(claim: LossClaim) -> None:
    claim.take_silence_back()
    claim.save(update_fields=["state"])


# What the end of a time had brought about by itself.
TAKEN_BACK: dict[str, Callable[[Any], None]] = {
    JudgementClock.AUTO_ESCALATION: _not_escalated,
    JudgementClock.OBJECTION: _not_closed,
    JudgementClock.LOSS_ANSWER: _not_silent,
}


def _use_what_came(thing: Any, limit: JudgementDeadline, *, by: Actor, at: datetime) -> None:
    """The first words that were kept as late and lie inside the time as it is now are what was said in time."""
    if isinstance(thing, Complaint):
        _use_on_complaint(thing, limit, by=by, at=at)
        return
    late = (
        "loss.answer_late" if isinstance(thing, LossClaim) else f"{thing.subject.partition('/')[0]}.{limit.clock}_late"
    )
    told = Event.objects.filter(stream=thing.subject, kind=late, effective_at__gte=limit.started_at)
    kept = told.filter(effective_at__lte=limit.due_at).order_by("effective_at", "id").first()
    if kept is None:
        return
    said, before = (kept.detail or {})["words"], thing.state
    deadlines.meet(limit, at=kept.effective_at)
    kind, fields = _say(thing, limit, said, kept)
    thing.save(update_fields=fields)
    record_change(
        thing, kind, clause=limit.clause, by=by, at=at, effective_at=kept.effective_at, before=before,
        detail={"words": said, "kept": kept.pk},
    )  # fmt: skip


def _use_on_complaint(complaint: Complaint, limit: JudgementDeadline, *, by: Actor, at: datetime) -> None:
    """The answer to a request or the objection that was put in the thread as late and lies inside the time now."""
    told = Event.objects.filter(stream=complaint.subject, effective_at__range=(limit.started_at, limit.due_at))
    asked = limit.evidence_request
    if asked is not None:
        told = told.filter(kind=EVIDENCE_LATE, detail__request=asked.pk)
    elif limit.clock == JudgementClock.OBJECTION:
        told = told.filter(kind=OBJECTION_LATE)
    else:
        return
    kept = told.order_by("effective_at", "id").first()
    if kept is None:
        return
    said, before, received_at = kept.detail or {}, complaint.state, kept.effective_at
    deadlines.meet(limit, at=received_at)
    if asked is not None:
        asked.answer_id, asked.answered_at = said["message"], received_at
        asked.save(update_fields=["answer", "answered_at"])
    else:
        complaint.object_to()
        complaint.save(update_fields=["state", "ended_at"])
        Objection.objects.create(
            determination=complaint.determinations.earliest("id"), side=said["side"], author_id=kept.actor_id,
            text=said["text"], evidence_id=said["message"], received_at=received_at,
        )  # fmt: skip
    complaint_steps.note(
        complaint, "complaint.evidence_given" if asked else "complaint.objected", by=by, at=at, before=before,
        effective_at=received_at,
        detail={name: said[name] for name in ("request", "side", "message") if name in said} | {"kept": kept.pk},
    )  # fmt: skip


def _say(
    thing: Violation | Audit | LossClaim, limit: JudgementDeadline, said: str, kept: Event
) -> tuple[str, list[str]]:
    """Take the words over; the kind of the event that tells of it, and the fields to save."""
    at, answered = kept.effective_at, ["answer", "answered_at"]
    if isinstance(thing, LossClaim):
        if (kept.detail or {}).get("contests"):
            thing.contest(said, at)
            return "loss.contested", ["state", "was_contested", *answered]
        thing.accept(said, at)
        return "loss.accepted", ["state", *answered]
    if isinstance(thing, Violation) and limit.clock == JudgementClock.APPEAL:
        thing.appeal_it(said, at)
        return "violation.appealed", ["state", "appeal", "appealed_at"]
    thing.answer, thing.answered_at = said, at
    return ("audit.answered" if isinstance(thing, Audit) else "violation.answered"), answered
