"""The seller confirms a door visit within 14 natural days (2.3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, keep_late, keep_next_due, locked, refusal_of
from cases.causes import IN_TIME
from cases.corrections.commands import apply_after_rescission
from cases.deadlines import Clocks, settle_limits
from cases.disclosures import give_disclosure, has_disclosure, incomplete, told_version
from cases.events import record_change, visit_told
from cases.models import Clock, Deadline, OfferState, ServiceAppointment
from cases.models.disclosure import ITEMS
from cases.permissions import must_be_seller
from cases.planning import plan_visit
from cases.terms import DisclosureItems
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from sellers.models import Engineer
    from zestech_aftersales.accounts.actors import Actor


@action
def confirm(
    appointment: ServiceAppointment,
    *,
    items: DisclosureItems | None = None,
    engineer: Engineer | None = None,
    contact_name: str = "",
    because: str = IN_TIME,
    by: Actor,
    at: datetime,
) -> ServiceAppointment | RuleBroken:
    """Confirm the agreed door visit; plans the visit and meets the 14 natural days.

    Where no time was agreed, or it is over at `at`, the visit is planned without one: its date is still to be agreed.
    `engineer`, or else a person named by `contact_name`, comes instead of the one that the offer named.
    `because` tells what proves that it was in time, where a miss is taken back by it (`cases.causes`).
    `items` gives (a new version of) the disclosure in the same step. A confirmation by e-mail without it is valid
    and marked as a disclosure gap. RuleBroken: disclosure_incomplete (422, 3.1) elsewhere leaves everything as it was
    and the 14 days running; deadline_passed (409) is committed;
    confirmed_by_acceptance (409) for point and remote, which the buyer's acceptance confirms;
    engineer_unfit (422) and engineer_booked (409) for an engineer who cannot come then.
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "appointment.confirmed", by):
        return appointment
    clocks = Clocks(appointment)
    if missed := settle_limits(clocks, by=by, at=at, because=because):
        _keep(appointment, missed, items, engineer, contact_name.strip(), by=by, at=at)
        return refusal_of(missed, appointment)
    if not appointment.is_door:
        raise RuleBroken(
            "2.3.2",
            "confirmed_by_acceptance",
            detail=_("The buyer's acceptance confirms this appointment; make an offer."),
        )
    if engineer is not None and engineer.seller_id != appointment.seller_id:
        raise RuleBroken("2.3.1", "engineer_of_another", status=422, detail=_("Choose one of your own engineers."))
    before = appointment.state
    appointment.confirm()
    if items is not None:
        give_disclosure(appointment, items, by=by, at=at)
    is_told = has_disclosure(appointment, at=at)
    if not is_told and by.channel != Channel.MAIL:
        raise incomplete(list(ITEMS))
    # Of this confirmation: one that was dropped and cured is confirmed anew, and may be told by then.
    appointment.has_disclosure_gap = not is_told
    accepted = appointment.offers.filter(state=OfferState.ACCEPTED).latest("id")
    planned = plan_visit(appointment, accepted, engineer=engineer, contact_name=contact_name.strip(), at=at)
    clocks.meet(Clock.CONFIRMATION, at=at)
    keep_next_due(appointment, clocks, "has_disclosure_gap")
    record_change(
        appointment,
        "appointment.confirmed",
        clause="2.3.1",
        by=by,
        at=at,
        before=before,
        clocks=clocks,
        detail={
            "planned": visit_told(planned),
            **(told_version(appointment, at=at) if is_told else {"disclosure_gap": True}),
        },
    )
    apply_after_rescission(clocks, by=by, at=at)
    return appointment


def _keep(
    appointment: ServiceAppointment, missed: Deadline, items: DisclosureItems | None, engineer: Engineer | None,
    contact_name: str, *, by: Actor, at: datetime,
) -> None:  # fmt: skip
    """What is needed to confirm after all, should the limit move: who comes, and what the buyer was told (3.1)."""
    is_own = engineer is not None and engineer.seller_id == appointment.seller_id
    told: dict[str, object] = {
        "engineer": engineer.pk if engineer is not None and is_own else None,
        "contact_name": contact_name,
    }
    if items is not None and not items.missing():
        told["disclosure"] = give_disclosure(appointment, items, by=by, at=at).version
    keep_late(appointment, "confirmation.late", missed, by=by, at=at, **told)
