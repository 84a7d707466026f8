"""The judgement counted again (T8): states from their events, limits from their start, breaches from the facts.

Every breach in the cases has its violation, and every violation that counts has its breach. What the relay has not
shown to the reader yet is no difference, nor is what the loop is about to let fall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from cases.checks.findings import Difference, differing, written
from cases.checks.reminders import Reminders
from cases.laws import Laws
from cases.models import DeadlineState, ServiceAppointment
from cases.tolled_limits import TolledOutages
from complaints.breaches import Breach, breaches_of
from complaints.models import (
    OPEN_VIOLATIONS,
    Audit,
    Clearance,
    Complaint,
    JudgementDeadline,
    LossClaim,
    Violation,
)
from complaints.reminders import LIMITS_OF_THE_JUDGEMENT
from complaints.sums import FILING
from complaints.tolling import JUDGED_WITH, counted_until, due_of, law_of, negotiation_end_of, tolled_at
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.timeline.models import Event, Undelivered

if TYPE_CHECKING:
    from cases.models import ServiceCase
    from cases.verification import Tally

BATCH = 200
# What is judged, and how a case leads to it.
JUDGED: tuple[tuple[type[models.Model], str], ...] = (
    (Violation, "appointment__case"),
    (Complaint, "case"),
    (LossClaim, "violation__appointment__case"),
    (Audit, ""),
    (Clearance, ""),
)


def recount(tally: Tally, *, at: datetime, case: ServiceCase | None = None) -> Iterator[Difference]:
    """Yield everything of the judgement that differs, of all or of one case."""
    for model, path in JUDGED:
        if case is None or path:
            wanted = model._default_manager.all() if case is None else model._default_manager.filter(**{path: case.pk})
            for keys in _batches(wanted):
                yield from _states(model, keys, tally)
    complaints, laws = Complaint.objects.all() if case is None else Complaint.objects.filter(case=case), Laws()
    for keys in _batches(complaints):
        yield from _times(keys, laws)
    limits = JudgementDeadline.objects.all()
    if case is not None:
        limits = limits.filter(violation__appointment__case=case.pk)
    for keys in _batches(limits):
        yield from _limits(keys, tally, laws)
    appointments = ServiceAppointment.objects.all() if case is None else ServiceAppointment.objects.filter(case=case)
    for keys in _batches(appointments):
        yield from _breaches(keys)


def _batches(found: models.QuerySet[Any]) -> Iterator[list[int]]:
    remaining = found.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH * 10)
    while keys := list(islice(remaining, BATCH)):
        yield keys


def _states(model: type[models.Model], keys: Sequence[int], tally: Tally | None) -> Iterator[Difference]:
    """The state of each thing as its events tell it, and whether each event follows from the one before it."""
    things: list[Any] = list(model._default_manager.filter(pk__in=keys).order_by("pk"))
    told: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(stream__in=[thing.subject for thing in things]).order_by("id"):
        told[event.stream].append(event)
    if tally is not None:
        tally.judged += len(things)
        tally.events += sum(map(len, told.values()))
    for thing in things:
        found = list(_of_thing(thing, told[thing.subject]))
        if found and tally is not None:
            # Somebody may have been writing: look again while nobody can.
            with transaction.atomic():
                list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=thing.pk))
                found = list(_states(model, [thing.pk], None))
        yield from found


def _of_thing(thing: Any, events: Sequence[Event]) -> Iterator[Difference]:
    now = ""
    for event in events:
        if event.before is None or event.after is None or event.subject != thing.subject:
            continue
        before = str(event.before.get("state", ""))
        if before != now:
            yield Difference(
                str(thing), thing.subject, f"event {event.pk}: state before", written(before), written(now)
            )
        now = str(event.after.get("state", ""))
    yield from differing(str(thing), thing.subject, state=(thing.state, now))


def _limits(keys: Sequence[int], tally: Tally, laws: Laws) -> Iterator[Difference]:
    rows = JudgementDeadline.objects.filter(pk__in=keys).order_by("pk")
    tally.limits += len(keys)
    found, outages = list(rows.select_related(*JUDGED_WITH)), TolledOutages.known()
    reminders, tolled = Reminders(LIMITS_OF_THE_JUDGEMENT, found), tolled_at(found)
    for row in found:
        violation = row.violation
        place, thing = str(violation or row.pk), f"limit/{row.pk} {row.clock}"
        law, until = law_of(row, laws), counted_until(row, tolled_at=tolled.get(row.pk))
        due_at, ends_at = due_of(row, outages, law, until=until), negotiation_end_of(row, outages, law, until=until)
        yield from differing(place, thing, due=(row.due_at, due_at), clause=(row.clause, LIMITS[row.clock].clause))
        if row.complaint is not None and ends_at is not None:
            yield from differing(place, thing, negotiation=(row.complaint.negotiation_ends_at, ends_at))
        if violation is not None:
            yield from differing(place, thing, amount_by_the_rules=(row.amount, LIMITS[row.clock].amount(law)))
        yield from reminders.differences(place, thing, row, due_at=due_at)
        if row.state == DeadlineState.MISSED:
            yield from differing(place, thing, missed=(row.ended_at, due_at))
        if row.state == DeadlineState.MET and row.ended_at is not None and not on_time(row.ended_at, due_at):
            yield Difference(place, thing, "met too late", written(row.ended_at), written(due_at))


def _times(keys: Sequence[int], laws: Laws) -> Iterator[Difference]:
    """Until when each complaint could be filed."""
    found = list(Complaint.objects.filter(pk__in=keys).select_related("case__cover__edition").order_by("pk"))
    outages = TolledOutages.approved()
    for row in found:
        if row.file_until is not None:
            law = laws.at(row.case.cover.edition, row.breach_at)
            # What was approved later did not count when it was filed.
            file_until = outages.due(FILING, row.breach_at, law, until=row.filed_at)
            yield from differing(str(row), row.subject, filed_until=(row.file_until, file_until))


def _breaches(keys: Sequence[int]) -> Iterator[Difference]:
    for appointment in {key for key, _found in _differing_breaches(keys)}:
        # The reader may have been at work: look again, and leave what waits for it to it.
        again = list(_differing_breaches([appointment]))
        if again and not _is_waiting(appointment):
            yield from (found for _key, found in again)


def _differing_breaches(keys: Sequence[int]) -> Iterator[tuple[int, Difference]]:
    found = breaches_of(keys)
    known = {each.breach: each for each in Violation.objects.filter(appointment__in=keys) if each.is_of_a_case}
    for name in sorted(found.keys() | known.keys()):
        breach, violation = found.get(name), known.get(name)
        appointment = breach.appointment_id if breach else violation.appointment_id if violation else None
        for difference in _of_breach(name, breach, violation):
            yield appointment or 0, difference


def _of_breach(name: str, breach: Breach | None, violation: Violation | None) -> Iterator[Difference]:
    if violation is None:
        if breach is not None and breach.is_fact:
            yield Difference(f"appointment/{breach.appointment_id}", name, "violation", "missing", str(breach.kind))
        return
    place = str(violation)
    counts = violation.state in OPEN_VIOLATIONS or (violation.stands and violation.groundless_since is None)
    if breach is None or not breach.is_fact:
        if counts:
            yield Difference(place, name, "breach", violation.state, breach.against if breach else "none")
        return
    if violation.fell_by_fact:
        yield Difference(place, name, "state", violation.state, "candidate")
        return
    yield from differing(
        place,
        name,
        occurred=(violation.occurred_at, breach.occurred_at),
        cured=(violation.cured_at, breach.cured_at),
    )


def _is_waiting(appointment: int) -> bool:
    """Whether the relay still has to show the reader something about an appointment."""
    row = ServiceAppointment.objects.values("case", "case__cover__order").get(pk=appointment)
    streams = [f"case/{row['case']}", f"order/{row['case__cover__order']}"]
    return Undelivered.objects.filter(event__stream__in=streams, quarantined_at__isnull=True).exists()
