"""`manage.py sweep`: once, and in a loop that sleeps until the next limit and stops when it is told to."""

from __future__ import annotations

import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from structlog.testing import capture_logs

from cases import sweep as sweeps
from cases.deadlines import settle
from cases.management.commands.sweep import LONGEST_SLEEP, Command
from tests.factories import cases as make
from tests.factories.limits import unanswered, written
from zestech_aftersales import clock
from zestech_aftersales.timeline.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def handlers():
    """The command takes the process's signals for itself."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_once_it_says_how_many_ended(frozen):
    written(make.a_cover(), unanswered(3, frozen.instant - timedelta(hours=1)))
    said = StringIO()
    call_command("sweep", stdout=said)
    assert said.getvalue() == "3 ended\n"
    assert Heartbeat.objects.get(name="sweep").at == frozen.instant


@pytest.mark.parametrize(
    ("ripe_in", "sleeps"), [(timedelta(milliseconds=250), 0.25), (timedelta(hours=1), LONGEST_SLEEP)]
)
def test_it_sleeps_until_the_next_limit_is_ripe_but_a_second_at_most(frozen, ripe_in, sleeps):
    written(make.a_cover(), unanswered(1, frozen.instant - settle() + ripe_in))
    assert Command(stdout=StringIO())._sweep_and_look_ahead() == sleeps


def test_what_the_database_refuses_does_not_keep_the_loop_awake(frozen, monkeypatch):
    written(make.a_cover(), unanswered(1, frozen.instant - timedelta(hours=1)))
    monkeypatch.setattr(sweeps, "sweep", lambda **_given: 0)
    assert Command(stdout=StringIO())._sweep_and_look_ahead() == LONGEST_SLEEP


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_loop_outlives_an_outage_and_stops_when_told(handlers, monkeypatch, number):
    written(make.a_cover(), unanswered(2, clock.now() - timedelta(hours=1)))
    really, calls = sweeps.sweep, []

    def sweep(**given):
        calls.append(given)
        if len(calls) == 1:
            raise OperationalError("the database is away")
        signal.raise_signal(number)
        return really(**given)

    monkeypatch.setattr(sweeps, "sweep", sweep)
    monkeypatch.setattr("cases.management.commands.sweep.LONGEST_SLEEP", 0)
    monkeypatch.setattr("django.db.connection.close", lambda: None)
    said = StringIO()
    with capture_logs() as logs:
        call_command("sweep", "--loop", stdout=said)
    assert [line["event"] for line in logs] == ["sweep_waits_for_database"]
    assert "2 ended" in said.getvalue()
    assert said.getvalue().endswith("Stopped.\n")
