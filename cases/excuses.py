"""Which clocks an excuse stops, and for how long: the pauses of claims and of the platform's outages (T7)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Clock, Deadline, DeadlineState, Duty, ExclusionClaim, Outage, OutageState
from cases.models.exclusion import GRANTED_CLAIMS, OF_THE_BUYER, OPEN_CLAIMS
from zestech_aftersales.rulebook.periods import on_time

if TYPE_CHECKING:
    from cases.deadlines import Clocks
    from cases.models import ServiceAppointment


@dataclass(frozen=True, slots=True)
class Excuse:
    """An interval in which some clocks stand, under one cause; end None means it still lasts."""

    cause: str
    clocks: Collection[str]
    begins_at: datetime
    ends_at: datetime | None = None
    # Set while it is not decided: it stops only what was not over when it was claimed.
    filed_at: datetime | None = None

    def touches(self, row: Deadline) -> bool:
        """Whether it stops a clock: the event began at or before the due instant and ended after the start."""
        if row.clock not in self.clocks or (self.ends_at is not None and self.ends_at <= row.started_at):
            return False
        if row.due_at is None:
            return True
        return on_time(self.begins_at, row.due_at) and (self.filed_at is None or on_time(self.filed_at, row.due_at))


def is_in_reach(row: Deadline) -> bool:
    """Whether an excuse can still change what becomes of a clock: it runs, was missed, or fell with a missed one."""
    if row.state == DeadlineState.VOIDED:
        return row.voided_by_id is not None
    return row.state in (DeadlineState.RUNNING, DeadlineState.MISSED)


def excuse_of(claim: ExclusionClaim) -> Excuse:
    """The excuse that a claim is: as it was granted, or as it was filed while it is still to be decided."""
    if claim.is_granted:
        return Excuse(
            claim.cause, claim.granted_duties, claim.granted_begins_at or claim.filed_at, claim.granted_ends_at
        )
    return Excuse(claim.cause, claim.duties, claim.begins_at or claim.filed_at, claim.ends_at, claim.filed_at)


def excuses_of(appointment: ServiceAppointment) -> list[Excuse]:
    """Everything that stops clocks of a request: its claims, and the platform's outages since it was received."""
    return [*standing_excuses(appointment), *outages_after(appointment.received_at)]


def excuses_of_clock(appointment: ServiceAppointment, clock: str, started_at: datetime) -> list[Excuse]:
    """What stops a clock of this kind that started at an instant; the buyer's own and the platform's know no claims."""
    claimed = standing_excuses(appointment) if clock in Duty.values else []
    return [*claimed, *outages_after(started_at)]


def standing_excuses(appointment: ServiceAppointment) -> list[Excuse]:
    """The claims that stop clocks as soon as they start: granted ones, and those that pause provisionally."""
    claims = appointment.claims.filter(begins_at__isnull=False, state__in=[*OPEN_CLAIMS, *GRANTED_CLAIMS])
    return [excuse_of(claim) for claim in claims.order_by("id") if claim.is_granted or claim.is_provisional]


def tolled_outages() -> QuerySet[Outage]:
    """The outages of the platform that two administrators have approved, also those not yet applied everywhere."""
    return Outage.objects.filter(state__in=[OutageState.APPROVED, OutageState.APPLIED]).order_by("id")


def outages_after(instant: datetime) -> list[Excuse]:
    """The tolled outages of the platform that ended after an instant; they reach every clock."""
    return [excuse_of_outage(outage) for outage in tolled_outages().filter(ends_at__gt=instant)]


def excuse_of_outage(outage: Outage) -> Excuse:
    """An outage kept both sides from the platform: the buyer's own limit and the ruling stood still as well."""
    return Excuse(outage.cause, frozenset(map(str, Clock)), outage.begins_at, outage.ends_at)


def without_excused(limits: QuerySet[Deadline]) -> QuerySet[Deadline]:
    """The limits but for the misses that count against nobody: a claim filed by then has excluded their request.

    Most such misses were taken back by the grant. What the buyer had accepted before it stays as it is, and with it
    the miss that it cured.
    """
    excluding = ExclusionClaim.objects.filter(
        appointment=OuterRef("appointment"),
        ground__in=OF_THE_BUYER,
        state__in=GRANTED_CLAIMS,
        filed_at__lte=OuterRef("ended_at"),
    )
    return limits.filter(~Q(state="missed") | ~Exists(excluding))


def put(clocks: Clocks, *found: Excuse, rows: Iterable[Deadline] | None = None) -> list[Deadline]:
    """Put the pauses of excuses on the clocks that they stop, those in reach unless told; returns these clocks.

    One pause may move a due instant past the begin of another: each part counts that begins at or before the due
    instant as moved so far (T7).
    """
    asked = [row for row in clocks.rows if is_in_reach(row)] if rows is None else list(rows)
    stopped: list[Deadline] = []
    while due := [(row, excuse) for row in asked for excuse in found if _is_due(clocks, row, excuse)]:
        row, excuse = due[0]
        clocks.put_pause(row, excuse.begins_at, excuse.ends_at, cause=excuse.cause)
        stopped.append(row)
    return list(dict.fromkeys(stopped))


def _is_due(clocks: Clocks, row: Deadline, excuse: Excuse) -> bool:
    """Whether an excuse stops a clock and is not put yet: once, however often it is begun."""
    return excuse.touches(row) and not any(pause.cause == excuse.cause for pause in clocks.pauses[row.pk])


def replace(clocks: Clocks, excuse: Excuse, *, at: datetime) -> list[Deadline]:
    """Void what stands under the excuse's cause and put its pauses anew; returns the clocks concerned.

    A clock that was met under a pause gets the new one too: whether the answer was in time follows from it.
    """
    paused = void(clocks, excuse.cause, at=at)
    stopped = [row for row in clocks.rows if excuse.touches(row) and (row in paused or is_in_reach(row))]
    for row in stopped:
        clocks.put_pause(row, excuse.begins_at, excuse.ends_at, cause=excuse.cause)
    return list(dict.fromkeys([*paused, *stopped]))


def void(clocks: Clocks, cause: str, *, at: datetime) -> list[Deadline]:
    """Void every pause under a cause; returns the clocks that had one."""
    paused = [row for row in clocks.rows if any(pause.cause == cause for pause in clocks.pauses[row.pk])]
    for row in paused:
        clocks.void_pauses(row, cause=cause, at=at)
    return paused
