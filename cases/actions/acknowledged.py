"""The buyer acknowledges that the seller's answer had reached him in time: one of the proofs that take a refusal back.

The rules want a structured offer (domain section 3, effective response). So his word is kept as evidence, and counts
once support has classified it like a mail, or waits no longer once it was dismissed (`cases.actions.mails`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.messages import put_in_thread
from cases.actions.steps import hold_case, is_repeat, locked
from cases.corrections.reckoning import ending_miss
from cases.deadlines import Clocks, apply_passed_limit
from cases.events import instant_text, record_change
from cases.mails import ACKNOWLEDGED, KEPT_BY_AN_ANSWER, acknowledged_at, mails_to_classify
from cases.models import AppointmentState, Message, ServiceAppointment
from cases.permissions import must_be_buyer
from cases.refusals import clause_of
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.record import earlier

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def acknowledge_answer(
    appointment: ServiceAppointment, words: str, answered_at: datetime, *, by: Actor, at: datetime
) -> Message | RuleBroken:
    """Keep the buyer's word that the seller's answer reached him at `answered_at`, and what it said.

    By itself it takes nothing back. RuleBroken: message_empty (422), not_deemed_refused, already_acknowledged (409),
    answer_outside_limit (422). PermissionDenied for anybody but the buyer himself.
    """
    must_be_buyer(appointment, by)
    hold_case(appointment.case_id)
    appointment = locked(appointment)
    if is_repeat(appointment.subject, ACKNOWLEDGED, by):
        event = earlier(by)
        return Message.objects.get(pk=((event and event.detail) or {})["message"])
    if not words.strip():
        raise RuleBroken("", "message_empty", status=422, detail=_("Say what the seller answered."))
    clocks = Clocks(appointment)
    apply_passed_limit(clocks, by=by, at=at)
    # Returned from here on: the limit may have passed only now (T9).
    missed = ending_miss(clocks)
    is_refused = appointment.state == AppointmentState.DEEMED_REFUSED
    if missed is None or missed.due_at is None or not is_refused or missed.clock not in KEPT_BY_AN_ANSWER:
        return RuleBroken(
            clause_of(appointment), "not_deemed_refused",
            detail=_("The request does not count as refused for a missed answer: there is nothing to take back."),
        )  # fmt: skip
    if any(acknowledged_at(each) for each in mails_to_classify(appointment)):
        return RuleBroken(
            missed.clause, "already_acknowledged",
            detail=_("You have acknowledged an answer already. Support reads it and decides what it was."),
        )  # fmt: skip
    if answered_at < missed.started_at or not on_time(answered_at, missed.due_at):
        return RuleBroken(
            missed.clause, "answer_outside_limit", status=422,
            detail=_("An answer in time came after the request, and at or before the instant at which the limit was over."),
            context={"begins_at": instant_text(missed.started_at), "due_at": instant_text(missed.due_at)},
        )  # fmt: skip
    message = put_in_thread(appointment.case, words, (), by=by, at=at)
    record_change(
        appointment, ACKNOWLEDGED, clause=missed.clause, by=by, at=at, before=appointment.state,
        detail={"message": message.pk, "answered_at": instant_text(answered_at), "side": message.side},
    )  # fmt: skip
    return message
