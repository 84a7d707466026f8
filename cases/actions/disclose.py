"""Tell the four items of 3.1, and acknowledge them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from cases.actions.steps import is_repeat, locked
from cases.deadlines import Clocks, apply_passed_limit
from cases.disclosures import give_disclosure
from cases.events import record_change
from cases.models import Disclosure, ServiceAppointment
from cases.permissions import must_be_buyer, must_be_seller
from cases.terms import DisclosureItems
from zestech_aftersales.action import action

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def disclose(appointment: ServiceAppointment, items: DisclosureItems, *, by: Actor, at: datetime) -> Disclosure:
    """Give the buyer the four items; a changed text is a new version, the same text changes nothing (3.1).

    RuleBroken disclosure_incomplete (422) when an item is empty.
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    apply_passed_limit(Clocks(appointment), by=by, at=at)
    if is_repeat(appointment.subject, "disclosure.given", by):
        return appointment.disclosures.latest("version")
    given = give_disclosure(appointment, items, by=by, at=at)
    if given.given_at == at:
        _record(appointment, "disclosure.given", given, by=by, at=at)
    return given


@action
def acknowledge(disclosure: Disclosure, *, by: Actor, at: datetime) -> Disclosure:
    """The buyer says that he has read a version; saying it twice changes nothing (3.1)."""
    appointment = locked(disclosure.appointment)
    must_be_buyer(appointment, by)
    apply_passed_limit(Clocks(appointment), by=by, at=at)
    fresh = appointment.disclosures.get(pk=disclosure.pk)
    if fresh.acknowledged_at is None:
        fresh.acknowledged_at = at
        fresh.save(update_fields=["acknowledged_at"])
        _record(appointment, "disclosure.acknowledged", fresh, by=by, at=at)
    return fresh


def _record(appointment: ServiceAppointment, kind: str, given: Disclosure, *, by: Actor, at: datetime) -> None:
    record_change(
        appointment, kind, clause="3.1", by=by, at=at, before=appointment.state, detail={"version": given.version}
    )
