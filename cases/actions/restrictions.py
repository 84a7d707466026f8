"""Obvious abuse restricts a cover for a time: the buyer is heard, two auditors decide, a third one on appeal (4.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.deadlines import settle
from cases.events import instant_text
from cases.late_words import ANSWER_LATE, APPEAL_LATE
from cases.models import Cover, CoverState, Restriction, RestrictionState
from cases.reminders.schedule import next_reminder_at
from cases.tolled_limits import tolled_due
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

RESTRICTION = "restriction"
CLAUSE = "4.1.3"
ALREADY_ANSWERED = _("You have answered this already, and it is decided. Against a decision you can appeal.")
HEARING_OVER = _("The hearing is over; what you wrote is kept as late. Against a decision you can appeal.")
APPEAL_OVER = _("The time for an appeal is over; what you wrote is kept as late.")


@action
def propose_restriction(cover: Cover, *, reason: str, ends_at: datetime, by: Actor, at: datetime) -> Restriction:
    """Put a finding of abuse forward, with its evidence and an end; the buyer is heard for 5 natural days.

    RuleBroken: reason_required, end_invalid (422), not_active, already_proposed (409). PermissionDenied for
    anybody but an auditor.
    """
    _must_be_auditor(by)
    cover = _locked_cover(cover)
    if not reason.strip():
        raise RuleBroken(CLAUSE, "reason_required", status=422, detail=_("State the finding and its evidence."))
    if cover.state != CoverState.ACTIVE:
        raise RuleBroken(CLAUSE, "not_active", detail=_("Only an active cover can be restricted."))
    if cover.restrictions.filter(state=RestrictionState.PROPOSED).exists():
        raise RuleBroken(CLAUSE, "already_proposed", detail=_("A restriction is proposed and waits for a decision."))
    hearing_due_at = tolled_due("hearing", at, law_for_order(cover.edition, at))
    if ends_at <= hearing_due_at:
        raise RuleBroken(
            CLAUSE, "end_invalid", status=422,
            detail=_("A restriction ends after the hearing; there is none without an end."),
            context={"missing": ["ends_at"]},
        )  # fmt: skip
    decision = put_forward(
        kind=RESTRICTION, subject=f"cover/{cover.pk}", reason=reason, clause=CLAUSE, by=by.with_key(""), at=at
    )
    restriction = Restriction(
        cover=cover,
        finding=reason.strip(),
        decision=decision,
        proposed_at=at,
        hearing_due_at=hearing_due_at,
        ends_at=ends_at,
    )
    restriction.next_reminder_at = next_reminder_at(restriction)
    restriction.save()
    _record(restriction, "restriction.proposed", before="", by=by, at=at)
    return restriction


@action
def answer_finding(restriction: Restriction, answer: str, *, by: Actor, at: datetime) -> Restriction | RuleBroken:
    """The buyer is heard; what he answers again before the decision replaces what he said.

    RuleBroken: answer_missing (422), already_answered (409), hearing_over (409, committed: what comes late is kept).
    """
    cover, restriction = _locked(restriction)
    _must_be_its_buyer(cover, by)
    if _was_kept_late(restriction, ANSWER_LATE, answer, by):
        raise RuleBroken(CLAUSE, "hearing_over", detail=HEARING_OVER)
    if _is_repeat(restriction, "restriction.answered", by):
        return restriction
    if not answer.strip():
        raise RuleBroken(CLAUSE, "answer_missing", status=422, detail=_("Say what you answer to the finding."))
    if not on_time(at, restriction.hearing_due_at):
        _record(restriction, ANSWER_LATE, before=restriction.state, by=by, at=at, words=answer.strip())
        return RuleBroken(CLAUSE, "hearing_over", detail=HEARING_OVER)
    if restriction.state != RestrictionState.PROPOSED:
        # It can have been decided by now only because an answer was given: this one is not late.
        raise RuleBroken(CLAUSE, "already_answered", detail=ALREADY_ANSWERED)
    restriction.answer, restriction.answered_at, restriction.next_reminder_at = answer.strip(), at, None
    restriction.save(update_fields=["answer", "answered_at", "next_reminder_at"])
    _record(restriction, "restriction.answered", before=restriction.state, by=by, at=at)
    return restriction


@action
def decide_restriction(
    restriction: Restriction, *, approved: bool, reason: str, by: Actor, at: datetime
) -> Restriction:
    """Decide as a second auditor, once the buyer has answered or the hearing is over.

    RuleBroken: reason_required (422), hearing_open, end_passed (409). PermissionDenied for the proposer.
    """
    _must_be_auditor(by)
    cover, restriction = _locked(restriction)
    _must_say_why(reason)
    # An answer in time may be committed late: nobody decides before it can have come (T10).
    if restriction.answered_at is None and on_time(at, restriction.hearing_due_at + settle()):
        raise RuleBroken(CLAUSE, "hearing_open", detail=_("The buyer is still being heard."))
    if approved and on_time(restriction.ends_at, at):
        raise RuleBroken(CLAUSE, "end_passed", detail=_("The proposed end has passed: decline it."))
    decide(restriction.decision, approved=approved, reason=reason.strip(), by=by.with_key(""), at=at)
    before = restriction.state
    if approved:
        restriction.begin(at, tolled_due("appeal", at, law_for_order(cover.edition, at)))
        # The time to appeal reminds by its own steps.
        restriction.reminded_step = 0
        restriction.next_reminder_at = next_reminder_at(restriction)
        cover.restrict()
        cover.save(update_fields=["state"])
    else:
        restriction.decline()
    restriction.save()
    _record(restriction, f"restriction.{restriction.state}", before=before, by=by, at=at, reason=reason.strip())
    return restriction


@action
def appeal(restriction: Restriction, text: str, *, by: Actor, at: datetime) -> Restriction | RuleBroken:
    """The buyer appeals within 15 natural days; the restriction stands until a third auditor decides.

    One that has ended meanwhile can be appealed against as well: lifted, it is as if it had never been.
    RuleBroken: appeal_missing (422), appeal_over (409, committed: what comes late is kept). TransitionNotAllowed where
    there is nothing to appeal against, or somebody has.
    """
    cover, restriction = _locked(restriction)
    _must_be_its_buyer(cover, by)
    if _was_kept_late(restriction, APPEAL_LATE, text, by):
        raise RuleBroken(CLAUSE, "appeal_over", detail=APPEAL_OVER)
    if _is_repeat(restriction, "restriction.appealed", by):
        return restriction
    if not text.strip():
        raise RuleBroken(CLAUSE, "appeal_missing", status=422, detail=_("Say why the restriction is wrong."))
    if restriction.is_unappealed and restriction.appeal_due_at and not on_time(at, restriction.appeal_due_at):
        _record(restriction, APPEAL_LATE, before=restriction.state, by=by, at=at, words=text.strip())
        return RuleBroken(CLAUSE, "appeal_over", detail=APPEAL_OVER)
    before = restriction.state
    restriction.appeal_it(text.strip(), at)
    restriction.save(update_fields=["state", "appeal", "appealed_at", "next_reminder_at"])
    _record(restriction, "restriction.appealed", before=before, by=by, at=at)
    return restriction


@action
def decide_appeal(restriction: Restriction, *, upheld: bool, reason: str, by: Actor, at: datetime) -> Restriction:
    """A third auditor decides the appeal; lifted, the cover is active again at once.

    RuleBroken: reason_required (422). PermissionDenied for the two who decided before.
    """
    _must_be_auditor(by)
    cover, restriction = _locked(restriction)
    _must_say_why(reason)
    if by.user_id in (restriction.decision.proposer_id, restriction.decision.approver_id):
        raise PermissionDenied(_("A third person decides the appeal."))
    before, was_standing = restriction.state, restriction.is_standing
    if upheld:
        restriction.uphold(by.user, reason.strip())
    else:
        restriction.lift(by.user, reason.strip())
    # Where it has ended already, the cover is free of it; a newer one stands.
    if was_standing and not upheld:
        _free(cover)
    restriction.save(update_fields=["state", "appeal_decided_by", "appeal_reason"])
    kind = "restriction.upheld" if upheld else "restriction.lifted"
    _record(restriction, kind, before=before, by=by, at=at, reason=reason.strip())
    return restriction


@action
def end_restriction(restriction: Restriction, *, by: Actor, at: datetime) -> Restriction:
    """End a restriction whose end has passed; nothing happens before."""
    cover, restriction = _locked(restriction)
    if restriction.is_standing and not on_time(at, restriction.ends_at):
        before = restriction.state
        restriction.end()
        restriction.save(update_fields=["state"])
        _free(cover)
        _record(restriction, "restriction.ended", before=before, by=by, at=at, effective_at=restriction.ends_at)
    return restriction


def _free(cover: Cover) -> None:
    """The cover is active again, unless it was waived or refunded meanwhile."""
    if cover.state == CoverState.RESTRICTED:
        cover.lift_restriction()
        cover.save(update_fields=["state"])


def _locked_cover(cover: Cover) -> Cover:
    rows = Cover.objects.select_related("order", "edition").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=cover.pk)


def _locked(restriction: Restriction) -> tuple[Cover, Restriction]:
    cover = _locked_cover(restriction.cover)
    rows = Restriction.objects.select_related("decision").select_for_update(of=("self",), no_key=True)
    fresh = rows.get(pk=restriction.pk)
    fresh.cover = cover
    return cover, fresh


def _must_be_auditor(by: Actor) -> None:
    if by.platform_role != PlatformRole.AUDITOR or by.acting_for is not None:
        raise PermissionDenied(_("Only auditors decide on abuse."))


def _must_be_its_buyer(cover: Cover, by: Actor) -> None:
    if by.user_id != cover.buyer_id or by.acting_for is not None:
        raise PermissionDenied(_("Only the buyer of this cover is heard."))


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise RuleBroken(CLAUSE, "reason_required", status=422, detail=_("Give the reasons of the decision."))


def _is_repeat(restriction: Restriction, kind: str, by: Actor) -> bool:
    event = earlier(by)
    if event is None:
        return False
    if (event.kind, event.subject) != (kind, restriction.subject):
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return True


def _was_kept_late(restriction: Restriction, kind: str, words: str, by: Actor) -> bool:
    """Whether this very command came before, too late, and was kept: it is refused alike. Other words are not kept."""
    event = earlier(by)
    if event is None or (event.kind, event.subject) != (kind, restriction.subject):
        return False
    if (event.detail or {}).get("words") != words.strip():
        raise RuleBroken("", "idempotency_key_reused", status=422, detail=_("Use a new idempotency key."))
    return True


def _record(
    restriction: Restriction, kind: str, *, before: str, by: Actor, at: datetime,
    effective_at: datetime | None = None, reason: str = "", words: str = "",
) -> None:  # fmt: skip
    record(
        stream=restriction.subject,
        subject=restriction.subject,
        kind=kind,
        clause=CLAUSE,
        by=by,
        effective_at=effective_at or at,
        recorded_at=at,
        before={"state": before},
        after={"state": restriction.state},
        detail={
            "cover": restriction.cover_id,
            "cover_state": restriction.cover.state,
            "ends_at": instant_text(restriction.ends_at),
            "hearing_due_at": instant_text(restriction.hearing_due_at),
            "reason": reason,
            **({"words": words} if words else {}),
        },
    )
