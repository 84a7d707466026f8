"""The sweep: both its paths write the same rows, in few statements, and nothing stops it."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from structlog.testing import capture_logs

from cases import sweep as sweeps
from cases import sweep_sql
from cases.deadlines import OUTCOME_OF_A_MISS, settle
from cases.models import AppointmentState, Clock, Deadline, ServiceAppointment
from tests.cases.constellations import constellations, rows_of
from tests.factories import cases as make
from tests.factories.limits import Clocked, Plan, unanswered, written
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.timeline.models import Event, Undelivered

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

DUE = instant("2026-03-04T01:15:30Z")
AT = DUE + timedelta(hours=1)


def ended(keys):
    return ServiceAppointment.objects.filter(pk__in=keys, state="deemed_refused").count()


@pytest.fixture
def counted():
    """Every statement that reaches the database while the block runs."""

    @contextlib.contextmanager
    def block():
        seen: list[str] = []

        def note(execute, sql, params, many, context):
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            yield seen

    return block


@pytest.fixture
def refusing():
    """Make the database refuse every change of some appointments."""

    def refuse(*keys: int) -> None:
        listed = ", ".join(map(str, keys))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'poison'; END $$"
                )
                cursor.execute(
                    "CREATE TRIGGER poison BEFORE UPDATE ON cases_serviceappointment FOR EACH ROW "
                    f"WHEN (OLD.id IN ({listed})) EXECUTE FUNCTION poison()"
                )
            else:
                cursor.execute(
                    "CREATE TRIGGER poison BEFORE UPDATE ON cases_serviceappointment "
                    f"WHEN OLD.id IN ({listed}) BEGIN SELECT RAISE(ABORT, 'poison'); END"
                )

    return refuse


@pytest.mark.postgres
@pytest.mark.slow
def test_the_statements_and_the_transitions_leave_identical_rows():
    cover = make.a_cover()
    point = make.a_point(cover.seller)
    plans = constellations(AT - settle())
    by_transitions = written(cover, plans, point)
    with capture_logs():
        sweeps.one_by_one(by_transitions, at=AT, refused=set())
    by_statements = written(cover, plans, point)
    sweeps.sweep(now=lambda: AT, batch=400)
    outcomes = Counter(
        ServiceAppointment.objects.filter(pk__in=by_statements, ended_at__isnull=False).values_list("state", flat=True)
    )
    assert outcomes["deemed_refused"] > 100
    assert outcomes["lapsed"] > 20
    for plan, one, other in zip(plans, rows_of(by_transitions), rows_of(by_statements), strict=True):
        assert one == other, plan


@pytest.mark.parametrize("batch", [1, 7, 25, 1000])
def test_a_sweep_ends_all_whatever_the_size_of_its_batches(batch):
    keys = written(make.a_cover(), unanswered(25, DUE))
    assert sweeps.sweep(now=lambda: AT, batch=batch) == 25
    assert ended(keys) == Event.objects.filter(kind="appointment.deemed_refused").count() == 25
    assert sweeps.sweep(now=lambda: AT, batch=batch) == 0


def test_a_wake_up_does_at_most_its_rounds():
    keys = written(make.a_cover(), unanswered(25, DUE))
    assert sweeps.sweep(now=lambda: AT, batch=5, rounds=3) == ended(keys) == 15


def test_two_passed_limits_are_one_outcome_at_the_earlier_instant():
    plan = Plan("requested", (Clocked("confirmation", DUE + timedelta(minutes=2)), Clocked("response", DUE)))
    keys = written(make.a_cover(), [plan] * 3)
    assert sweeps.sweep(now=lambda: AT, batch=2) == 3
    assert set(ServiceAppointment.objects.filter(pk__in=keys).values_list("ended_at", "end_reason")) == {
        (DUE, "response")
    }


def test_the_settle_margin_is_left_to_replies_on_their_way():
    written(make.a_cover(), unanswered(1, DUE))
    assert sweeps.sweep(now=lambda: DUE + settle()) == 0
    assert sweeps.next_due_instant(after=DUE) == DUE + settle()
    assert sweeps.sweep(now=lambda: DUE + settle() + timedelta(microseconds=1)) == 1
    assert sweeps.next_due_instant(after=DUE) is None


def test_what_the_database_refuses_is_logged_and_stops_nothing_else(refusing):
    keys = written(make.a_cover(), unanswered(20, DUE, step=timedelta(seconds=1)))
    # The first three: more than a batch of them stands at the head.
    poisoned = {keys[0], keys[1], keys[2], keys[11]}
    refusing(*poisoned)
    with capture_logs() as logs:
        assert sweeps.sweep(now=lambda: AT, batch=2) == 16
    assert {line["appointment"] for line in logs if line["event"] == "sweep_refused"} == poisoned
    assert ended(keys) == Undelivered.objects.filter(event__kind="appointment.deemed_refused").count() == 16
    left = Deadline.objects.filter(appointment__in=poisoned, state="running", clock="response")
    assert set(left.values_list("appointment", flat=True)) == poisoned


def test_an_idle_sweep_is_one_probe(counted):
    written(make.a_cover(), unanswered(3, AT))
    with counted() as seen:
        assert sweeps.sweep(now=lambda: AT) == 0
    assert len(seen) == 1


@pytest.mark.postgres
def test_the_probe_reads_the_partial_index_however_many_clocks_stand():
    cover = make.a_cover()
    paused = Plan("proposed", (Clocked("confirmation", None), Clocked("buyer_silence", AT + timedelta(days=3))))
    written(cover, [*unanswered(1500, AT, step=timedelta(minutes=1)), *[paused] * 1500])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_deadline")
        sql, params = sweeps._passed(AT - settle()).order_by().values("id")[:1].query.sql_with_params()
        for _time in range(2):  # the first one clears away what earlier tests rolled back
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        answer = cursor.fetchone()[0]
        plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]["Plans"][0]
        cursor.execute(f"EXPLAIN {sweep_sql.CLAIM}", {"cutoff": AT - settle(), "batch": 1000, "refused": []})
        claim = "\n".join(row[0] for row in cursor.fetchall())
    assert plan["Node Type"] in {"Index Scan", "Index Only Scan"}
    assert plan["Index Name"] == "deadline_running"
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 10
    assert "deadline_running" in claim


@pytest.mark.postgres
def test_a_batch_costs_the_same_statements_for_10_rows_and_for_500(counted):
    cover = make.a_cover()
    costs = []
    for number in (10, 500):
        written(cover, unanswered(number, DUE))
        with counted() as seen:
            assert sweeps.sweep_batch(at=AT, batch=1000) == number
        costs.append(len(seen))
    # The probe, the claim, the outcome; the two outer ones belong to the test's own transaction.
    assert costs[0] == costs[1] <= 7
    assert len([sql for sql in seen if "SAVEPOINT" not in sql]) == 3


def test_the_statements_know_every_miss_of_the_machine():
    after = {(clock, before): target for clock, before, target in sweep_sql.rules()}
    assert {clock for clock, _before in after} == set(map(str, OUTCOME_OF_A_MISS))
    for (clock, before), target in after.items():
        appointment = ServiceAppointment(state=AppointmentState(before))
        OUTCOME_OF_A_MISS[Clock(clock)](appointment, DUE, clock)
        assert appointment.state == target
        assert f"('{clock}', '{before}', '{target}')" in sweep_sql.CLAIM
        assert f"('{clock}', '{before}', '{target}')" in sweep_sql.MISS


@pytest.mark.postgres
def test_a_changed_machine_changes_the_statements(monkeypatch):
    transitions = ServiceAppointment.deem_refused._django_fsm.transitions
    monkeypatch.delitem(transitions, "countered")
    monkeypatch.setattr(transitions["agreed"], "target", "excluded")
    monkeypatch.setattr(sweeps, "CLAIM", sweep_sql.written(sweep_sql.CLAIM_STATEMENT))
    monkeypatch.setattr(sweeps, "MISS", sweep_sql.written(sweep_sql.MISS_STATEMENT))
    plans = [Plan(state, (Clocked("confirmation", DUE),)) for state in ("requested", "countered", "agreed")]
    keys = written(make.a_cover(), plans)
    assert sweeps.sweep(now=lambda: AT) == 2
    states = dict(ServiceAppointment.objects.filter(pk__in=keys).values_list("pk", "state"))
    assert [states[key] for key in keys] == ["deemed_refused", "countered", "excluded"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_side_by_side_double_nothing_and_lose_nothing():
    keys = written(make.a_cover(), unanswered(600, DUE, step=timedelta(seconds=1)))

    done: list[int] = []

    def sweep():
        done.append(sweeps.sweep(now=lambda: AT, batch=20))

    assert side_by_side(sweep, sweep, sweep) == [None] * 3
    # A sweeper that finds all of the rest claimed stops; beat wakes it again.
    sweep()
    assert sum(done) == ended(keys) == 600
    outcomes = Event.objects.filter(kind="appointment.deemed_refused")
    assert outcomes.values("subject").distinct().count() == outcomes.count() == 600
    assert Undelivered.objects.filter(event__in=outcomes).count() == 600
    missed = Deadline.objects.filter(appointment__in=keys, state="missed")
    assert missed.filter(ended_at=F("due_at")).count() == 600
