"""A longer limit for one request: the seller proposes, it binds once the buyer has accepted in time (2.3.3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.corrections.commands import apply_after_rescission
from cases.deadlines import Clocks, settle_limits
from cases.events import instant_text, record_change
from cases.longer_limits import replace_standing
from cases.models import Clock, Deadline, DeadlineState, LongerLimit, LongerLimitState, ServiceAppointment
from cases.permissions import must_be_buyer, must_be_seller
from cases.refusals import longer_limit_gone
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.limits import LIMITS, amount_words
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

# Only what the seller owes can be lengthened; the buyer's own time and the platform's are not his to ask for.
EXTENDABLE = (Clock.RESPONSE, Clock.SOLUTION, Clock.CONFIRMATION, Clock.COUNTER, Clock.NEW_DATE)
# Longer than this nobody agrees on: somebody mistyped.
LONGEST = {"hours": 8760, "days": 3660}
PROPOSED, AGREED, DECLINED, LATE = (
    "limit.longer_proposed",
    "limit.longer_agreed",
    "limit.longer_declined",
    "longer_limit.late",
)


@action
def propose_longer_limit(
    deadline: Deadline, amount: int, reason: str, *, by: Actor, at: datetime
) -> LongerLimit | RuleBroken:
    """The seller asks for another length of a limit of his that runs; the clock runs on as if he had not.

    `amount` is the whole new length in the clock's unit, counted from its start. A proposal that stands for the same
    clock is replaced. RuleBroken: reason_required, limit_not_longer (422), limit_not_running (409);
    deadline_passed (409, committed) once the limit is over, however it was noticed.
    """
    appointment = locked(deadline.appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, PROPOSED, by):
        return _made_before(appointment, by)
    clocks = Clocks(appointment)
    # A proposal meets no limit: it takes no miss back.
    if missed := settle_limits(clocks, by=by, at=at, meets=frozenset()):
        keep_late(appointment, LATE, missed, by=by, at=at)
        return refusal_of(missed, appointment)
    row = _running(clocks, deadline)
    if not reason.strip():
        raise RuleBroken(
            row.clause, "reason_required", status=422, detail=_("Say why more time is needed."),
            context={"missing": ["reason"]},
        )  # fmt: skip
    _must_be_longer(row, amount)
    replace_standing(row)
    made = LongerLimit.objects.create(
        deadline=row,
        instead_of=row.amount,
        amount=amount,
        reason=reason.strip()[:300],
        made_by=by.user,
        received_at=at,
    )
    keep_next_due(appointment, clocks)
    _record(appointment, PROPOSED, made, by=by, at=at)
    return made


@action
def accept_longer_limit(proposal: LongerLimit, *, by: Actor, at: datetime) -> LongerLimit | RuleBroken:
    """The buyer's own yes, at or before the due instant: the clock is counted with the longer limit, pauses and all.

    Nobody says it for him. What had come late by the old limit and lies inside the new one counts as in time.
    RuleBroken: longer_limit_not_standing (409); deadline_passed (409, committed) when the limit was over.
    """
    appointment = locked(proposal.deadline.appointment)
    _must_be_the_buyer_himself(appointment, by)
    if is_repeat(appointment.subject, AGREED, by):
        return _made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        keep_late(appointment, LATE, missed, by=by, at=at)
        return refusal_of(missed, appointment)
    accepted, row = _standing(clocks, proposal)
    accepted.instead_of = row.amount
    accepted.accept(at)
    accepted.save(update_fields=["state", "answered_at", "instead_of"])
    clocks.agree_on(row, accepted.amount, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, AGREED, accepted, by=by, at=at, clocks=clocks)
    # It may have been committed only after the sweep, and after what was kept as late meanwhile.
    apply_after_rescission(clocks, by=by, at=at)
    return accepted


@action
def decline_longer_limit(
    proposal: LongerLimit, answer: str = "", *, by: Actor, at: datetime
) -> LongerLimit | RuleBroken:
    """The buyer's no, with a word if he likes; the limit stays what it is.

    RuleBroken: longer_limit_not_standing (409); deadline_passed (409, committed) when the limit was over.
    """
    appointment = locked(proposal.deadline.appointment)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, DECLINED, by):
        return _made_before(appointment, by)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at, meets=frozenset()):
        keep_late(appointment, LATE, missed, by=by, at=at)
        return refusal_of(missed, appointment)
    declined, _row = _standing(clocks, proposal)
    declined.decline(at, answer.strip()[:300])
    declined.save(update_fields=["state", "answered_at", "answer"])
    keep_next_due(appointment, clocks)
    _record(appointment, DECLINED, declined, by=by, at=at)
    return declined


def _must_be_the_buyer_himself(appointment: ServiceAppointment, by: Actor) -> None:
    must_be_buyer(appointment, by)
    if by.acting_for is not None:
        raise PermissionDenied(_("Only the buyer himself can agree to a longer limit."))


def _running(clocks: Clocks, deadline: Deadline) -> Deadline:
    row = next((each for each in clocks.rows if each.pk == deadline.pk), None)
    if row is None or row.state != DeadlineState.RUNNING or row.clock not in EXTENDABLE:
        raise RuleBroken(
            deadline.clause, "limit_not_running", detail=_("No limit of the seller runs here that could be longer.")
        )
    return row


def _standing(clocks: Clocks, proposal: LongerLimit) -> tuple[LongerLimit, Deadline]:
    row = next((each for each in clocks.rows if each.pk == proposal.deadline_id), None)
    standing = LongerLimit.objects.select_related("deadline").get(pk=proposal.pk)
    if row is None or row.state != DeadlineState.RUNNING or standing.state != LongerLimitState.STANDING:
        raise longer_limit_gone()
    # The rules may give more by now: a judgement of a promise was put right.
    if standing.amount <= row.amount:
        raise longer_limit_gone()
    return standing, row


def _must_be_longer(row: Deadline, amount: int) -> None:
    unit = LIMITS[row.clock].unit
    if not row.amount < amount <= LONGEST[unit]:
        raise RuleBroken(
            "2.3.3",
            "limit_not_longer",
            status=422,
            detail=_("The limit is %(now)s: propose a longer one, up to %(longest)s.")
            % {"now": row.length_words, "longest": amount_words(unit, LONGEST[unit])},
            context={"missing": ["amount"]},
        )


def _made_before(appointment: ServiceAppointment, by: Actor) -> LongerLimit:
    event = earlier(by)
    told: dict[str, Any] = (event and event.detail) or {}
    return LongerLimit.objects.select_related("deadline").get(
        pk=told["longer_limit"], deadline__appointment=appointment
    )


def _record(
    appointment: ServiceAppointment,
    kind: str,
    proposal: LongerLimit,
    *,
    by: Actor,
    at: datetime,
    clocks: Clocks | None = None,
) -> None:
    due_at = proposal.deadline.due_at
    record_change(
        appointment,
        kind,
        clause="2.3.3",
        by=by,
        at=at,
        before=appointment.state,
        clocks=clocks,
        detail={
            "longer_limit": proposal.pk,
            "clock": proposal.deadline.clock,
            "instead_of": proposal.instead_of,
            "amount": proposal.amount,
            "reason": proposal.reason,
            "due_before": instant_text(due_at) if due_at else None,
        },
    )
