"""Enrolments held against their events, and against the bars: none is active that a bar covers (1.1, 3.2, 4.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from cases.checks.findings import Difference, differing, written
from sellers.bars import bar_until
from sellers.models import Enrolment, EnrolmentState
from zestech_aftersales.timeline.models import Event


def differences_of_enrolments(keys: Sequence[int]) -> Iterator[Difference]:
    """Everything of some enrolments that is not as their events say."""
    for pk, found in _found(keys):
        if not found:
            continue
        # Somebody may have been writing: look again while nobody can.
        with transaction.atomic():
            list(Enrolment.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk))
            [(_pk, found)] = _found([pk])
        yield from found


def _found(keys: Sequence[int]) -> list[tuple[int, list[Difference]]]:
    told: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(subject__in=[f"enrolment/{key}" for key in keys]).order_by("id"):
        told[event.subject].append(event)
    rows = Enrolment.objects.filter(pk__in=keys).select_related("seller").order_by("pk")
    return [(row.pk, list(_of_enrolment(row, told[f"enrolment/{row.pk}"]))) for row in rows]


def _of_enrolment(row: Enrolment, events: Sequence[Event]) -> Iterator[Difference]:
    place, thing, now = str(row.seller), f"enrolment/{row.pk}", ""
    since: dict[str, datetime] = {}
    for event in events:
        if event.after is None:
            continue
        before, after = str((event.before or {}).get("state", "")), str(event.after.get("state", ""))
        if before != now:
            yield Difference(place, thing, f"event {event.pk}: state before", written(before), written(now))
        if after != before:
            since[after] = event.effective_at
        now = after
    yield from differing(
        place, thing, state=(str(row.state), now), applied=(row.applied_at, since.get(EnrolmentState.APPLIED))
    )
    if now == EnrolmentState.CLEARED:
        yield from differing(place, thing, cleared=(row.cleared_at, since.get(EnrolmentState.CLEARED)))
    if row.state == EnrolmentState.ACTIVE:
        yield from _barred(place, thing, row)


def _barred(place: str, thing: str, row: Enrolment) -> Iterator[Difference]:
    for what, at in (("application", row.applied_at), ("activation", row.decided_at)):
        until = None if at is None else bar_until(row.seller, at)
        if until is not None:
            yield Difference(place, thing, f"{what} under a bar", str(row.state), f"barred until {written(until)}")
