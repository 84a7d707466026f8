"""Everything counted again from the events (T8): clocks, states, covers, seats, what is judged, and the hash chains.

Read in batches, in bounded memory. Others may be at work meanwhile: a case that differs is read again under the
lock that every action takes, and only what differs then is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet

from cases.checks.cases import CaseRows, differences_of_case
from cases.checks.enrolments import differences_of_enrolments
from cases.checks.findings import Difference
from cases.checks.orders import differences_of_order
from cases.checks.records import differences_of_records
from cases.checks.restrictions import differences_of_restrictions
from cases.laws import Laws
from cases.models import Cover, Order, Restriction, ServiceAppointment, ServiceCase
from sellers.models import Enrolment
from zestech_aftersales.timeline import seals
from zestech_aftersales.timeline.models import Event, Heartbeat, Verification

BATCH = 200
# How many differences a run keeps for people to read; the number of all is kept beside them.
KEPT = 20
HEARTBEAT = "verify"
# Seconds that an event may wait for its seal: the relay is woken each second.
GRACE = timedelta(seconds=60)


class Recount(Protocol):
    """Counts again what a higher app keeps, whole or what belongs to one case; brings `tally` up to date."""

    def __call__(self, tally: Tally, *, at: datetime, case: ServiceCase | None) -> Iterator[Difference]:
        """Yield everything that differs."""


_recounts: list[Recount] = []


def register(recount: Recount) -> None:
    """Let `verify` count the rows of a higher app too; called in that app's ready()."""
    if recount not in _recounts:
        _recounts.append(recount)


@dataclass(slots=True)
class Tally:
    """How far a run has come."""

    total: int = 0
    cases: int = 0
    orders: int = 0
    judged: int = 0
    limits: int = 0
    events: int = 0
    differences: int = 0
    first: list[dict[str, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Cases and orders that were counted again."""
        return self.cases + self.orders


def verify(
    tally: Tally, *, at: datetime, case: ServiceCase | None = None, progress: Callable[[Tally], object] | None = None
) -> Iterator[Difference]:
    """Yield everything that differs from what the events give, of all cases and orders or of one case with its order.

    `tally` is brought up to date on the way. Events recorded within the last minute before `at` may still wait for
    their seal.
    """
    wanted = ServiceCase.objects.all() if case is None else ServiceCase.objects.filter(pk=case.pk)
    orders = Order.objects.all() if case is None else Order.objects.filter(pk=case.cover.order_id)
    streams: Sequence[str | None] = [None] if case is None else [case.stream, case.cover.order.stream]
    tally.total = wanted.count() + orders.count()
    laws = Laws()
    for found in _checked(wanted.values_list("pk", flat=True), _case_batch, tally, laws, progress):
        yield _told(tally, found)
    for found in _checked(orders.values_list("pk", flat=True), _order_batch, tally, laws, progress):
        yield _told(tally, found)
    for found in _beside(case, laws):
        yield _told(tally, found)
    for recount in _recounts:
        for found in recount(tally, at=at, case=case):
            yield _told(tally, found)
    for stream in streams:
        for broken in seals.verify(stream, sealed_by=at - GRACE):
            yield _told(tally, Difference(broken.stream, f"event {broken.event_id or '-'}", "seal", broken.text, ""))


def _beside(case: ServiceCase | None, laws: Laws) -> Iterator[Difference]:
    """What is in no case: enrolments and records, of all; restrictions, of all or of the cover of one case."""
    if case is None:
        yield from differences_of_records()
        for some in _batches(Enrolment.objects.all()):
            yield from differences_of_enrolments(some)
    restrictions = Restriction.objects.all()
    for some in _batches(restrictions if case is None else restrictions.filter(cover=case.cover_id)):
        yield from differences_of_restrictions(some, laws)


def _batches(rows: QuerySet[Any]) -> Iterator[list[int]]:
    remaining = rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH * 10)
    while some := list(islice(remaining, BATCH)):
        yield some


def run(*, now: Callable[[], datetime]) -> Verification:
    """Count everything again and keep what came of it; `/healthz` shows the last run."""
    begun_at, tally = now(), Tally()
    for _difference in verify(tally, at=begun_at):
        pass
    return kept(tally, begun_at=begun_at, done_at=now())


def kept(tally: Tally, *, begun_at: datetime, done_at: datetime) -> Verification:
    """Keep what a full run found."""
    Heartbeat.beat(HEARTBEAT, done_at)
    names = ("cases", "orders", "judged", "limits", "events", "differences", "first")
    counted = {name: getattr(tally, name) for name in names}
    return Verification.objects.create(begun_at=begun_at, done_at=done_at, **counted)


def _told(tally: Tally, found: Difference) -> Difference:
    tally.differences += 1
    if len(tally.first) < KEPT:
        tally.first.append(asdict(found))
    return found


Batch = Callable[[list[int], Laws, Tally | None], list[tuple[int, list[Difference]]]]


def _checked(
    keys: Any, batch: Batch, tally: Tally, laws: Laws, progress: Callable[[Tally], object] | None
) -> Iterator[Difference]:
    remaining = keys.order_by("pk").iterator(chunk_size=BATCH * 10)
    while some := list(islice(remaining, BATCH)):
        for pk, found in batch(some, laws, tally):
            if found:
                # Somebody may have been writing: look again while nobody can.
                with transaction.atomic():
                    _lock(batch, pk)
                    [(_pk, found)] = batch([pk], laws, None)
            yield from found
        if progress is not None:
            progress(tally)


def _lock(batch: Batch, pk: int) -> None:
    if batch is _order_batch:
        list(Order.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk))
        return
    list(Cover.objects.select_for_update(of=("self",), no_key=True).filter(cases=pk))
    list(ServiceAppointment.objects.select_for_update(of=("self",), no_key=True).filter(case=pk).order_by("pk"))


def _events_of(streams: list[str]) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(stream__in=streams).order_by("id"):
        events[event.stream].append(event)
    return events


def _case_batch(keys: list[int], laws: Laws, tally: Tally | None) -> list[tuple[int, list[Difference]]]:
    rows = CaseRows.of(keys)
    events = _events_of([f"case/{key}" for key in keys])
    if tally is not None:
        tally.cases += len(keys)
        tally.limits += sum(len(each) for each in rows.deadlines.values())
        tally.events += sum(len(each) for each in events.values())
    return [(case.pk, list(differences_of_case(case, rows, events[case.stream], laws))) for case in rows.cases.values()]


def _order_batch(keys: list[int], laws: Laws, tally: Tally | None) -> list[tuple[int, list[Difference]]]:
    orders = (
        Order.objects.filter(pk__in=keys)
        .prefetch_related("covers__edition", "covers__line", "covers__replacements")
        .order_by("pk")
    )
    events = _events_of([f"order/{key}" for key in keys])
    if tally is not None:
        tally.orders += len(keys)
        tally.events += sum(len(each) for each in events.values())
    return [(order.pk, list(differences_of_order(order, events[order.stream], laws))) for order in orders]
