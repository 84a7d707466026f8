"""What a clearance does and undoes, under the locks of the action that decides it (3.2, 4.3).

It takes the whole legal entity: every account of it that takes part is the violating seller itself. Affiliates lose
what is pending, no more (see `sellers.bars`). Clocks, covers and open appointments are not touched: who was cleared
stays liable for every order placed under the mark.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases.events import instant_text
from complaints.events import record_change
from complaints.models import (
    STANDING_CLEARANCES,
    STANDING_VIOLATIONS,
    Audit,
    AuditState,
    Clearance,
    ClearanceEffect,
    Violation,
)
from sellers import bars
from sellers.actions import clearing
from sellers.actions.clearing import Shown
from sellers.models import Enrolment, EnrolmentState, Seller

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

CLAUSE = "3.2"


def cited_in_standing(clearance: Clearance) -> list[Violation]:
    """The violations it cites that still stand."""
    return list(clearance.violations.filter(state__in=STANDING_VIOLATIONS, groundless_since__isnull=True))


def can_be_cleared(enrolment: Enrolment) -> bool:
    """Whether it is active, or withdrawn while an audit ran that has not ended without a finding."""
    if enrolment.state == EnrolmentState.ACTIVE:
        return True
    if enrolment.state != EnrolmentState.WITHDRAWN or enrolment.left_at is None:
        return False
    left_at = enrolment.left_at
    ran = Audit.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=left_at), seller_id=enrolment.seller_id)
    return ran.filter(opened_at__lte=left_at).exclude(state=AuditState.NO_FINDING).exists()


def enrolments_to_clear(clearance: Clearance) -> list[Enrolment]:
    """The enrolment it names, and the active ones of the same legal entity."""
    entity = bars.sellers_of_entity(clearance.seller)
    theirs = Q(pk=clearance.enrolment_id) | Q(seller__in=entity, state=EnrolmentState.ACTIVE)
    return list(Enrolment.objects.filter(theirs).select_related("seller").order_by("pk"))


def applications_to_reject(clearance: Clearance, at: datetime) -> list[Enrolment]:
    """The pending applications that a bar from an instant on would cover."""
    covered = bars.reached(clearance.seller, at)
    pending = Enrolment.objects.filter(seller__in=covered, state=EnrolmentState.APPLIED)
    return list(pending.select_related("seller").order_by("pk"))


def take_effect(clearance: Clearance, *, reason: str, by: Actor, at: datetime) -> list[ClearanceEffect]:
    """Clear the entity's enrolments, end their marks, turn down what is pending under the bar."""
    effects = []
    to_clear = clearing.lock_enrolments(each.pk for each in enrolments_to_clear(clearance))
    # The one that takes part first: the marks are its own, and come back with it.
    for held in sorted(to_clear, key=lambda each: each.state != EnrolmentState.ACTIVE):
        before = str(held.state)
        shown = clearing.clear_enrolment(held, reason=reason, by=by, at=at)
        marks = [{"product": each.product_id, "planned_end": _text(each.planned_end)} for each in shown]
        effects.append(ClearanceEffect(clearance=clearance, enrolment=held, state_before=before, marks=marks))
    for held in clearing.lock_enrolments(each.pk for each in applications_to_reject(clearance, at)):
        clearing.reject_barred(held, by=by, at=at)
        effects.append(ClearanceEffect(clearance=clearance, enrolment=held, state_before=EnrolmentState.APPLIED))
    return ClearanceEffect.objects.bulk_create(effects)


def _text(instant: datetime | None) -> str | None:
    """An instant with all its microseconds."""
    return None if instant is None else instant_text(instant)


def lift(clearance: Clearance, *, because: str, by: Actor, at: datetime) -> None:
    """Lift it with effect from the start: clearance and bar are as if they had never been, enrolments are as they were.

    Marks come back from now on, not backwards: `sellers.actions.clearing.show_again` says why. The rows of the
    clearance and of all sellers concerned are locked. Applications that were turned down may be made again.
    """
    before = clearance.state
    clearance.lift(because, at)
    clearance.save(update_fields=["state", "lifted_at", "lifted_because"])
    record_change(clearance, "clearance.lifted", clause=CLAUSE, by=by, at=at, before=before, detail={"reason": because})
    effects = {effect.enrolment_id: effect for effect in clearance.effects.all()}
    for held in clearing.lock_enrolments(effects):
        if held.state == EnrolmentState.CLEARED:
            _give_back(held, effects[held.pk], because=because, by=by, at=at)
    turned_down = [key for key, effect in effects.items() if effect.state_before == EnrolmentState.APPLIED]
    for rejected in Enrolment.objects.filter(pk__in=turned_down).select_related("seller"):
        clearing.tell_bar_is_lifted(rejected, by=by, at=at)


def _give_back(held: Enrolment, effect: ClearanceEffect, *, because: str, by: Actor, at: datetime) -> None:
    """Return one enrolment to what it was, as far as nothing that happened meanwhile stands against it.

    A new enrolment that is active by now goes on: two are not active at a time, so the old one is withdrawn as of
    the new one's application. So it is where the seller has left that one since: nobody who left is brought back. A
    new application still in hand is needless and ends. Where another clearance of the
    same entity has come since, it would have ended this enrolment too: it takes it over, and gives it back if it is
    lifted itself. Where the seller had enrolled anew until then, that enrolment is what it ended: the old one is
    withdrawn as of that day.
    """
    was_active = effect.state_before == EnrolmentState.ACTIVE
    newer = clearing.in_hand(held.seller_id)
    taken_up = clearing.taken_up_since(held)
    other = _effect_since(held)
    left_at = held.left_at or at
    if was_active and taken_up is not None:
        was_active, left_at = False, taken_up.applied_at
    elif was_active and other is not None and other.clearance.cleared_at is not None:
        if other.enrolment.seller_id != held.seller_id:
            _take_over(held, effect, other.clearance, because=because, by=by, at=at)
            return
        was_active, left_at = False, other.clearance.cleared_at
    elif was_active and newer is not None:
        clearing.turn_down_needless(newer, by=by, at=at)
    clearing.give_back(held, active=was_active, left_at=left_at, reason=because, by=by, at=at)
    if was_active:
        clearing.show_again(_marks_of(effect), by=by, at=at)


def _effect_since(held: Enrolment) -> ClearanceEffect | None:
    """What the first clearance of the same entity that stands and came later did: of this seller's own, or another's."""
    later = ClearanceEffect.objects.filter(
        clearance__state__in=STANDING_CLEARANCES,
        clearance__cleared_at__gt=held.cleared_at,
        enrolment__seller__in=bars.sellers_of_entity(held.seller),
        enrolment__state=EnrolmentState.CLEARED,
    ).exclude(enrolment=held.pk)
    found = list(later.select_related("clearance", "enrolment").order_by("clearance__cleared_at", "pk"))
    mine = [each for each in found if each.enrolment.seller_id == held.seller_id]
    return next((each for each in mine if each.clearance_id == found[0].clearance_id), found[0]) if found else None


def _take_over(
    held: Enrolment, effect: ClearanceEffect, other: Clearance, *, because: str, by: Actor, at: datetime
) -> None:
    """As if the other clearance had cleared it: its bar counts from there, and its lifting gives everything back."""
    if other.cleared_at is None:
        return
    clearing.clear_by_other(held, other.cleared_at, reason=because, by=by, at=at)
    ClearanceEffect.objects.create(
        clearance=other, enrolment=held, state_before=effect.state_before, marks=effect.marks
    )  # fmt: skip


def _marks_of(effect: ClearanceEffect) -> list[Shown]:
    shown = []
    for each in effect.marks:
        planned = each["planned_end"]
        shown.append(Shown(each["product"], parse_datetime(planned) if planned else None))
    return shown


def all_concerned(clearance: Clearance, at: datetime) -> list[Seller]:
    """Every seller whose enrolment it touches or has touched, and the one it names."""
    concerned = {seller.pk: seller for seller in bars.reached(clearance.seller, at)}
    for effect in clearance.effects.select_related("enrolment__seller"):
        concerned[effect.enrolment.seller_id] = effect.enrolment.seller
    return list(concerned.values())


def fallen_words() -> str:
    """Why a clearance falls by itself."""
    return _("No violation that it cites still stands.")
