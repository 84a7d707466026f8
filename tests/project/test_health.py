"""/healthz and /readyz: what they say when all is well and when something is behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from cases import verification
from cases.models import Deadline
from tests.factories import cases as make
from zestech_aftersales import clock, health
from zestech_aftersales.timeline.models import Heartbeat, Undelivered

LATE = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded broker doesn't run in tests."""
    monkeypatch.setattr(health, "broker_state", lambda: "ok")


@pytest.fixture
def swept(frozen: Any, db: None) -> None:
    Heartbeat.beat(health.SWEEP, frozen.instant)


def readyz(client: Client, status: int) -> Any:
    answer = client.get("/readyz")
    assert answer.status_code == status
    return answer.json()


@pytest.mark.django_db
def test_healthz_tells_of_the_last_verification(client: Client, frozen: Any) -> None:
    assert client.get("/healthz").content == b"ok\nverification: none yet\n"
    verification.run(now=clock.now)
    assert client.get("/healthz").content == b"ok\nverification: 2026-03-02T01:15:30Z, 0 differences\n"


def test_healthz_needs_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "last_verification", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\nverification: the database does not answer\n"


def test_ready(client: Client, swept: None) -> None:
    report = readyz(client, 200)
    assert report["ready"]
    assert report["database"] == report["broker"] == "ok"
    assert report["last_sweep"]["late_seconds"] == 0
    assert report["oldest_unswept_limit"] == {"since": None, "late_seconds": None, "in_time": True}


def test_constant_queries(client: Client, swept: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        readyz(client, 200)


@pytest.mark.django_db
def test_never_swept_is_not_ready(client: Client, frozen: Any) -> None:
    assert not readyz(client, 503)["last_sweep"]["in_time"]


def test_a_sweep_that_stopped_is_seen(client: Client, swept: None, frozen: Any) -> None:
    frozen.move_by(LATE)
    report = readyz(client, 503)
    assert report["last_sweep"]["late_seconds"] == LATE.total_seconds()


def test_a_limit_that_nobody_swept_is_seen(client: Client, swept: None, frozen: Any) -> None:
    appointment = make.requested(at=frozen.instant)
    due_at = Deadline.objects.filter(appointment=appointment).earliest("due_at").due_at
    assert due_at is not None
    frozen.move_to(due_at + LATE)
    Heartbeat.beat(health.SWEEP, frozen.instant)

    report = readyz(client, 503)

    assert report["last_sweep"]["in_time"]
    assert report["oldest_unswept_limit"]["late_seconds"] == LATE.total_seconds()


def test_a_notice_that_did_not_go_out_is_seen(client: Client, swept: None, frozen: Any) -> None:
    make.requested(at=frozen.instant)
    frozen.move_by(LATE)
    Heartbeat.beat(health.SWEEP, frozen.instant)
    assert not readyz(client, 503)["oldest_undelivered_notice"]["in_time"]

    Undelivered.objects.all().delete()
    assert readyz(client, 200)["oldest_undelivered_notice"]["since"] is None


def test_a_dead_broker_is_seen(client: Client, swept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "broker_state", lambda: "does not answer")
    assert readyz(client, 503)["broker"] == "does not answer"


def test_a_dead_database_is_seen(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_at: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "loops", refuse)
    assert readyz(client, 503)["database"] == "does not answer"


def test_posting_is_not_for_probes(client: Client) -> None:
    assert client.post("/readyz").status_code == 405
