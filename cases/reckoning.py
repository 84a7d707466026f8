"""What follows when a pause is put or voided after the fact: limits are judged anew by their moved due instants.

Moved later, a miss is taken back and what came meanwhile is applied in the order in which it was received. Moved
earlier, an answer that was in time only under the pause counts as late: by the old limit, at its old due instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cases import excuses
from cases.deadlines import Clocks, apply_passed_limit, release_seats, stand_again
from cases.events import record_change
from cases.late_commands import ANSWERED, apply_what_came, count_as_timely, timely_ones, void_offers
from cases.models import AppointmentState, Clock, Deadline, DeadlineState, ServiceAppointment, Side
from cases.models.appointment import OPEN_STATES
from cases.models.offer import OPEN_OFFERS
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.periods import on_time

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
ENDED_BY_A_MISS = (State.DEEMED_REFUSED, State.LAPSED)
# What a clock was waited for in: the state that a miss found after the fact has ended.
AWAITED_IN = {Clock.COUNTER: State.COUNTERED, Clock.CONFIRMATION: State.AGREED, Clock.NEW_DATE: State.CONFIRMED}
BOOKED_AGAIN = "booked again"


def reckon(clocks: Clocks, moved: Iterable[Deadline], missed: Deadline | None, *, by: Actor, at: datetime) -> None:
    """Judge the moved clocks of a locked appointment anew and save it.

    `missed` is the clock whose miss had ended the appointment, read before the pauses were changed. `at` is the
    instant of the command that changed them; every correction is recorded then.
    """
    rows = list(moved)
    rows += [row for row in _reach_outages(clocks, by=by, at=at) if row not in rows]
    appointment = clocks.appointment
    if missed is not None and missed in rows and missed.due_at != missed.ended_at:
        _take_back(clocks, missed, by=by, at=at)
        apply_what_came(clocks, missed, by=by, at=at)
    for row in rows:
        if row.state == DeadlineState.MISSED and row is not missed and row.due_at != row.ended_at:
            _move_cured_miss(clocks, row, at=at)
    if clocks.changes:
        record_change(
            appointment,
            "limit.corrected",
            clause=rows[0].clause,
            by=system(by.channel),
            at=at,
            before=appointment.state,
            clocks=clocks,
            detail={"because": "pause"},
        )
    late = [row for row in rows if _was_too_late(row)]
    if late:
        _fall_late(clocks, min(late, key=lambda row: (row.due_at, row.id)), by=by, at=at)
    if appointment.is_open:
        apply_passed_limit(clocks, by=by, at=at)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["next_due_at"])


def _reach_outages(clocks: Clocks, *, by: Actor, at: datetime) -> list[Deadline]:
    """A limit that moved later may reach into an outage that had begun after it: that counts now, too (T7)."""
    reached: list[Deadline] = []
    outages = excuses.outages_since(clocks.appointment)
    while more := [row for outage in outages for row in excuses.put(clocks, outage)]:
        reached += more
        record_change(
            clocks.appointment,
            "limit.tolled",
            clause="",
            by=system(by.channel),
            at=at,
            before=clocks.appointment.state,
            clocks=clocks,
        )
    return reached


def ending_miss(clocks: Clocks) -> Deadline | None:
    """The clock whose miss has ended the appointment, if one has."""
    return clocks.last_miss() if clocks.appointment.state in ENDED_BY_A_MISS else None


def _take_back(clocks: Clocks, missed: Deadline, *, by: Actor, at: datetime) -> None:
    """The limit was not over yet: restore the state before and the sibling clocks, and tell everybody."""
    appointment, before = clocks.appointment, clocks.appointment.state
    state_before = missed.state_before
    clocks.restore(missed)
    appointment.rescind(state_before)
    if before == State.LAPSED:
        stand_again(appointment)
    record_change(
        appointment,
        "appointment.rescinded",
        clause=missed.clause,
        by=by.with_key(""),
        at=at,
        before=before,
        clocks=clocks,
        detail={"because": "pause"},
    )
    if _is_booked_again(appointment):
        # One open appointment per fault: the newer one goes on, this one ends without a violation.
        restored = appointment.state
        appointment.cancel(at, BOOKED_AGAIN)
        clocks.void_all(at=at)
        record_change(
            appointment,
            "appointment.cancelled",
            clause=missed.clause,
            by=system(by.channel),
            at=at,
            before=restored,
            clocks=clocks,
            detail={"reason": BOOKED_AGAIN},
        )
    _save(appointment)


def _is_booked_again(appointment: ServiceAppointment) -> bool:
    others = ServiceAppointment.objects.filter(case=appointment.case_id, state__in=OPEN_STATES)
    return others.exclude(pk=appointment.pk).exists()


def _move_cured_miss(clocks: Clocks, row: Deadline, *, at: datetime) -> None:
    """A miss that a later acceptance cured: it is gone if the answer lies inside the moved limit, else it moves."""
    answers = clocks.appointment.offers.filter(side=Side.SELLER, is_late=True, received_at__gte=row.started_at)
    timely = timely_ones(answers, row)
    anew = [other.started_at for other in clocks.rows if other.clock == row.clock and other.pk > row.pk]
    row.restore()
    row.voided_by, row.state_before = None, ""
    if row.clock in ANSWERED and timely:
        count_as_timely(timely)
        row.meet(timely[0].received_at)
        clocks.settle(row, "met", "state_before")
    elif anew and (row.due_at is None or on_time(anew[0], row.due_at)):
        row.void(anew[0])
        clocks.settle(row, "voided", "state_before")
    elif row.due_at is None or on_time(at, row.due_at):
        clocks.settle(row, "restored", "state_before")
    else:
        row.miss()
        clocks.settle(row, "missed")


def _was_too_late(row: Deadline) -> bool:
    """Whether a clock was met, or fell away, only after the due instant that counts now."""
    if row.state == DeadlineState.MET or (row.state == DeadlineState.VOIDED and row.voided_by_id is None):
        return row.due_at is not None and row.ended_at is not None and not on_time(row.ended_at, row.due_at)
    return False


def _fall_late(clocks: Clocks, row: Deadline, *, by: Actor, at: datetime) -> None:
    """By the old limit the answer was late: the request was refused then, unless the buyer took the late offer."""
    appointment, before = clocks.appointment, clocks.appointment.state
    row.miss_after_all()
    row.state_before = AWAITED_IN.get(Clock(row.clock), State.REQUESTED)
    clocks.settle(row, "missed", "state_before")
    due_at = row.ended_at or at
    _count_as_late(appointment, due_at)
    if before in (State.PROPOSED, State.COUNTERED, State.REFUSED, State.LAPSED, State.CANCELLED):
        for other in clocks.rows:
            if other.state == DeadlineState.RUNNING:
                other.voided_by = row
                other.void(at)
                clocks.settle(other, "voided", "voided_by")
        void_offers(appointment.offers.filter(side=Side.BUYER, state__in=OPEN_OFFERS))
        appointment.deem_refused_after_all(due_at, row.clock)
        release_seats(appointment, at=at)
        kind = "appointment.deemed_refused"
    else:
        _confirm_anew(clocks, row)
        kind = "limit.missed"
    _save(appointment)
    record_change(
        appointment,
        kind,
        clause=row.clause,
        by=system(by.channel),
        at=at,
        effective_at=due_at,
        before=before,
        clocks=clocks,
        detail={"because": "pause"},
    )


def _confirm_anew(clocks: Clocks, missed: Deadline) -> None:
    """The buyer accepted what now counts as late: the 14 days to confirm run from the acceptance."""
    running = clocks.running(Clock.CONFIRMATION)
    accepted = [row.ended_at for row in clocks.rows if row.clock == Clock.BUYER_SILENCE and row.ended_at is not None]
    if running is None or missed.clock == Clock.CONFIRMATION or not accepted:
        return
    clocks.void(Clock.CONFIRMATION, at=accepted[-1])
    clocks.start(Clock.CONFIRMATION, at=accepted[-1])


def _count_as_late(appointment: ServiceAppointment, due_at: datetime) -> None:
    for offer in appointment.offers.filter(side=Side.SELLER, received_at__gt=due_at):
        offer.is_late = True
        offer.save(update_fields=["is_late"])


def _save(appointment: ServiceAppointment) -> None:
    appointment.save(update_fields=["state", "ended_at", "end_reason"])
