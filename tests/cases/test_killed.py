"""Workers killed in the middle of a sweep, and a broker that forgets everything: no limit is lost, none counts twice."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import connection

from benchmarks.waiting import wait_until
from cases.models import Deadline, ServiceAppointment
from tests.cases.stack import PATIENCE, Stack
from tests.factories import cases as make
from tests.factories.limits import unanswered, written
from tests.instants import instant
from zestech_aftersales.timeline.models import Event, EventSeal, Undelivered

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Long past for the real clock that the processes read.
DUE = instant("2026-03-04T01:15:30Z")
PASSED = 5000
KILLS = 5


@pytest.fixture
def unhurried():
    """Each batch takes a quarter of a second longer, so that there is a middle to be killed in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.25); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER dawdle AFTER INSERT ON timeline_event FOR EACH STATEMENT EXECUTE FUNCTION dawdle()"
        )
        yield
        cursor.execute("DROP TRIGGER dawdle ON timeline_event; DROP FUNCTION dawdle()")


def ended():
    return ServiceAppointment.objects.filter(state="deemed_refused").count()


def has_ended(least: int) -> bool:
    return ended() >= least


def is_in_the_middle(after: int) -> bool:
    """Whether a batch is being written at this moment, and so many appointments have ended before."""
    if not has_ended(after):
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state = 'active' AND query LIKE '%WITH missed%'"
        )
        return bool(cursor.fetchone()[0])


def each_ended_once(keys):
    outcomes = Event.objects.filter(kind="appointment.deemed_refused")
    assert set(outcomes.values_list("subject", flat=True)) == {f"appointment/{key}" for key in keys}
    assert outcomes.count() == len(keys)
    assert Deadline.objects.filter(appointment__in=keys, state="missed").count() == len(keys)
    # Every event waits for its notices or has been sealed and fanned out; none is forgotten.
    waiting = Undelivered.objects.filter(event__in=outcomes).count()
    assert waiting + EventSeal.objects.filter(event__in=outcomes).exclude(
        event__undelivered__isnull=False
    ).count() == len(keys)


@pytest.mark.clause("2.3.1")
def test_a_worker_killed_in_the_middle_of_a_sweep_loses_and_doubles_nothing(unhurried):
    keys = written(make.a_cover(), unanswered(PASSED, DUE))
    with Stack(EMAIL_URL="dummymail://") as stack:
        stack.beat()
        for killed in range(KILLS):
            worker = stack.worker()
            wait_until(partial(is_in_the_middle, after=killed * 500), PATIENCE, pause=0.01)
            stack.kill(worker)
            if killed % 2:  # now the broker gives the killed one's message out again, now it knows of nothing
                stack.broker.flushall()
        assert ended() < PASSED
        stack.worker()
        wait_until(lambda: ended() == PASSED, PATIENCE)
    each_ended_once(keys)


def test_a_broker_emptied_under_a_running_worker_stops_nothing(unhurried):
    cover = make.a_cover()
    keys = written(cover, unanswered(PASSED, DUE))
    with Stack(EMAIL_URL="dummymail://") as stack:
        stack.beat()
        stack.worker()
        for third in (1, 2):
            wait_until(partial(has_ended, third * 1500), PATIENCE)
            stack.broker.flushall()
        wait_until(lambda: ended() == PASSED, PATIENCE)
        stack.broker.flushall()
        keys += written(cover, unanswered(10, DUE))
        wait_until(lambda: ended() == PASSED + 10, PATIENCE)
    each_ended_once(keys)
