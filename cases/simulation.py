"""What a past request would have come to under other numbers: a pure function of what was stored. Nothing is written.

What people did stays what they did, and pauses stay as they were; only the numbers differ. At the first miss that is
added or falls away the request takes another course: what began later would not have begun, and is followed no
further.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, Subquery

from cases.corrections.commands import ACCEPTED, ANSWERED, CANCELLED, CONFIRMED, NEW_DATE, REFUSED
from cases.deadlines import OUTCOME_OF_A_MISS, length_of
from cases.models import (
    Clock,
    Deadline,
    Fate,
    LongerLimit,
    LongerLimitState,
    Offer,
    Pause,
    ServiceAppointment,
    Side,
)
from zestech_aftersales.accounts.actors import ActorKind
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, limit_due
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers

# What a run counts: the numbers of the clocks of a request but for the platform's own, and the zone of their days.
COUNTED = frozenset({"zone", *(LIMITS[clock].field for clock in Clock if clock != Clock.OFFER_RULING)})
# What meets a clock beside an offer, where it was kept as late.
MEETS = {Clock.CONFIRMATION: CONFIRMED, Clock.COUNTER: ACCEPTED, Clock.NEW_DATE: NEW_DATE}


@dataclass(frozen=True, slots=True)
class PastClock:
    """A stored clock: when it ran, what became of it, and what came after its end as if it still ran.

    `late` are the instants at which its duty was done too late, `left` those at which somebody gave up too late.
    """

    pk: int
    clock: str
    state: str
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    voided_by: int | None = None
    # The longer limit that the buyer has accepted for this one request.
    agreed: int | None = None
    pauses: tuple[periods.Pause, ...] = ()
    late: tuple[datetime, ...] = ()
    left: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class PastRequest:
    """One appointment as it was: its promises and its clocks in the order in which they began."""

    pk: int
    seller: int
    terms: Mapping[str, Any] = field(default_factory=dict)
    clocks: tuple[PastClock, ...] = ()


class Judged(NamedTuple):
    """One clock before and after; `answered_at` is what met or voided it, if anything did."""

    clock: PastClock
    after: str
    due_after: datetime | None
    answered_at: datetime | None

    @property
    def differs(self) -> bool:
        """Whether it would have ended otherwise."""
        return self.after != self.clock.state


class _Course(NamedTuple):
    """How one clock alone would go: its end, the instant of it, its due instant, the answer."""

    fate: str
    ended_at: datetime | None
    due_at: datetime | None
    answered_at: datetime | None


def judged(request: PastRequest, law: EditionNumbers, *, at: datetime) -> list[Judged]:
    """Every clock of a request as the numbers of `law` would have it, as of `at`.

    Promises that are better for the buyer, and longer limits that he accepted, count as they did (2.3.3); an instant at the due instant is in time (T5).
    """
    alone = {clock.pk: _alone(clock, request.terms, law, at=at) for clock in request.clocks}
    fates: dict[int, str] = {}
    waiting = list(request.clocks)
    while waiting:
        ending, was = _first_miss(waiting, alone), _first_stored_miss(waiting)
        if was is not None and alone[was.pk].fate != Fate.MISSED and not _is_earlier(ending, was, alone):
            fates |= {clock.pk: _after_a_rescue(clock, was, alone) for clock in waiting}
            break
        if ending is None:
            fates |= {clock.pk: alone[clock.pk].fate for clock in waiting}
            break
        waiting = _end(waiting, ending, alone, fates, is_the_same=ending is was)
    return [
        Judged(clock, fates[clock.pk], alone[clock.pk].due_at, alone[clock.pk].answered_at) for clock in request.clocks
    ]


def _alone(clock: PastClock, terms: Mapping[str, Any], law: EditionNumbers, *, at: datetime) -> _Course:
    amount, _promised = length_of(clock.clock, law, terms)
    amount = max(amount, clock.agreed or 0)
    due_at = limit_due(clock.clock, clock.started_at, law, amount=amount, pauses=clock.pauses)
    came = [(instant, str(Fate.MET)) for instant in clock.late] + [
        (instant, str(Fate.VOIDED)) for instant in clock.left
    ]
    if clock.state in (Fate.MET, Fate.VOIDED) and clock.voided_by is None and clock.ended_at is not None:
        came = [(clock.ended_at, clock.state)]
    for instant, fate in sorted(came)[:1]:
        if due_at is None or periods.on_time(instant, due_at):
            return _Course(fate, instant, due_at, instant)
    answered_at = min(came)[0] if came else None
    # What has just passed and is not written yet is no difference (T10).
    is_established = clock.state != Fate.RUNNING or due_at != clock.due_at
    if due_at is not None and not periods.on_time(at, due_at) and is_established:
        return _Course(Fate.MISSED, due_at, due_at, answered_at)
    return _Course(Fate.RUNNING, None, due_at, answered_at)


def _first_miss(clocks: Sequence[PastClock], alone: Mapping[int, _Course]) -> PastClock | None:
    """The clock whose miss would end the request: the earliest one counts."""
    missed = [clock for clock in clocks if alone[clock.pk].fate == Fate.MISSED and clock.clock in OUTCOME_OF_A_MISS]
    return min(missed, key=lambda clock: (alone[clock.pk].due_at, clock.pk), default=None)


def _first_stored_miss(clocks: Sequence[PastClock]) -> PastClock | None:
    missed = [clock for clock in clocks if clock.state == Fate.MISSED and clock.ended_at is not None]
    return min(missed, key=lambda clock: (clock.ended_at, clock.pk), default=None)


def _is_earlier(ending: PastClock | None, was: PastClock, alone: Mapping[int, _Course]) -> bool:
    """Whether another limit would have ended the request before, or at, the instant at which it did end."""
    due_at = alone[ending.pk].due_at if ending is not None else None
    return due_at is not None and was.ended_at is not None and due_at <= was.ended_at


def _after_a_rescue(clock: PastClock, was: PastClock, alone: Mapping[int, _Course]) -> str:
    """The miss that had ended the request falls away: its siblings run on, and what followed it would not have begun."""
    if was.ended_at is not None and clock.started_at > was.ended_at:
        return Fate.OVERTAKEN
    return Fate.RUNNING if clock.voided_by == was.pk else alone[clock.pk].fate


def _end(
    waiting: Sequence[PastClock],
    ending: PastClock,
    alone: Mapping[int, _Course],
    fates: dict[int, str],
    *,
    is_the_same: bool,
) -> list[PastClock]:
    """A miss ends the request and voids what still ran; returns the clocks that began afterwards as they did.

    They did if this very miss had ended it before: then it was cured, and is again. Else they would not have begun.
    """
    # What is missed has a due instant.
    due_at = alone[ending.pk].due_at or ending.started_at
    later = []
    for clock in waiting:
        course = alone[clock.pk]
        if clock is ending:
            fates[clock.pk] = Fate.MISSED
        elif clock.started_at > due_at:
            later.append(clock)
            fates[clock.pk] = Fate.OVERTAKEN
        elif course.ended_at is None or course.ended_at > due_at or course.fate == Fate.MISSED:
            fates[clock.pk] = Fate.VOIDED
        else:
            fates[clock.pk] = course.fate
    return later if is_the_same else []


def past_requests(keys: Sequence[int]) -> list[PastRequest]:
    """The appointments with these keys as they were; five queries whatever their number."""
    appointments = list(
        ServiceAppointment.objects.filter(pk__in=keys).order_by("pk").values("pk", "case_id", "seller_id", "terms")
    )
    pauses: dict[int, list[periods.Pause]] = defaultdict(list)
    for deadline, begin, end in Pause.objects.filter(
        deadline__appointment__in=keys, voided_at=None
    ).values_list("deadline_id", "begins_at", "ends_at"):  # fmt: skip
        pauses[deadline].append(periods.Pause(begin, end))
    offers: dict[int, list[datetime]] = defaultdict(list)
    for pk, received_at in Offer.objects.filter(
        appointment__in=keys, side=Side.SELLER, is_late=True
    ).values_list("appointment_id", "received_at"):  # fmt: skip
        offers[pk].append(received_at)
    told = _told_late({each["pk"]: each["case_id"] for each in appointments})
    clocks: dict[int, list[PastClock]] = defaultdict(list)
    rows = Deadline.objects.filter(appointment__in=keys).exclude(clock=Clock.OFFER_RULING).order_by("id")
    # Not the length of the clock: the rules may give more by now than what was accepted.
    accepted = LongerLimit.objects.filter(deadline=OuterRef("pk"), state=LongerLimitState.ACCEPTED)
    for row in rows.annotate(accepted=Subquery(accepted.order_by("-amount").values("amount")[:1])):
        pk = row.appointment_id
        clocks[pk].append(_past_clock(row, tuple(pauses[row.pk]), offers[pk], told[pk]))
    return [
        PastRequest(each["pk"], each["seller_id"], each["terms"], tuple(clocks[each["pk"]])) for each in appointments
    ]


def _told_late(cases: Mapping[int, int]) -> dict[int, dict[str, list[datetime]]]:
    """What was kept as late evidence beside offers: when, by kind; of appointments with their cases.

    The streams of the cases lead there by their index; the subjects alone would mean reading the whole timeline.
    """
    told: dict[int, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    events = Event.objects.filter(
        stream__in=[f"case/{case}" for case in cases.values()],
        subject__in=[f"appointment/{key}" for key in cases],
        kind__in=[*MEETS.values(), REFUSED, CANCELLED],
    )
    # The buyer's own wish for a date meets nothing.
    events = events.exclude(kind=NEW_DATE, actor_kind=ActorKind.BUYER)
    for subject, kind, effective_at in events.values_list("subject", "kind", "effective_at"):
        told[int(subject.partition("/")[2])][kind].append(effective_at)
    return told


def _past_clock(
    row: Deadline, pauses: tuple[periods.Pause, ...], offers: Iterable[datetime], told: Mapping[str, list[datetime]]
) -> PastClock:
    done: list[datetime] = []
    left: list[datetime] = []
    if row.state == Fate.MISSED or row.voided_by_id is not None:
        # An answer that was kept as late could have been in time; the buyer's own clock keeps none.
        done += offers if row.clock in (*ANSWERED, Clock.NEW_DATE) else ()
        done += told.get(MEETS[Clock(row.clock)], ()) if row.clock in MEETS else ()
        left += [at for kind in (REFUSED, CANCELLED) for at in told.get(kind, ())]
    return PastClock(
        pk=row.pk,
        clock=row.clock,
        state=row.state,
        started_at=row.started_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        voided_by=row.voided_by_id,
        agreed=row.accepted,  # type: ignore[attr-defined]  # annotated by `past_requests`
        pauses=pauses,
        late=tuple(at for at in done if at >= row.started_at),
        left=tuple(at for at in left if at >= row.started_at),
    )
