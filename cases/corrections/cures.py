"""A miss that the buyer's acceptance of a late offer has cured, when a pause moves its limit (domain section 3).

Where the limit was not over when the late offer came, the miss has never been: the offer was in time, the sibling
clocks go on as they were, and the 14 days that began anew with the acceptance have never begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cases import excuses
from cases.corrections.steps import ANSWERED, BUYER_DECIDES, count_as_timely
from cases.models import AppointmentState, Clock, Deadline, DeadlineState, LongerLimitState, Offer, Side
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from cases.deadlines import Clocks

AGREED, CONFIRMED = "appointment.agreed", "appointment.confirmed"
STATE_CHANGES = ("state_before", "voided_by")


@dataclass(frozen=True, slots=True)
class Cured:
    """A missed clock with the siblings that fell with it, the late offers, and when the appointment went on."""

    missed: Deadline
    fallen: list[Deadline]
    offers: list[Offer]
    went_on_at: datetime

    @property
    def group(self) -> list[Deadline]:
        """All the clocks that ran when it was missed."""
        return [self.missed, *self.fallen]

    @property
    def first(self) -> Deadline | None:
        """Whose limit is over first, as they are counted now."""
        due = [row for row in self.group if row.due_at is not None]
        return min(due, key=lambda row: (row.due_at, row.id), default=None)

    @property
    def is_gone(self) -> bool:
        """Whether no limit was over before somebody had done what it waited for."""
        asked = any(row.clock != Clock.CONFIRMATION for row in self.group)
        done_at = self.offers[0].received_at if asked and self.offers else self.went_on_at
        return self.first is None or self.first.due_at is None or on_time(done_at, self.first.due_at)


def cured(clocks: Clocks, missed: Deadline) -> Cured | None:
    """A miss under which the appointment went on; None for one that ended it."""
    ended_at = missed.ended_at or missed.started_at
    told = Event.objects.filter(
        stream=f"case/{clocks.appointment.case_id}",
        subject=clocks.appointment.subject,
        kind__in=[AGREED, CONFIRMED],
        effective_at__gt=ended_at,
    )
    first = told.order_by("effective_at", "id").first()
    if first is None:
        return None
    offers = clocks.appointment.offers.filter(
        side=Side.SELLER, is_late=True, received_at__gte=missed.started_at, received_at__lte=first.effective_at
    )
    fallen = [row for row in clocks.rows if row.state == DeadlineState.VOIDED and row.voided_by_id == missed.pk]
    return Cured(missed, fallen, list(offers.order_by("received_at", "id")), first.effective_at)


def cured_before_it_came(clocks: Clocks, *, at: datetime) -> Deadline | None:
    """The miss that an answer received at `at` would have prevented, had it not been committed after the cure."""
    missed = [row for row in clocks.rows if row.state == DeadlineState.MISSED and row.clock in ANSWERED]
    prevented = [row for row in missed if row.due_at is not None and row.started_at <= at and on_time(at, row.due_at)]
    return max(prevented, key=lambda row: row.started_at, default=None) if clocks.appointment.is_open else None


def had_ended(clocks: Clocks, *, at: datetime) -> bool:
    """Whether the request had been refused at an instant, and the cure that it goes on by was received only later."""
    missed = [row for row in clocks.rows if row.state == DeadlineState.MISSED and row.ended_at and row.ended_at < at]
    if any(found.went_on_at > at for row in missed if (found := cured(clocks, row))):
        return True
    told = Event.objects.filter(stream=f"case/{clocks.appointment.case_id}", subject=clocks.appointment.subject)
    refused = told.filter(kind="appointment.refused", effective_at__lte=at).order_by("-effective_at", "-id").first()
    if refused is None:
        return False
    went_on = told.filter(kind=AGREED, effective_at__gt=refused.effective_at).order_by("effective_at", "id").first()
    return went_on is not None and went_on.effective_at > at


def heirs(clocks: Clocks, found: Cured) -> list[Deadline]:
    """The clocks of the confirmation that began anew with the acceptance, or later."""
    anew = [row for row in clocks.rows if row.clock == Clock.CONFIRMATION and row.started_at >= found.went_on_at]
    return sorted(anew, key=lambda row: (row.started_at, row.id))


def move(clocks: Clocks, found: Cured) -> None:
    """It is a miss still, by the limit that is over first now, and cured as before."""
    first, state_before = found.first, found.missed.state_before
    if first is None:
        raise ValueError("Without a due instant nothing is missed.")
    for row in found.group:
        row.restore()
    first.miss()
    first.state_before, first.voided_by = state_before, None
    clocks.settle(first, "missed", *STATE_CHANGES)
    for row in found.group:
        if row is not first:
            row.state_before, row.voided_by = "", first
            row.void(first.due_at)
            clocks.settle(row, "voided", *STATE_CHANGES)


def undo(clocks: Clocks, found: Cured) -> list[Deadline]:
    """The miss has never been; returns the clocks that this concerns."""
    answered_at = found.offers[0].received_at if found.offers else found.went_on_at
    later = heirs(clocks, found)
    count_as_timely(found.offers)
    for row in found.group:
        row.restore()
        row.state_before, row.voided_by = "", None
        if row.clock != Clock.CONFIRMATION:
            row.meet(answered_at)
            clocks.settle(row, "met", *STATE_CHANGES)
    confirmation = next((row for row in found.group if row.clock == Clock.CONFIRMATION), None)
    if confirmation is None:
        return found.group
    if found.offers and found.missed.clock != Clock.CONFIRMATION:
        clocks.put_pause(confirmation, answered_at, found.went_on_at, cause=BUYER_DECIDES)
    # What stopped a clock of this kind meanwhile stopped this one, too.
    excuses.put(clocks, *excuses.excuses_of(clocks.appointment), rows=[confirmation])
    _take_over(clocks, confirmation, later, found.went_on_at)
    return [*found.group, *later]


def _take_over(clocks: Clocks, row: Deadline, later: list[Deadline], went_on_at: datetime) -> None:
    """What became of the clocks that began anew has become of the one that ran all the time."""
    confirmed_at = None if later else _confirmed_at(clocks)
    state, ended_at, voided_by = DeadlineState.RUNNING, None, None
    if confirmed_at is not None:
        state, ended_at = DeadlineState.MET, confirmed_at
    elif not later:
        # What was accepted needs no confirmation: the buyer's word was it.
        state, ended_at = DeadlineState.VOIDED, went_on_at
    for heir in later:
        if row.due_at is not None and not on_time(heir.started_at, row.due_at):
            # Another offer cured that miss: from there on the newer one counts.
            row.state_before = AppointmentState.AGREED
            row.miss()
            clocks.settle(row, "missed", *STATE_CHANGES)
            return
        state, ended_at, voided_by = DeadlineState(heir.state), heir.ended_at, heir.voided_by
        _agree_as_before(clocks, row, heir, at=went_on_at)
        _vanish(clocks, heir)
    if state == DeadlineState.MET and ended_at is not None:
        row.meet(ended_at)
    elif state == DeadlineState.VOIDED and ended_at is not None:
        row.voided_by = voided_by
        row.void(ended_at)
    clocks.settle(row, "restored" if row.state == DeadlineState.RUNNING else row.state, *STATE_CHANGES)


def _agree_as_before(clocks: Clocks, row: Deadline, heir: Deadline, *, at: datetime) -> None:
    """A longer limit that the buyer has accepted for this request is one for the clock that goes on."""
    if heir.amount <= row.amount:
        return
    for each in heir.longer_limits.filter(state=LongerLimitState.ACCEPTED).order_by("id"):
        each.pk, each.deadline = None, row
        each.save(force_insert=True)
    clocks.agree_on(row, heir.amount, at=at)


def _vanish(clocks: Clocks, heir: Deadline) -> None:
    """As if it had never begun."""
    if heir.state == DeadlineState.MET:
        heir.reopen()
    elif heir.state != DeadlineState.RUNNING:
        heir.restore()
    heir.state_before, heir.voided_by = "", None
    heir.void(heir.started_at)
    clocks.settle(heir, "voided", *STATE_CHANGES)


def _confirmed_at(clocks: Clocks) -> datetime | None:
    told = Event.objects.filter(
        stream=f"case/{clocks.appointment.case_id}", subject=clocks.appointment.subject, kind=CONFIRMED
    )
    last = told.order_by("-effective_at", "-id").first() if clocks.appointment.is_door else None
    return last.effective_at if last else None
