"""Mails kept and classified by support: free text is a message until then, and counts from its receipt (2.3.1, 2.3.2).

What the buyer has acknowledged (`cases.actions.acknowledged`) is classified alike, and counts from when it reached him.
What is no answer is dismissed.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from cases.actions.confirm import confirm
from cases.actions.offers import offer
from cases.actions.steps import apply_passed_limits_of, hold_case, is_repeat
from cases.causes import ACKNOWLEDGED, IN_TIME
from cases.mails import CLASSIFIED, DISMISSED, RECORDED, acknowledged_at, mails_to_classify
from cases.models import Message, ServiceAppointment, ServiceCase, Side
from cases.permissions import is_buyer, is_seller
from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from cases.terms import OfferTerms
    from zestech_aftersales.accounts.models import User

AS_OFFER, AS_CONFIRMATION = "offer", "confirmation"
# Refused, and kept as late: that is what the mail is.
KEPT_AS_LATE = ("deadline_passed", "lapsed")


@action
def record_mail(
    case: ServiceCase,
    *,
    sender: User,
    body: str,
    received_at: datetime,
    is_automatic: bool = False,
    by: Actor,
    at: datetime,
) -> Message:
    """Keep a mail of one side in the thread, as of the instant at which our mail server accepted it (T1).

    By itself it stops no limit; an automatic answer never does. RuleBroken: message_empty, not_a_side,
    instants_out_of_order (422). PermissionDenied for anybody but support.
    """
    _must_be_support(by)
    hold_case(case.pk)
    if is_repeat(case.stream, RECORDED, by):
        event = earlier(by)
        return Message.objects.get(pk=((event and event.detail) or {})["message"], case=case)
    apply_passed_limits_of(case, by=by, at=at)
    if not body.strip():
        raise RuleBroken("", "message_empty", status=422, detail=_("Write a message or add a photo."))
    if not case.opened_at <= received_at <= at:
        raise RuleBroken(
            "", "instants_out_of_order", status=422, detail=_("A mail is received after the case was opened, and before it is kept.")
        )  # fmt: skip
    message = Message.objects.create(
        case=case,
        author=sender,
        side=_side_of(case, sender),
        author_name=sender.name or sender.email,
        body=body.strip(),
        received_at=received_at,
    )
    detail = {"message": message.pk, "side": message.side, "automatic": is_automatic}
    _record(case, RECORDED, detail, by=by, at=at, effective_at=received_at)
    return message


def classify_as_offer(
    appointment: ServiceAppointment, mail: Message, terms: OfferTerms, *, reason: str, by: Actor, at: datetime
) -> None:
    """A mail of the seller is an effective response: the offer counts from the mail's receipt, by the seller's own hand.

    In time it meets the limit, also where that was found missed meanwhile; late it is kept as late. The buyer's own
    time begins at `at`, when he learns that it was an offer. RuleBroken as for `offer`, and mail_unfit (409), reason_required (422). PermissionDenied for anybody but support.
    """
    _must_fit(appointment, mail, reason, by)
    by_seller, answered_at, because = _counted(appointment, mail)
    try:
        offer(appointment, terms, told_at=at, because=because, by=by_seller, at=answered_at)
    except RuleBroken as refused:
        if refused.code not in KEPT_AS_LATE:
            raise
    note_classified(appointment, mail, as_what=AS_OFFER, reason=reason, by=by, at=at)


def classify_as_confirmation(
    appointment: ServiceAppointment, mail: Message, *, contact_name: str = "", reason: str, by: Actor, at: datetime
) -> None:
    """A mail of the seller confirms the visit as of its receipt; without the four items before, with a gap (3.1).

    RuleBroken as for `confirm`, and mail_unfit (409), reason_required (422). PermissionDenied for anybody but support.
    """
    _must_fit(appointment, mail, reason, by)
    by_seller, answered_at, because = _counted(appointment, mail)
    try:
        confirm(appointment, contact_name=contact_name, because=because, by=by_seller, at=answered_at)
    except RuleBroken as refused:
        if refused.code not in KEPT_AS_LATE:
            raise
    note_classified(appointment, mail, as_what=AS_CONFIRMATION, reason=reason, by=by, at=at)


@action
def note_classified(
    appointment: ServiceAppointment, mail: Message, *, as_what: str, reason: str, by: Actor, at: datetime
) -> Message:
    """Write down who has classified a mail as what, and why; once done it changes nothing more."""
    _must_be_support(by)
    hold_case(appointment.case_id)
    if mail.pk in [each.pk for each in mails_to_classify(appointment)]:
        detail = {"message": mail.pk, "as": as_what, "reason": reason.strip(), "appointment": appointment.pk}
        if acknowledged_at(mail) is not None:
            detail["because"] = ACKNOWLEDGED
        _record(appointment.case, CLASSIFIED, detail, by=by, at=at, effective_at=at)
    return mail


@action
def dismiss_mail(appointment: ServiceAppointment, mail: Message, *, reason: str, by: Actor, at: datetime) -> Message:
    """What might have been an answer is none: it stays in the thread, waits no longer, and changes nothing.

    The buyer may acknowledge another answer then. RuleBroken: mail_unfit (409), reason_required (422).
    PermissionDenied for anybody but support.
    """
    _must_be_support(by)
    hold_case(appointment.case_id)
    if is_repeat(appointment.case.stream, DISMISSED, by):
        return mail
    _must_fit(appointment, mail, reason, by)
    apply_passed_limits_of(appointment.case, by=by, at=at)
    detail = {"message": mail.pk, "reason": reason.strip(), "appointment": appointment.pk}
    if acknowledged_at(mail) is not None:
        detail["because"] = ACKNOWLEDGED
    _record(appointment.case, DISMISSED, detail, by=by, at=at, effective_at=at)
    return mail


def _must_fit(appointment: ServiceAppointment, mail: Message, reason: str, by: Actor) -> None:
    _must_be_support(by)
    if not reason.strip():
        raise RuleBroken("2.3.1", "reason_required", status=422, detail=_("Say what makes the mail this."))
    if mail.pk not in [each.pk for each in mails_to_classify(appointment)]:
        raise RuleBroken(
            "2.3.1", "mail_unfit",
            detail=_("This is no mail of the seller that waits: automatic, or classified or dismissed before."),
        )  # fmt: skip


def _counted(appointment: ServiceAppointment, mail: Message) -> tuple[Actor, datetime, str]:
    """By whom, since when and because of what it counts.

    Who of the seller's people had answered the buyer elsewhere nobody has recorded: it is told as the seller's without
    a name, and the buyer stands for it.
    """
    answered_at = acknowledged_at(mail)
    if answered_at is None:
        return _sender_of(mail), mail.received_at, IN_TIME
    seller = Actor(Channel.MAIL, seller_id=appointment.seller_id, seat=Seat.CLIENT, key=f"acknowledged/{mail.pk}")
    return seller, answered_at, ACKNOWLEDGED


def _sender_of(mail: Message) -> Actor:
    """Whoever wrote the mail, as the seller's own hand; the same mail is the same command."""
    if mail.author is None:
        raise PermissionDenied(_("Nobody is known to have sent this."))
    return actor_of(mail.author, Channel.MAIL, f"mail/{mail.pk}")


def _side_of(case: ServiceCase, sender: User) -> str:
    by = actor_of(sender, Channel.MAIL)
    if is_seller(case, by):
        return Side.SELLER
    if is_buyer(case, by):
        return Side.BUYER
    raise RuleBroken(
        "", "not_a_side", status=422, detail=_("The sender is neither the buyer nor speaks for the seller of this case.")
    )  # fmt: skip


def _must_be_support(by: Actor) -> None:
    if by.platform_role != PlatformRole.SUPPORT:
        raise PermissionDenied(_("Only support keeps and classifies mails."))


def _record(
    case: ServiceCase, kind: str, detail: dict[str, object], *, by: Actor, at: datetime, effective_at: datetime
) -> None:
    record(
        stream=case.stream, subject=case.stream, kind=kind, clause="2.3.1", by=by, effective_at=effective_at,
        recorded_at=at, detail=detail,
    )  # fmt: skip
