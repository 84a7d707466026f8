"""Replies against sweeps and buyers against buyers, on real connections; each with the control that must go wrong."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from benchmarks.unlocked import unlocked
from cases.actions.bookings import request_service
from cases.actions.offers import offer
from cases.deadlines import settle
from cases.models import Deadline, Offer, ServiceAppointment, SlotSeat
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories.limits import unanswered, written
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DUE = instant("2026-03-04T01:15:30Z")
# Wider than the settle margin: the sweep of one trial finds that trial's limit alone.
APART = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
# When replies are received, from the due instant on.
RECEIVED = (-timedelta(seconds=1), -MICROSECOND, timedelta(0), MICROSECOND, timedelta(seconds=1), timedelta(minutes=1))


def raced(trials: int) -> Counter[str]:
    """Race one reply against one sweep for each appointment; counts what came of the trials."""
    cover = make.a_cover()
    seller = make.seller_of(cover)
    keys = written(cover, unanswered(trials, DUE, step=APART))
    received_at = [DUE + n * APART + RECEIVED[n % len(RECEIVED)] for n in range(trials)]
    gate = threading.Barrier(2)

    def reply():
        for key, at in zip(keys, received_at, strict=True):
            appointment = ServiceAppointment.objects.get(pk=key)
            terms = make.offer_terms(at)
            gate.wait(timeout=30)
            with suppress(RuleBroken, DatabaseError):
                offer(appointment, terms, by=seller, at=at)

    def sweep():
        for n in range(trials):
            gate.wait(timeout=30)
            with suppress(DatabaseError):
                sweep_batch(at=DUE + n * APART + settle() + MICROSECOND)

    assert side_by_side(reply, sweep) == [None, None]
    return judged(keys, [at <= DUE + n * APART for n, at in enumerate(received_at)])


def judged(keys: list[int], in_time: list[bool]) -> Counter[str]:
    """What became of each trial: "swept first" or "replied first" when all is right, else what is wrong."""
    states = dict(ServiceAppointment.objects.filter(pk__in=keys).values_list("pk", "state"))
    clocks = dict(Deadline.objects.filter(appointment__in=keys, clock="response").values_list("appointment", "state"))
    offers: dict[int, list[tuple[str, bool]]] = {key: [] for key in keys}
    for made in Offer.objects.filter(appointment__in=keys):
        offers[made.appointment_id].append((made.state, made.is_late))
    chains: dict[str, list[Event]] = {f"appointment/{key}": [] for key in keys}
    for event in Event.objects.filter(subject__in=list(chains)).order_by("id"):
        chains[event.subject].append(event)
    return Counter(
        _verdict(timely, states[key], clocks[key], offers[key], chains[f"appointment/{key}"])
        for key, timely in zip(keys, in_time, strict=True)
    )


def _verdict(timely: bool, state: str, clock: str, offers: list[tuple[str, bool]], chain: list[Event]) -> str:
    kinds = [event.kind.removeprefix("appointment.") for event in chain]
    states = ["requested", *[event.after["state"] for event in chain]]
    if any(event.before["state"] != before for event, before in zip(chain, states, strict=False)):
        return "wrong: an event that does not follow from the one before it"
    expected = (
        ("proposed", "met", [("standing", False)]) if timely else ("deemed_refused", "missed", [("standing", True)])
    )
    if (state, clock, offers) != expected:
        return f"wrong: {state}, clock {clock}, offers {offers}"
    if timely and kinds not in (["proposed"], ["deemed_refused", "rescinded", "proposed"]):
        return f"wrong: {kinds}"
    if not timely and kinds != ["deemed_refused", "offer.late"]:
        return f"wrong: {kinds}"
    swept_first = (
        kinds[0] == "deemed_refused" and chain[0].recorded_at == chain[0].effective_at + settle() + MICROSECOND
    )
    return "swept first" if swept_first else "replied first"


@pytest.mark.clause("2.3.1")
def test_a_reply_and_the_sweep_at_once_end_as_the_received_instant_decides():
    outcomes = raced(1000)
    assert not [outcome for outcome in outcomes if outcome.startswith("wrong")], outcomes
    # It was a race: each won some.
    assert set(outcomes) == {"swept first", "replied first"}


def test_control_without_lock_and_predicate_the_race_shows():
    with unlocked():
        outcomes = raced(60)
    assert [outcome for outcome in outcomes if outcome.startswith("wrong")], outcomes


BUYERS, CAPACITY = 12, 3


def booked_at_once() -> Counter[str]:
    """Let all buyers ask for the same slot at the same moment; counts what each was answered."""
    seller = make.a_seller()
    point = make.a_point(seller, capacity=CAPACITY)
    starts_at = instant("2026-03-09T06:00:00Z")
    covers = [make.a_cover(make.a_product(seller)) for _buyer in range(BUYERS)]
    wish = make.a_service_request(method=ServiceMethod.POINT, point=point, slot_starts_at=starts_at)

    def book(cover):
        return lambda: request_service(cover, wish, by=make.buyer_of(cover), at=DUE)

    answers = side_by_side(*[book(cover) for cover in covers])
    assert SlotSeat.objects.filter(released_at=None).count() == ServiceAppointment.objects.count()
    return Counter(answer.code if isinstance(answer, RuleBroken) else type(answer).__name__ for answer in answers)


@pytest.mark.clause("2.2.1")
def test_a_slot_is_booked_as_often_as_it_has_seats():
    assert booked_at_once() == {"ServiceAppointment": CAPACITY, "slot_taken": BUYERS - CAPACITY}
    assert sorted(SlotSeat.objects.values_list("seat", flat=True)) == list(range(1, CAPACITY + 1))


def test_control_without_the_constraint_seats_are_taken_twice():
    (constraint,) = SlotSeat._meta.constraints
    with connection.schema_editor() as editor:
        editor.remove_constraint(SlotSeat, constraint)
    try:
        assert booked_at_once()["ServiceAppointment"] > CAPACITY
    finally:
        SlotSeat.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(SlotSeat, constraint)
