"""Tell the four items of 3.1, and acknowledge them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.actions.steps import is_repeat, locked
from cases.deadlines import Clocks, apply_passed_limit
from cases.disclosures import give_disclosure, incomplete
from cases.events import record_change
from cases.models import Disclosure, DisclosureDoubt, ServiceAppointment
from cases.models.disclosure import ITEMS
from cases.permissions import must_be_buyer, must_be_seller
from cases.refusals import version_replaced
from cases.terms import DisclosureItems
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def disclose(
    appointment: ServiceAppointment, items: DisclosureItems, *, by: Actor, at: datetime
) -> Disclosure | RuleBroken:
    """Give the buyer the four items; a changed text is a new version, the same text changes nothing (3.1).

    RuleBroken disclosure_incomplete (422) when an item is empty; a limit that has passed is applied all the same (T9).
    """
    appointment = locked(appointment)
    must_be_seller(appointment, by)
    if is_repeat(appointment.subject, "disclosure.given", by):
        return appointment.disclosures.latest("version")
    apply_passed_limit(Clocks(appointment), by=by, at=at)
    if missing := items.missing():
        return incomplete(missing)
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


@action
def find_unclear(
    disclosure: Disclosure, item: str, question: str, *, by: Actor, at: datetime
) -> DisclosureDoubt | RuleBroken:
    """The buyer says what is unclear in one of the four items; the seller clears it by a new version (3.1).

    It stops no clock and blocks no confirmation; in a dispute an item in doubt counts as inferred.
    RuleBroken: item_unknown, question_missing (422), already_asked, version_replaced (409); a limit that has passed
    is applied all the same (T9).
    """
    appointment = locked(disclosure.appointment)
    must_be_buyer(appointment, by)
    asked = DisclosureDoubt.objects.filter(disclosure=disclosure, item=item)
    if is_repeat(appointment.subject, "disclosure.unclear", by):
        return asked.latest("id")
    apply_passed_limit(Clocks(appointment), by=by, at=at)
    if refused := _not_askable(disclosure, appointment, item, question):
        return refused
    doubt = DisclosureDoubt.objects.create(
        disclosure=disclosure, item=item, question=question.strip(), asked_at=at, asked_by=by.user
    )
    _record(appointment, "disclosure.unclear", disclosure, by=by, at=at, side="buyer", item=item, doubt=doubt.pk)
    return doubt


def _not_askable(
    disclosure: Disclosure, appointment: ServiceAppointment, item: str, question: str
) -> RuleBroken | None:
    if item not in ITEMS:
        return RuleBroken("3.1", "item_unknown", status=422, detail=_("Choose one of the four items."))
    if not question.strip():
        return RuleBroken("3.1", "question_missing", status=422, detail=_("Say what is unclear."))
    if appointment.disclosures.latest("version").pk != disclosure.pk:
        return version_replaced()
    if disclosure.doubts.filter(item=item, cleared_by=None).exists():
        return RuleBroken(
            "3.1", "already_asked", detail=_("You have asked about this item; the seller’s answer is awaited.")
        )
    return None


def _record(
    appointment: ServiceAppointment, kind: str, given: Disclosure, *, by: Actor, at: datetime, **more: object
) -> None:
    detail = {"version": given.version, **more}
    record_change(appointment, kind, clause="3.1", by=by, at=at, before=appointment.state, detail=detail)
