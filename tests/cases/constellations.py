"""Every clock in every state beside every sibling, and the rows of an appointment without their keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from cases.models import Clock, Deadline, Offer, ServiceAppointment, SlotSeat
from tests.factories.limits import Clocked, Plan, with_offer_and_seat
from zestech_aftersales.timeline.models import Event, Undelivered

STATES = ("requested", "proposed", "countered", "agreed", "confirmed")
MINUTE = timedelta(minutes=1)


def constellations(cutoff: datetime) -> list[Plan]:
    """Plans around a cutoff: each clock passed or not, alone or with each sibling earlier, later, even, paused, met."""
    return [with_offer_and_seat(plan, number) for number, plan in enumerate(_plans(cutoff))]


def _plans(cutoff: datetime) -> Iterator[Plan]:
    passed = cutoff - 5 * MINUTE
    for state in STATES:
        for clock in Clock.values:
            yield Plan(state, (Clocked(clock, cutoff - timedelta(microseconds=1)),))
            yield Plan(state, (Clocked(clock, cutoff),))
            for sibling in Clock.values:
                if sibling == clock:
                    continue
                for due_at in (passed - MINUTE, passed + MINUTE, passed, cutoff + MINUTE, None):
                    yield Plan(state, (Clocked(clock, passed), Clocked(sibling, due_at)))
                yield Plan(state, (Clocked(sibling, passed - MINUTE, "met"), Clocked(clock, passed)))
            others = tuple(Clocked(other, passed + MINUTE) for other in Clock.values if other != clock)
            yield Plan(state, (*others, Clocked(clock, passed)))


def rows_of(keys: list[int]) -> list[dict[str, Any]]:
    """All that a sweep may have written about each appointment; keys become positions, so that twins compare equal."""
    appointments = {row["id"]: row for row in ServiceAppointment.objects.filter(pk__in=keys).values()}
    deadlines = _grouped(Deadline.objects.filter(appointment__in=keys).order_by("id").values(), "appointment_id")
    offers = _grouped(Offer.objects.filter(appointment__in=keys).order_by("id").values(), "appointment_id")
    seats = _grouped(SlotSeat.objects.filter(appointment__in=keys).values(), "appointment_id")
    events = _grouped(Event.objects.filter(subject__startswith="appointment/").values(), "subject")
    markers = {row["event_id"]: _without(row, "event_id") for row in Undelivered.objects.values()}
    place = {row["id"]: n for rows in deadlines.values() for n, row in enumerate(rows)}
    return [
        {
            "appointment": _without(appointments[key], "id", "case_id"),
            "deadlines": [
                {**_without(row, "id", "appointment_id"), "voided_by_id": place.get(row["voided_by_id"])}
                for row in deadlines[key]
            ],
            "offers": [row["state"] for row in offers[key]],
            "seats": [(row["starts_at"], row["released_at"]) for row in seats[key]],
            "events": [_without(row, "id", "uid", "stream", "subject") for row in events[f"appointment/{key}"]],
            "streams": [
                row["stream"] == f"case/{appointments[key]['case_id']}" for row in events[f"appointment/{key}"]
            ],
            "undelivered": [markers.get(row["id"]) for row in events[f"appointment/{key}"]],
        }
        for key in keys
    ]


def _grouped(rows: Iterable[Mapping[str, object]], by: str) -> dict[Any, list[dict[str, Any]]]:
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[by]].append(dict(row))
    return groups


def _without(row: Mapping[str, object], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}
