"""Reminders at 50, 75 and 90 %: when, to whom, once; and that a pause, an end or a killed worker changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from cases import verification
from cases.actions.answers import counter
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.deadlines import OUTCOME_OF_A_MISS, settle
from cases.models import Clock, Deadline, ReminderSent
from cases.models.deadline import REMINDED_CLOCKS
from cases.reminders import loop
from cases.reminders.kinds import CLOCKS
from cases.sweep import sweep
from tests.factories import cases as make
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.timeline.models import Event, Undelivered
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
MICROSECOND = timedelta(microseconds=1)


def remind(at):
    return loop.remind(now=lambda: at)


def clock_of(appointment, clock) -> Any:
    return appointment.deadlines.get(clock=clock)


def told(step=None):
    """Who was reminded: (clock, step, e-mail's first part)."""
    found = ReminderSent.objects.select_related("deadline", "person").order_by("id")
    return sorted((each.deadline.clock, each.step, each.person.name) for each in found if step in (None, each.step))


@pytest.fixture
def seller():
    seller = make.a_seller()
    make.a_member(seller, Seat.OWNER, name="owner")
    make.a_member(seller, Seat.STAFF, name="staff")
    make.a_member(seller, Seat.STAFF, name="gone", is_active=False)
    return seller


@pytest.fixture
def cover(seller):
    return make.a_cover(make.a_product(seller))


@pytest.fixture
def request_at_r0(cover):
    return make.requested(cover, at=R0)


def steps_of(row: Deadline):
    """Every instant at which the clock reminds, as the loop walks them."""
    instants = []
    while row.next_reminder_at is not None:
        instants.append(row.next_reminder_at)
        remind(row.next_reminder_at)
        row = Deadline.objects.get(pk=row.pk)
    return instants


def test_the_steps_of_48_hours_to_the_microsecond(cover):
    row = clock_of(make.requested(cover, at=R0 + MICROSECOND), Clock.RESPONSE)
    assert steps_of(row) == [
        instant("2026-03-03T01:15:30.000001Z"),
        instant("2026-03-03T13:15:30.000001Z"),
        instant("2026-03-03T20:27:30.000001Z"),
    ]


def test_the_steps_of_14_natural_days_are_shares_of_their_real_length(request_at_r0):
    # Until 24:00 of 16 March in Shanghai: 14 days, 14:44:30.
    row = clock_of(request_at_r0, Clock.CONFIRMATION)
    assert row.due_at == instant("2026-03-16T16:00:00Z")
    assert row.next_reminder_at == instant("2026-03-09T08:37:45Z")
    assert steps_of(row)[1:] == [instant("2026-03-13T00:18:52.500000Z"), instant("2026-03-15T04:55:33Z")]


@pytest.mark.scenario("S17")
def test_a_pause_moves_the_steps_that_are_left(request_at_r0):
    offer = make.offered(request_at_r0, at=instant("2026-03-02T11:15:30Z"))
    row = clock_of(request_at_r0, Clock.CONFIRMATION)
    assert row.next_reminder_at is None
    make.accepted(offer, at=instant("2026-03-05T02:00:00Z"))
    row = clock_of(request_at_r0, Clock.CONFIRMATION)
    # 15 days of its own, of which 10 hours were over before the pause.
    assert row.due_at == instant("2026-03-19T16:00:00Z")
    assert steps_of(row) == [
        instant("2026-03-12T04:00:00Z"),
        instant("2026-03-15T22:00:00Z"),
        instant("2026-03-18T04:00:00Z"),
    ]


def test_a_clock_that_stands_reminds_nobody_and_goes_on_with_the_step_it_had_reached(request_at_r0):
    halfway = clock_of(request_at_r0, Clock.CONFIRMATION).next_reminder_at
    Deadline.objects.filter(clock=Clock.RESPONSE).update(next_reminder_at=None, due_at=halfway + timedelta(days=3))
    remind(halfway)
    offer = make.offered(request_at_r0, at=halfway)
    assert (row := clock_of(request_at_r0, Clock.CONFIRMATION)).due_at is None
    assert row.reminded_step == 50
    before = told()
    remind(halfway + timedelta(days=2))
    assert [each for each in told() if each[0] == Clock.CONFIRMATION] == before
    make.accepted(offer, at=halfway + timedelta(days=2))
    row = clock_of(request_at_r0, Clock.CONFIRMATION)
    # Two days of pause make two more days until 24:00, and no share of them is the clock's own.
    assert row.next_reminder_at == instant("2026-03-13T00:18:52.500000Z") + timedelta(days=2)


def test_a_step_is_reached_at_its_instant_and_reminded_of_once(request_at_r0):
    at = R0 + timedelta(hours=24)
    assert remind(at - MICROSECOND) == 0
    assert remind(at) == 1
    assert remind(at) == remind(at + timedelta(hours=11)) == 0
    assert told() == [("response", 50, "staff")]


def test_each_rung_hears_its_step(request_at_r0):
    row = clock_of(request_at_r0, Clock.RESPONSE)
    steps_of(row)
    assert told(50) == [("response", 50, "staff")]
    assert told(75) == [("response", 75, "owner"), ("response", 75, "staff")]
    assert told(90) == [("response", 90, "owner"), ("response", 90, "staff")]


def test_a_seller_without_staff_hears_through_the_owner():
    seller = make.a_seller()
    make.a_member(seller, Seat.OWNER, name="owner")
    make.requested(make.a_cover(make.a_product(seller)), at=R0)
    remind(R0 + timedelta(hours=24))
    assert told() == [("response", 50, "owner")]


def test_a_seller_with_nobody_left_is_passed_over(cover):
    make.requested(cover, at=R0)
    for member in ("owner", "staff"):
        type(cover.buyer).objects.filter(name=member).update(is_active=False)
    assert remind(R0 + timedelta(hours=24)) == 1
    assert Event.objects.get(kind="limit.reminded").detail["people"] == []
    assert told() == []
    assert clock_of(cover.cases.get().appointments.get(), Clock.RESPONSE).reminded_step == 50


def test_the_engineer_of_a_coming_visit_hears_with_the_staff(request_at_r0, seller):
    engineer = make.an_engineer(seller, user=make.a_member(seller, Seat.ENGINEER, name="engineer"))
    offer = make.offered(request_at_r0, at=R0 + timedelta(hours=1))
    agreed = make.accepted(offer, at=R0 + timedelta(hours=2))
    at = R0 + timedelta(hours=3)
    confirm(agreed, items=make.ALL_ITEMS, engineer=engineer, by=make.seller_of(agreed), at=at)
    row = clock_of(agreed, Clock.CONFIRMATION)
    Deadline.objects.filter(pk=row.pk).update(state="running", clock=Clock.NEW_DATE, next_reminder_at=at)
    remind(row.started_at + timedelta(days=8))
    assert told() == [("new_date", 50, "engineer"), ("new_date", 50, "staff")]


def test_the_buyer_hears_of_his_own_clock(request_at_r0):
    make.offered(request_at_r0, at=R0 + timedelta(hours=1))
    row = clock_of(request_at_r0, Clock.BUYER_SILENCE)
    steps_of(row)
    assert [(step, name) for _clock, step, name in told()] == [
        (step, request_at_r0.buyer.name) for step in (50, 75, 90)
    ]


def test_a_late_wake_up_tells_the_latest_step_alone(request_at_r0):
    remind(R0 + timedelta(hours=44))
    assert told() == [("response", 90, "owner"), ("response", 90, "staff")]
    assert clock_of(request_at_r0, Clock.RESPONSE).next_reminder_at is None


def test_a_limit_that_is_over_reminds_nobody(request_at_r0):
    due = clock_of(request_at_r0, Clock.RESPONSE).due_at
    assert remind(due + MICROSECOND) == 0
    assert told() == []


def test_the_last_instant_of_a_limit_is_inside(request_at_r0):
    remind(clock_of(request_at_r0, Clock.RESPONSE).due_at)
    assert {step for _clock, step, _name in told()} == {90}


@pytest.mark.parametrize("end", ["answered", "cancelled", "missed"])
def test_an_ended_clock_has_no_reminder_left(request_at_r0, end):
    if end == "answered":
        make.offered(request_at_r0, at=R0 + timedelta(hours=1))
    elif end == "cancelled":
        cancel(request_at_r0, "", by=make.buyer_of(request_at_r0), at=R0 + timedelta(hours=1))
    else:
        sweep(now=lambda: R0 + timedelta(hours=49))
    assert clock_of(request_at_r0, Clock.RESPONSE).next_reminder_at is None
    if end != "answered":
        assert not Deadline.objects.filter(next_reminder_at__isnull=False).exists()


def test_an_answer_in_time_after_the_sweep_brings_the_steps_of_the_siblings_back(request_at_r0):
    due = clock_of(request_at_r0, Clock.RESPONSE).due_at
    planned = clock_of(request_at_r0, Clock.CONFIRMATION).next_reminder_at
    sweep(now=lambda: due + settle() + MICROSECOND)
    offer = make.offered(request_at_r0, at=due)
    make.accepted(offer, at=due)
    assert clock_of(request_at_r0, Clock.CONFIRMATION).next_reminder_at == planned


def test_a_fresh_clock_has_fresh_steps(request_at_r0):
    remind(R0 + timedelta(hours=24))
    offer = make.offered(request_at_r0, at=R0 + timedelta(hours=30))
    counter(offer, wish="another day", by=make.buyer_of(request_at_r0), at=R0 + timedelta(hours=31))
    row = clock_of(request_at_r0, Clock.COUNTER)
    assert row.next_reminder_at == R0 + timedelta(hours=31 + 24)
    remind(row.next_reminder_at)
    assert ("counter", 50, "staff") in told()


def test_other_steps_come_from_the_settings(cover, settings):
    settings.REMINDER_PERCENTS = [80]
    row = clock_of(make.requested(cover, at=R0), Clock.RESPONSE)
    assert row.next_reminder_at == R0 + timedelta(hours=38, minutes=24)
    remind(row.next_reminder_at)
    assert told() == [("response", 80, "owner"), ("response", 80, "staff")]


def test_nobody_is_reminded_twice_even_if_the_clock_forgot(request_at_r0):
    at = R0 + timedelta(hours=24)
    remind(at)
    Deadline.objects.filter(clock=Clock.RESPONSE).update(reminded_step=0, next_reminder_at=at)
    assert remind(at) == 1
    assert told() == [("response", 50, "staff")]


def test_a_worker_killed_before_its_commit_has_reminded_nobody_and_the_next_one_does(request_at_r0, monkeypatch):
    at = R0 + timedelta(hours=24)
    with monkeypatch.context() as killed:
        killed.setattr(QuerySet, "bulk_update", lambda *_args: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            remind(at)
    assert told() == []
    assert not Undelivered.objects.filter(event__kind="limit.reminded").exists()
    assert remind(at) == 1
    assert len(told()) == Undelivered.objects.filter(event__kind="limit.reminded").count() == 1


def test_what_cannot_be_reminded_of_is_logged_and_holds_up_nothing(cover, monkeypatch):
    first, *others = [make.requested(cover, at=R0, title=f"Fault {n}") for n in range(3)]
    bad = clock_of(first, Clock.RESPONSE).pk
    event = loop._event

    def poisoned(kind, row, *args, **kwargs):
        if row.pk == bad:
            raise LookupError("poison")
        return event(kind, row, *args, **kwargs)

    monkeypatch.setattr(loop, "_event", poisoned)
    with capture_logs() as logs:
        assert remind(R0 + timedelta(hours=24)) == 2
    assert [line["limit"] for line in logs if line["event"] == "reminder_refused"] == [bad]
    assert ReminderSent.objects.count() == len(others)
    monkeypatch.undo()
    assert remind(R0 + timedelta(hours=25)) == 1
    assert ReminderSent.objects.count() == 3


def test_a_wake_up_goes_through_all_in_bounded_batches(cover):
    for number in range(5):
        make.requested(cover, at=R0, title=f"Fault {number}")
    at = R0 + timedelta(hours=24)
    assert loop.remind(now=lambda: at, batch=2, rounds=2) == 4
    assert loop.remind(now=lambda: at, batch=2) == 1
    assert ReminderSent.objects.count() == 5


def test_an_idle_wake_up_is_one_probe_for_each_kind_of_limit(request_at_r0, django_assert_num_queries):
    with django_assert_num_queries(len(loop.kinds())):
        assert remind(R0) == 0


def test_a_batch_costs_the_same_for_one_and_for_many():
    at = R0 + timedelta(hours=24)
    costs = []
    for number in (1, 12):
        for _each in range(number):
            cover = make.a_cover()
            make.a_member(cover.seller, Seat.STAFF)
            make.requested(cover, at=R0)
        with CaptureQueriesContext(connection) as asked:
            assert loop.remind_batch(CLOCKS, at=at) == number
        costs.append(len([query for query in asked if "SAVEPOINT" not in query["sql"]]))
    assert costs[0] == costs[1] <= 13


def test_a_reminder_is_an_event_of_its_own_stream_effective_at_its_step(request_at_r0):
    remind(R0 + timedelta(hours=25))
    event = Event.objects.get(kind="limit.reminded")
    row = clock_of(request_at_r0, Clock.RESPONSE)
    assert (event.stream, event.clause) == (f"limit/{row.pk}", "2.3.1")
    assert (event.effective_at, event.recorded_at) == (R0 + timedelta(hours=24), R0 + timedelta(hours=25))
    assert event.detail["step"] == 50


def test_the_end_of_every_reminded_limit_is_told_by_its_own_event():
    assert set(OUTCOME_OF_A_MISS) >= REMINDED_CLOCKS


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_remind_each_person_once():
    covers = [make.a_cover() for _number in range(4)]
    for cover in covers:
        make.a_member(cover.seller, Seat.STAFF)
        for number in range(10):
            make.requested(cover, at=R0, title=f"Fault {number}")
    at = R0 + timedelta(hours=24)

    def work():
        return loop.remind(now=lambda: at, batch=3, rounds=50)

    done = [*side_by_side(work, work, work), work()]
    assert sum(each for each in done if isinstance(each, int)) == 40, done
    assert ReminderSent.objects.count() == Event.objects.filter(kind="limit.reminded").count() == 40
    assert Undelivered.objects.filter(event__kind="limit.reminded").count() == 40


def test_reminders_leave_nothing_to_find_for_the_recount(request_at_r0):
    steps_of(clock_of(request_at_r0, Clock.RESPONSE))
    at = R0 + timedelta(hours=45)
    relay_batch(at=at)
    assert verification.run(now=lambda: at).differences == 0


KILLED_AT_THE_END = """
import os, signal, django
django.setup()
from datetime import datetime
from django.db.models import QuerySet
from cases.reminders import loop
QuerySet.bulk_update = lambda *_args: os.kill(os.getpid(), signal.SIGKILL)
loop.remind(now=lambda: datetime.fromisoformat(os.environ["AT"]))
"""


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_kill_9_loses_nothing_and_doubles_nothing(settings):
    cover = make.a_cover()
    make.a_member(cover.seller, Seat.STAFF)
    for number in range(5):
        make.requested(cover, at=R0, title=f"Fault {number}")
    at = R0 + timedelta(hours=24)
    where = connection.settings_dict
    address = f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    env = {**os.environ, "DATABASE_URL": address, "AT": at.isoformat()}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_END],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert ReminderSent.objects.count() == 0
    assert loop.remind(now=lambda: at) == 5
    assert ReminderSent.objects.count() == Undelivered.objects.filter(event__kind="limit.reminded").count() == 5
