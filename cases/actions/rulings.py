"""The buyer flags an offer as unreasonable, and an auditor rules on it (2.3.1, 2.3.2: a reasonable solution)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.actions.offers import ANSWERED, BUYER_DECIDES, must_stand
from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.corrections.commands import apply_after_rescission
from cases.corrections.revisions import OFFER_RULING
from cases.corrections.taking_back import restore
from cases.deadlines import Clocks, apply_passed_limit, settle_limits
from cases.events import record_change
from cases.models import AppointmentState, Clock, Deadline, DeadlineState, Offer, OfferState, ServiceAppointment, Side
from cases.permissions import must_be_buyer
from cases.refusals import offer_gone
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def flag(standing: Offer, reason: str, *, by: Actor, at: datetime) -> Offer | RuleBroken:
    """The buyer says why an offer is not reasonable; the platform has 3 natural days to rule.

    Until it has ruled, the 14 days and the buyer's silence stay paused. RuleBroken: reason_required (422),
    offer_not_standing (409), lapsed (409).
    """
    appointment = locked(standing.appointment)
    must_be_buyer(appointment, by)
    if is_repeat(appointment.subject, "offer.flagged", by):
        return appointment.offers.get(pk=standing.pk)
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at):
        if appointment.state == AppointmentState.LAPSED:
            keep_late(appointment, "flag.late", missed, by=by, at=at, offer=standing.pk, reason=reason.strip())
        return refusal_of(missed, appointment)
    flagged = must_stand(standing, appointment, side=Side.SELLER)
    if appointment.state != AppointmentState.PROPOSED:
        # An offer after a refusal meets no limit: there is nothing that a ruling could take from it.
        raise offer_gone(appointment)
    if not reason.strip():
        raise RuleBroken("2.3.1", "reason_required", status=422, detail=_("Say why the offer is not reasonable."))
    flagged.flag()
    flagged.save(update_fields=["state"])
    clocks.pause(Clock.BUYER_SILENCE, cause=OFFER_RULING, at=at)
    clocks.start(Clock.OFFER_RULING, at=at)
    keep_next_due(appointment, clocks)
    _record(appointment, "offer.flagged", flagged, reason, by=by, at=at, clocks=clocks)
    apply_after_rescission(clocks, by=by, at=at)
    return flagged


@action
def rule_on_offer(flagged: Offer, *, is_reasonable: bool, reason: str, by: Actor, at: datetime) -> ServiceAppointment:
    """An auditor rules on a flagged offer, with reasons.

    Reasonable: the offer stands and the buyer's time goes on. Unreasonable: the offer is void, and the clock
    it had met runs again as if it had not been made. If that clock's due instant has passed by then, the
    appointment is deemed refused, effective at that instant, unless it was a revision of an offer that was made in
    time and that nobody had flagged: that one stands again, and the buyer has the full time to decide on it.
    RuleBroken: reason_required (422), not_flagged (409). PermissionDenied for anybody but an auditor.
    """
    appointment = locked(flagged.appointment)
    if by.platform_role != PlatformRole.AUDITOR:
        raise PermissionDenied(_now("Only an auditor rules on an offer."))
    kind = "offer.held_reasonable" if is_reasonable else "offer.held_unreasonable"
    if is_repeat(appointment.subject, kind, by):
        return appointment
    if not reason.strip():
        raise RuleBroken("2.3.1", "reason_required", status=422, detail=_("A ruling needs its reasons."))
    ruled = appointment.offers.filter(pk=flagged.pk, state=OfferState.FLAGGED).first()
    if ruled is None:
        raise RuleBroken("2.3.1", "not_flagged", detail=_("This offer no longer waits for a ruling."))
    clocks = Clocks(appointment)
    before = appointment.state
    clocks.meet(Clock.OFFER_RULING, at=at)
    if is_reasonable:
        ruled.hold_reasonable()
        clocks.resume(Clock.BUYER_SILENCE, cause=OFFER_RULING, at=at)
    else:
        ruled.hold_unreasonable()
        ruled.save(update_fields=["state"])
        clocks.void(Clock.BUYER_SILENCE, at=at)
        if earlier_one := _made_in_time(ruled, clocks, at=at):
            restore(earlier_one)
            clocks.start(Clock.BUYER_SILENCE, at=at)
        else:
            appointment.hold_unreasonable()
            clocks.resume(Clock.CONFIRMATION, cause=BUYER_DECIDES, at=at)
            clocks.reopen(_clock_met_by(ruled, clocks))
    ruled.save(update_fields=["state"])
    keep_next_due(appointment, clocks)
    _record(appointment, kind, ruled, reason, by=by, at=at, clocks=clocks, before=before)
    if not is_reasonable:
        apply_passed_limit(clocks, by=by, at=at)
    return appointment


def _made_in_time(ruled: Offer, clocks: Clocks, *, at: datetime) -> Offer | None:
    """Once the limit is over: the offer that had met it before the seller put the one ruled on in its place."""
    met = _clock_met_by(ruled, clocks)
    if met.due_at is None or on_time(at, met.due_at) or met.ended_at is None:
        return None
    replaced = clocks.appointment.offers.filter(
        side=Side.SELLER, state=OfferState.REPLACED, received_at__gte=met.ended_at, received_at__lte=met.due_at
    )
    told = {"stream": f"case/{clocks.appointment.case_id}", "subject": clocks.appointment.subject}
    flagged = [(event.detail or {})["offer"] for event in Event.objects.filter(**told, kind="offer.flagged")]
    return replaced.exclude(pk__in=flagged).order_by("-id").first()


def _clock_met_by(offer: Offer, clocks: Clocks) -> Deadline:
    """The clock that the offer, or the one it was a revision of, had met."""
    met = [row for row in clocks.rows if row.clock in ANSWERED and row.state == DeadlineState.MET]
    return max(met, key=lambda row: (row.ended_at or offer.received_at, row.pk))


def _record(
    appointment: ServiceAppointment,
    kind: str,
    offer: Offer,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    clocks: Clocks,
    before: str = "",
) -> None:
    record_change(
        appointment,
        kind,
        clause="2.3.1" if appointment.is_door else "2.3.2",
        by=by,
        at=at,
        before=before or appointment.state,
        clocks=clocks,
        detail={"offer": offer.pk, "reason": reason.strip()},
    )
