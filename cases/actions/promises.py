"""A commitment said in the thread of a case, recorded by either side (2.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import apply_passed_limits_of, hold_case, is_repeat
from cases.models import ChatPromise, Message, Side
from cases.permissions import is_buyer, must_be_seller
from sellers.actions.commitments import promise_to_all
from sellers.actions.locks import lock_seller
from sellers.actions.verdicts import give_verdicts
from sellers.models import CommitmentSource
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from sellers.terms import Promise
    from zestech_aftersales.accounts.actors import Actor

RECORDED = "promise.recorded"


@action
def record_promise(message: Message, terms: Sequence[Promise], *, by: Actor, at: datetime) -> ChatPromise:
    """Record that a message of the seller's side is a promise to this buyer, split into terms.

    It holds for the case's product from the instant the message was received. The seller's own word is judged at
    once; what the buyer reports waits for an auditor. RuleBroken: not_the_sellers_word, statement_missing,
    terms_missing, terms_twice (422), already_recorded (409).
    """
    case = message.case
    side = Side.BUYER if is_buyer(case, by) else Side.SELLER
    if side == Side.SELLER:
        must_be_seller(case, by)
    seller = lock_seller(case.seller_id)
    hold_case(case.pk)
    if is_repeat(case.stream, RECORDED, by):
        told = earlier(by)
        return ChatPromise.objects.select_related("commitment").get(pk=((told and told.detail) or {})["promise"])
    apply_passed_limits_of(case, by=by, at=at)
    if message.side != Side.SELLER:
        raise RuleBroken(
            "2.3.3",
            "not_the_sellers_word",
            status=422,
            detail=_("Only what the seller’s side wrote can bind the seller."),
        )
    if ChatPromise.objects.filter(message=message, side=side).exists():
        raise RuleBroken("2.3.3", "already_recorded", detail=_("You have recorded this message as a promise already."))
    commitment = promise_to_all(
        seller,
        case.cover.line.product,
        source=CommitmentSource.COMMUNICATION,
        statement=message.body,
        terms=terms,
        by=by.with_key(""),
        at=at,
        begins_at=message.received_at,
        made_to=case.buyer,
        evidence=f"{case.reference}, {message}",
    )
    if side == Side.SELLER:
        give_verdicts(commitment, by=by.with_key(""), at=at)
    made = ChatPromise.objects.create(message=message, commitment=commitment, side=side, recorded_at=at)
    record(
        stream=case.stream,
        subject=case.stream,
        kind=RECORDED,
        clause="2.3.3",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={
            "promise": made.pk,
            "message": message.pk,
            "commitment": commitment.pk,
            "side": side,
            "terms": [each.text for each in terms],
        },
    )
    return made
