"""The engine: starts, meets, pauses and misses the clocks of a locked appointment (T2 to T10).

What happens at 48 hours? `apply_passed_limit` below, whoever notices first: the sweep (`cases.sweep`) or the
next command on the same appointment. Either way the miss takes effect at the due instant, never later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from cases import excuses
from cases.causes import BUYER_IN_TIME, IN_TIME
from cases.corrections.taking_back import take_back
from cases.events import instant_text, record_change
from cases.longer_limits import replace_standing
from cases.models import (
    AppointmentState,
    Clock,
    Deadline,
    DeadlineState,
    LongerLimitState,
    Pause,
    ServiceAppointment,
)
from cases.models.offer import OPEN_OFFERS
from cases.queries import rows_of
from cases.reminders.schedule import next_reminder_at, step_behind
from cases.seats import release_seats
from cases.visit_ends import cancel_visits
from zestech_aftersales.accounts.actors import system
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, limit_due
from zestech_aftersales.rulebook.queries import law_for_order
from zestech_aftersales.rulebook.services import ServiceMethod

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.rulebook.editions import EditionNumbers

# What a missed clock does to its appointment. The sweep's SQL is built from the same table.
OUTCOME_OF_A_MISS = {
    Clock.RESPONSE: ServiceAppointment.deem_refused,
    Clock.CONFIRMATION: ServiceAppointment.deem_refused,
    Clock.SOLUTION: ServiceAppointment.deem_refused,
    Clock.COUNTER: ServiceAppointment.deem_refused,
    # A seller who missed the visit and names no new date in time has refused what was confirmed (2.3.1).
    Clock.NEW_DATE: ServiceAppointment.deem_refused,
    Clock.BUYER_SILENCE: ServiceAppointment.lapse,
}

DIMENSION_OF_CLOCK = {
    Clock.RESPONSE: "response_hours",
    Clock.SOLUTION: "solution_hours",
    Clock.CONFIRMATION: "confirmation_days",
}


# What a request starts: 48 hours and 14 natural days at the door (2.3.1), 48 hours otherwise (2.3.2).
FIRST_CLOCKS: dict[str, tuple[Clock, ...]] = {
    ServiceMethod.DOOR: (Clock.RESPONSE, Clock.CONFIRMATION),
    ServiceMethod.POINT: (Clock.SOLUTION,),
    ServiceMethod.REMOTE: (Clock.SOLUTION,),
}


def length_of(clock: str, law: EditionNumbers, terms: Mapping[str, Any]) -> tuple[int, str]:
    """The number of a clock: the law's with "", or the promise that is better for the buyer with its dimension (2.3.3)."""
    amount, dimension = LIMITS[clock].amount(law), DIMENSION_OF_CLOCK.get(Clock(clock), "")
    promise = terms.get(dimension)
    return (int(promise), dimension) if promise is not None and int(promise) < amount else (amount, "")


class Clocks:
    """The clocks of one appointment whose row the caller has locked.

    Every change is written at once and remembered in `changes`, which the caller's event carries.
    """

    def __init__(self, appointment: ServiceAppointment, *, is_new: bool = False) -> None:
        self.appointment = appointment
        self.law = law_for_order(appointment.case.cover.edition, appointment.received_at)
        # A request that is only being made has no clocks yet.
        self.rows: list[Deadline] = [] if is_new else rows_of(appointment)
        self.pauses: dict[int, list[Pause]] = {row.pk: [] for row in self.rows}
        if any(row.has_pauses for row in self.rows):  # type: ignore[attr-defined]  # `rows_of` looked
            for pause in Pause.objects.filter(deadline__appointment=appointment, voided_at=None):
                self.pauses[pause.deadline_id].append(pause)
        self.changes: list[dict[str, Any]] = []
        # Since when what came counts again: the present command was received in time, and has taken back what had been
        # found against it; and what proves that.
        self.counts_since: datetime | None = None
        self.because = ""

    def running(self, clock: Clock) -> Deadline | None:
        """The running clock of that kind, if there is one."""
        return next((row for row in self.rows if row.clock == clock and row.state == DeadlineState.RUNNING), None)

    def start(self, clock: Clock, *, at: datetime) -> Deadline:
        """Start a clock at an instant, with the edition's number or the promise that is better for the buyer."""
        row = self._new(clock, at=at)
        row.save()
        self.rows.append(row)
        self._note_start(row)
        self._excuse(row)
        return row

    def plan(self, clocks: Iterable[Clock], *, at: datetime) -> None:
        """The first clocks of a request that is only being made; `write` stores them once the request is stored."""
        self.rows = [self._new(clock, at=at) for clock in clocks]

    def write(self, *, at: datetime) -> None:
        """Store the planned clocks, in one statement; no claim was filed under a new request."""
        Deadline.objects.bulk_create(self.rows)
        tolled = excuses.outages_after(at)
        for row in self.rows:
            self._note_start(row)
        excuses.put(self, *tolled, rows=self.rows)

    def _new(self, clock: Clock, *, at: datetime) -> Deadline:
        amount, promised = length_of(clock, self.law, self.appointment.terms)
        row = Deadline(
            appointment=self.appointment,
            clock=clock,
            clause=LIMITS[clock].clause,
            started_at=at,
            amount=amount,
            due_at=limit_due(clock, at, self.law, amount=amount),
            promised=promised,
        )
        row.next_reminder_at = next_reminder_at(row)
        return row

    def _excuse(self, row: Deadline) -> None:
        """Let a clock that counts from now on, or again, stand for every excuse that reaches it.

        An outage that was tolled already reaches a clock, too, whose start was only committed late.
        """
        excuses.put(self, *excuses.excuses_of_clock(self.appointment, row.clock, row.started_at), rows=[row])

    def _note_start(self, row: Deadline) -> None:
        self.pauses[row.pk] = []
        self._note(row, "started", amount=row.amount)

    def meet(self, clock: Clock, *, at: datetime) -> None:
        """The duty was done in time; nothing happens when no such clock runs."""
        if row := self.running(clock):
            self._close(self._open_pauses(row), row, at=at)
            row.meet(at)
            self._save(row, "met")

    def void(self, clock: Clock, *, at: datetime) -> None:
        """The clock's reason is gone; nothing happens when no such clock runs."""
        if row := self.running(clock):
            row.void(at)
            self._save(row, "voided")

    def void_all(self, *, at: datetime) -> None:
        """The appointment ended: no clock runs on."""
        for row in self.rows:
            if row.state == DeadlineState.RUNNING:
                row.void(at)
                self._save(row, "voided")

    def pause(self, clock: Clock, *, cause: str, at: datetime) -> None:
        """Stop a running clock from an instant on; it has no due instant until it is resumed (T7)."""
        row = self.running(clock)
        if row is None or any(pause.cause == cause for pause in self._open_pauses(row)):
            return
        self.pauses[row.pk].append(Pause.objects.create(deadline=row, begins_at=at, cause=cause))
        self._recompute(row, "paused", cause=cause, begins_at=instant_text(at))

    def resume(self, clock: Clock, *, cause: str, at: datetime) -> None:
        """Close the open pause of that cause and compute the due instant anew."""
        row = self.running(clock)
        if row is None:
            return
        self._close([pause for pause in self._open_pauses(row) if pause.cause == cause], row, at=at)

    def put_pause(self, row: Deadline, begins_at: datetime, ends_at: datetime | None, *, cause: str) -> None:
        """Let a clock stand for a known interval, whatever became of it since, and compute its due instant anew."""
        self.pauses[row.pk].append(
            Pause.objects.create(deadline=row, begins_at=begins_at, ends_at=ends_at, cause=cause)
        )
        end = instant_text(ends_at) if ends_at else None
        self._recompute(row, "paused", cause=cause, begins_at=instant_text(begins_at), ends_at=end)

    def void_pauses(self, row: Deadline, *, cause: str, at: datetime, since: datetime | None = None) -> None:
        """The pauses of that cause, or those that began after an instant, are as if they had never been (T7)."""
        named = [pause for pause in self.pauses[row.pk] if pause.cause == cause]
        voided = [pause for pause in named if since is None or pause.begins_at > since]
        for pause in voided:
            pause.voided_at = at
            pause.save(update_fields=["voided_at"])
        if voided:
            self.pauses[row.pk] = [pause for pause in self.pauses[row.pk] if pause.voided_at is None]
            told = {} if since is None else {"since": instant_text(since)}
            self._recompute(row, "pause_voided", cause=cause, **told)

    def agree_on(self, row: Deadline, amount: int, *, at: datetime) -> None:
        """The buyer has accepted a longer limit for this request alone: count the due instant with it (2.3.3).

        Its reminders begin anew with those steps of the longer limit that still lie ahead at `at`.
        """
        if row.state != DeadlineState.RUNNING or amount <= row.amount:
            raise ValueError("An agreement only lengthens a running clock.")
        row.agreed_from, row.amount = row.amount_by_rule, amount
        row.due_at = self._due(row)
        row.reminded_step = step_behind(row, self.pauses[row.pk], at=at)
        row.save(update_fields=["agreed_from", "amount", "reminded_step"])
        self._recompute(row, "agreed", amount=amount)
        # It may now reach into an event or an outage that had begun after it.
        self._excuse(row)

    def count_by(self, row: Deadline, amount: int, promised: str, *, at: datetime) -> None:
        """What binds the request was judged: count with it from the clock's start, a longer agreed limit stays."""
        if row.agreed_from is None:
            row.amount = amount
        else:
            accepted = row.longer_limits.filter(state=LongerLimitState.ACCEPTED).values_list("amount", flat=True)
            row.agreed_from, row.amount = amount, max(amount, *accepted)
        row.promised, row.due_at = promised, self._due(row)
        row.reminded_step = step_behind(row, self.pauses[row.pk], at=at)
        row.save(update_fields=["agreed_from", "amount", "promised", "reminded_step"])
        replace_standing(row, up_to=row.amount)
        self._recompute(row, "promised", amount=amount)

    def passed(self, *, at: datetime) -> Deadline | None:
        """The earliest clock that ran out before `at`: the one whose outcome counts."""
        due = [row for row in self.rows if row.is_passed(at) and row.clock in OUTCOME_OF_A_MISS]
        return min(due, key=lambda row: (row.due_at, row.id), default=None)

    def last_miss(self) -> Deadline | None:
        """The clock whose miss ended the appointment, as long as it is still ended."""
        missed = [row for row in self.rows if row.state == DeadlineState.MISSED]
        return max(missed, key=lambda row: (row.due_at, row.id), default=None)

    def miss(self, missed: Deadline) -> None:
        """Miss one clock and void its siblings, all at the due instant (T8)."""
        missed.state_before = self.appointment.state
        missed.miss()
        for row in self.rows:
            if row is missed:
                self._save(row, "missed", "state_before")
            elif row.state == DeadlineState.RUNNING:
                row.voided_by = missed
                row.void(missed.ended_at)
                self._save(row, "voided", "voided_by")

    def restore(self, missed: Deadline) -> None:
        """Take a miss back, and with it the voiding of its siblings: as if it had never been."""
        for row in self.rows:
            if row is missed or (row.state == DeadlineState.VOIDED and row.voided_by_id == missed.pk):
                row.restore()
                row.voided_by, row.state_before = None, ""
                self._save(row, "restored", "voided_by", "state_before")

    def settle(self, row: Deadline, change: str, *fields: str) -> None:
        """Save what a corrected pause made of a clock."""
        self._save(row, change, *fields)

    def reopen(self, row: Deadline) -> None:
        """What had met the clock counts no longer: it runs on with the due instant it had."""
        row.reopen()
        self._save(row, "reopened")
        self._excuse(row)

    def run_again(self, row: Deadline) -> None:
        """The end with which the clock fell away has never been: it runs on, and stood for what came meanwhile."""
        row.restore()
        self._save(row, "restored")
        self._excuse(row)

    def next_due(self) -> datetime | None:
        """The earliest due instant of the running clocks of buyer and seller."""
        running = [row for row in self.rows if row.state == DeadlineState.RUNNING and row.clock != Clock.OFFER_RULING]
        due = [row.due_at for row in running if row.due_at is not None]
        return min(due, default=None)

    def _open_pauses(self, row: Deadline) -> list[Pause]:
        return [pause for pause in self.pauses[row.pk] if pause.ends_at is None]

    def _close(self, pauses: list[Pause], row: Deadline, *, at: datetime) -> None:
        for pause in pauses:
            pause.ends_at = max(at, pause.begins_at)
            pause.save(update_fields=["ends_at"])
        if pauses:
            closed = {pause.cause: instant_text(max(at, pause.begins_at)) for pause in pauses}
            self._recompute(row, "resumed", closed=closed)

    def _recompute(self, row: Deadline, change: str, **more: object) -> None:
        row.due_at = self._due(row)
        row.next_reminder_at = next_reminder_at(row, self.pauses[row.pk])
        row.save(update_fields=["due_at", "next_reminder_at"])
        self._note(row, change, **more)

    def _due(self, row: Deadline) -> datetime | None:
        return limit_due(
            row.clock,
            row.started_at,
            self.law,
            amount=row.amount,
            pauses=[periods.Pause(pause.begins_at, pause.ends_at) for pause in self.pauses[row.pk]],
        )

    def _save(self, row: Deadline, change: str, *fields: str) -> None:
        row.next_reminder_at = next_reminder_at(row, self.pauses[row.pk])
        row.save(update_fields=["state", "ended_at", "next_reminder_at", *fields])
        self._note(row, change, ended_at=instant_text(row.ended_at) if row.ended_at else None)

    def _note(self, row: Deadline, change: str, **more: object) -> None:
        due_at = instant_text(row.due_at) if row.due_at else None
        # Started when, due when: with that `cases.verification` tells which clock is meant and counts it again.
        kept = {"clock": str(row.clock), "change": change, "started_at": instant_text(row.started_at), "due_at": due_at}
        self.changes.append({**kept, **more})


def apply_passed_limit(
    clocks: Clocks, *, by: Actor, at: datetime, recorded_at: datetime | None = None
) -> Deadline | None:
    """Apply the limit that ran out before `at`, if one did (T9); returns the missed clock.

    Effective at the due instant, recorded at `recorded_at` (`at` unless told). Clauses 2.3.1, 2.3.2.
    """
    missed = clocks.passed(at=at)
    if missed is None or missed.due_at is None:
        return None
    appointment, before = clocks.appointment, clocks.appointment.state
    clocks.miss(missed)
    outcome = OUTCOME_OF_A_MISS[Clock(missed.clock)]
    outcome(appointment, missed.due_at, missed.clock)
    appointment.next_due_at = None
    appointment.save(update_fields=["state", "ended_at", "end_reason", "next_due_at"])
    release_seats(appointment, at=missed.due_at)
    cancel_visits(appointment)
    if appointment.state == AppointmentState.LAPSED:
        void_open_offers(appointment)
    record_change(
        appointment,
        f"appointment.{appointment.state}",
        clause=missed.clause,
        by=system(by.channel),
        at=recorded_at or at,
        effective_at=missed.due_at,
        before=before,
        clocks=clocks,
    )
    return missed


def settle_limits(
    clocks: Clocks,
    *,
    by: Actor,
    at: datetime,
    meets: frozenset[Clock] | None = None,
    because: str = "",
) -> Deadline | None:
    """Bring the appointment to what it was at `at`, before a command that was received then (T9, T10).

    Applies a limit that has passed; takes back one that was applied although this command came in time. `meets`
    names the clocks whose miss the command takes back, where it does not reach them all; `because` what proves that
    it was in time (`cases.causes`), where that is not the command itself.
    The caller then applies the command that was in time, and after it what had come later and was kept as late
    (`cases.corrections.commands.apply_after_rescission`). Returns what stands against the command: the miss, even one taken
    back where the fault has been booked again meanwhile; None when the command is in time.
    """
    if missed := apply_passed_limit(clocks, by=by, at=at):
        return missed
    if clocks.appointment.state not in (AppointmentState.DEEMED_REFUSED, AppointmentState.LAPSED):
        return None
    missed = clocks.last_miss()
    reached = missed is not None and (meets is None or missed.clock in meets)
    if missed and missed.due_at and reached and periods.on_time(at, missed.due_at):
        clocks.because = because or (BUYER_IN_TIME if by.seller_id is None else IN_TIME)
        take_back(clocks, missed, by=by, at=at, recorded_at=max(at, missed.due_at), because=clocks.because)
        clocks.counts_since = missed.started_at
        return None if clocks.appointment.is_open else missed
    return missed


def void_open_offers(appointment: ServiceAppointment, *, until: datetime | None = None) -> None:
    """No offer stands on an appointment that ended; `until` spares those received after it."""
    standing = appointment.offers.filter(state__in=OPEN_OFFERS)
    for offer in standing if until is None else standing.filter(received_at__lte=until):
        offer.void()
        offer.save(update_fields=["state"])


def settle() -> timedelta:
    """How long after a limit an on-time answer may still be on its way into the database (T10)."""
    return timedelta(seconds=settings.SETTLE_SECONDS)


def is_provisional(due_at: datetime | None, *, at: datetime) -> bool:
    """Whether a limit has passed but an on-time answer may still be on its way into the database (T10)."""
    return due_at is not None and not periods.on_time(at, due_at) and at <= due_at + settle()
