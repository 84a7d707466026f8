"""What follows when a limit moves after the fact: it is judged anew by its moved due instant.

A pause is put or voided, a promise made before the request is judged to bind it, or a judgement is put right. Moved
later, a miss is taken back and what came meanwhile is applied in the order in which it was received. Moved earlier, an
answer that was in time only by the later due instant counts as late: by the limit that counts, at its due instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from cases import excuses
from cases.causes import PAUSE
from cases.corrections import cures
from cases.corrections.commands import ANSWERED, apply_what_came, void_offers
from cases.corrections.steps import BUYER_DECIDES
from cases.corrections.taking_back import restore, take_back
from cases.deadlines import Clocks, apply_passed_limit
from cases.events import record_change
from cases.models import (
    AppointmentState,
    Clock,
    Deadline,
    DeadlineState,
    Offer,
    OfferState,
    ServiceAppointment,
    Side,
    VisitState,
)
from cases.models.offer import OPEN_OFFERS
from cases.seats import release_seats
from cases.visit_ends import cancel_visits
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook.periods import on_time

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

State = AppointmentState
ENDED_BY_A_MISS = (State.DEEMED_REFUSED, State.LAPSED)
# What a clock was waited for in: the state that a miss found after the fact has ended.
AWAITED_IN = {Clock.COUNTER: State.COUNTERED, Clock.CONFIRMATION: State.AGREED, Clock.NEW_DATE: State.CONFIRMED}


def reckon(
    clocks: Clocks,
    moved: Iterable[Deadline],
    missed: Deadline | None,
    *,
    by: Actor,
    at: datetime,
    because: str = PAUSE,
) -> None:
    """Judge the moved clocks of a locked appointment anew and save it.

    `missed` is the clock whose miss had ended the appointment, read before the clocks were moved. `at` is the
    instant of the command that moved them; every correction is recorded then. `because` tells what moved them, or
    has shown a cured miss to have been none (`cases.causes`).
    """
    rows = list(moved)
    rows += [row for row in _reach_further(clocks, rows, by=by, at=at) if row not in rows]
    appointment = clocks.appointment
    if missed is not None and missed in rows and missed.due_at != missed.ended_at:
        take_back(clocks, missed, by=by, at=at, because=because, is_followed=True)
        apply_what_came(clocks, missed, by=by, at=at, because=because)
    for row in list(rows):
        if row.state == DeadlineState.MISSED and row is not missed:
            rows += [each for each in _tell_cured(clocks, row, by=by, at=at, because=because) if each not in rows]
    if clocks.changes:
        record_change(
            appointment,
            "limit.corrected",
            clause=rows[0].clause,
            by=system(by.channel),
            at=at,
            before=appointment.state,
            clocks=clocks,
            detail={"because": because},
        )
    late = [row for row in rows if _was_too_late(row)]
    if late:
        _fall_late(clocks, min(late, key=lambda row: (row.due_at, row.id)), by=by, at=at, because=because)
    if appointment.is_open:
        apply_passed_limit(clocks, by=by, at=at)
    appointment.next_due_at = clocks.next_due()
    appointment.save(update_fields=["next_due_at"])


def _reach_further(clocks: Clocks, moved: list[Deadline], *, by: Actor, at: datetime) -> list[Deadline]:
    """A limit that moved may reach into an event or an outage that had begun after it: that counts now, too (T7).

    So does what had not been put because the clock was met, or had ended, under a pause that did not hold.
    """
    appointment = clocks.appointment
    counted = [row for row in clocks.rows if row in moved or excuses.is_in_reach(row)]
    reached = excuses.put(clocks, *excuses.excuses_of(appointment), rows=counted)
    if any(told.get("cause", "").startswith("outage/") for told in clocks.changes):
        record_change(
            appointment,
            "limit.tolled",
            clause="",
            by=system(by.channel),
            at=at,
            before=appointment.state,
            clocks=clocks,
        )
    return reached


def ending_miss(clocks: Clocks) -> Deadline | None:
    """The clock whose miss has ended the appointment, if one has."""
    return clocks.last_miss() if clocks.appointment.state in ENDED_BY_A_MISS else None


def _tell_cured(clocks: Clocks, row: Deadline, *, by: Actor, at: datetime, because: str) -> list[Deadline]:
    """A miss that a later acceptance cured moves, or has never been; returns the clocks that this concerns."""
    found = cures.cured(clocks, row)
    if found is None:
        return []
    if not found.is_gone:
        if row.due_at != row.ended_at:
            cures.move(clocks, found)
        return []
    ended_by = ending_miss(clocks)
    if ended_by is not None and ended_by in cures.heirs(clocks, found):
        # The 14 days that it ended by have never begun either.
        take_back(clocks, ended_by, by=by, at=at, because=because, is_followed=True)
        touched = cures.undo(clocks, found)
        apply_what_came(clocks, ended_by, by=by, at=at, because=because)
        return touched
    return cures.undo(clocks, found)


def _was_too_late(row: Deadline) -> bool:
    """Whether a clock was met, or fell away, only after the due instant that counts now."""
    if row.state == DeadlineState.MET or (row.state == DeadlineState.VOIDED and row.voided_by_id is None):
        return row.due_at is not None and row.ended_at is not None and not on_time(row.ended_at, row.due_at)
    return False


def _fall_late(clocks: Clocks, row: Deadline, *, by: Actor, at: datetime, because: str) -> None:
    """By the limit that counts the answer was late: the request was refused then, unless the buyer took the late offer."""
    appointment, before = clocks.appointment, clocks.appointment.state
    row.miss_after_all()
    row.state_before = AWAITED_IN.get(Clock(row.clock), State.REQUESTED)
    clocks.settle(row, "missed", "state_before")
    due_at = row.ended_at or at
    waiting = _count_as_late(appointment, due_at)
    if _goes_on(appointment, row, due_at):
        _confirm_anew(clocks, row, due_at, at=at)
        kind = "limit.missed"
    else:
        _end_then(clocks, row, due_at, waiting, at=at)
        kind = "appointment.deemed_refused"
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
        detail={"because": because},
    )


def _goes_on(appointment: ServiceAppointment, row: Deadline, due_at: datetime) -> bool:
    """Whether what came late was taken all the same: the buyer accepted the late offer, or the service has begun."""
    visits = appointment.visits.order_by("-number")
    if row.clock == Clock.NEW_DATE:
        last = visits.first()
        is_owed = last is None or last.owes_date or last.state == VisitState.BUYER_NO_SHOW
        return appointment.state == State.COMPLETED or not is_owed
    never_made = Q(state=VisitState.PLANNED) | Q(state=VisitState.CANCELLED, checked_in_at=None)
    if visits.exclude(never_made).exists():
        return True
    taken = appointment.offers.filter(side=Side.SELLER, state=OfferState.ACCEPTED, received_at__gt=due_at)
    return row.clock in ANSWERED and taken.exists()


def _end_then(clocks: Clocks, row: Deadline, due_at: datetime, waiting: Offer | None, *, at: datetime) -> None:
    """The request was refused at the old due instant: what has become of its clocks since has never been."""
    appointment = clocks.appointment
    for other in clocks.rows:
        is_over = other.ended_at is not None and on_time(other.ended_at, due_at)
        if other is not row and not is_over:
            _fall_with(clocks, other, row, due_at, at=at)
    wishes = appointment.offers.filter(side=Side.BUYER)
    void_offers(wishes.filter(state__in=OPEN_OFFERS, received_at__gt=due_at))
    wish = wishes.filter(received_at__lte=due_at).order_by("-id").first() if row.clock == Clock.COUNTER else None
    # What ended, countered or replaced it came after the refusal: the buyer may still take the late offer, as after any
    # refusal; where there is none, his own wish stands as it did.
    for offer in [each for each in (waiting, wish) if each is not None][:1]:
        if offer.state in (OfferState.VOID, OfferState.REPLACED):
            restore(offer)
    appointment.deem_refused_after_all(due_at, row.clock)
    release_seats(appointment, at=at)
    cancel_visits(appointment)


def _confirm_anew(clocks: Clocks, missed: Deadline, due_at: datetime, *, at: datetime) -> None:
    """The buyer accepted what now counts as late: the first 14 days fell with the refusal, and run from the acceptance."""
    accepted = [row.ended_at for row in clocks.rows if row.clock == Clock.BUYER_SILENCE and row.ended_at is not None]
    if missed.clock == Clock.CONFIRMATION or not accepted or not on_time(due_at, accepted[-1]):
        return
    for row in [row for row in clocks.rows if row.clock == Clock.CONFIRMATION and on_time(row.started_at, due_at)]:
        state, ended_at = row.state, row.ended_at
        if ended_at is not None and on_time(ended_at, due_at):
            continue
        _fall_with(clocks, row, missed, due_at, at=at)
        if clocks.appointment.is_door:
            anew = clocks.start(Clock.CONFIRMATION, at=accepted[-1])
            if ended_at is not None and state == DeadlineState.MET:
                anew.meet(ended_at)
                clocks.settle(anew, "met")
            elif ended_at is not None:
                anew.void(ended_at)
                clocks.settle(anew, "voided")


def _fall_with(clocks: Clocks, row: Deadline, missed: Deadline, due_at: datetime, *, at: datetime) -> None:
    """A clock was voided by a miss found after the fact: what has become of it since has never been."""
    if row.state == DeadlineState.MET:
        row.reopen()
    elif row.state != DeadlineState.RUNNING:
        row.restore()
    clocks.void_pauses(row, cause=BUYER_DECIDES, at=at, since=due_at)
    # What the late answer alone had begun does not come back with the clock.
    ran = on_time(row.started_at, due_at)
    row.state_before, row.voided_by = "", missed if ran else None
    row.void(due_at if ran else row.started_at)
    clocks.settle(row, "voided", "state_before", "voided_by")


def _count_as_late(appointment: ServiceAppointment, due_at: datetime) -> Offer | None:
    """Mark what was offered after the due instant; returns the last of what had counted as timely until now."""
    last = None
    for offer in appointment.offers.filter(side=Side.SELLER, received_at__gt=due_at, is_late=False).order_by("id"):
        offer.is_late = True
        offer.save(update_fields=["is_late"])
        last = offer
    return last


def _save(appointment: ServiceAppointment) -> None:
    appointment.save(update_fields=["state", "ended_at", "end_reason"])
