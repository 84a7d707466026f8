"""The one clock: where it reads the time and how it is stopped."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Thread
from types import SimpleNamespace

import pytest
import time_machine

from zestech_aftersales import clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_now_is_aware_utc():
    instant = clock.now()

    assert instant.tzinfo is UTC
    assert abs(instant - datetime.now(UTC)) < timedelta(minutes=1)


def test_sqlite_asks_the_process_clock(monkeypatch):
    monkeypatch.setattr(clock, "connection", SimpleNamespace(vendor="sqlite"))
    with time_machine.travel(NOON, tick=False):
        assert clock.now() == NOON


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_answers_for_all_processes_and_moves_on_inside_a_transaction():
    with time_machine.travel(NOON, tick=False):
        first, second = clock.now(), clock.now()

    assert first > NOON + timedelta(days=1), "the process clock stands, the database's does not"
    assert second > first, "clock_timestamp(), not the start of the transaction"


def test_a_standing_clock_stands_until_it_is_moved():
    with clock.standing_at(NOON) as standing:
        assert clock.now() == clock.now() == NOON
        standing.move_by(timedelta(microseconds=1))
        assert clock.now() == NOON + timedelta(microseconds=1)
        standing.move_to("2026-03-04T09:15:30+08:00")
        assert clock.now() == datetime(2026, 3, 4, 1, 15, 30, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_a_standing_clock_stands_in_every_thread():
    seen = []
    with clock.standing_at(NOON):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()

    assert seen == [NOON]


def test_the_clock_before_comes_back_even_after_an_error():
    with clock.standing_at(NOON):
        with pytest.raises(ZeroDivisionError), clock.standing_at("2020-01-01T00:00:00Z"):
            1 / 0  # noqa: B018
        assert clock.now() == NOON


def test_an_instant_without_offset_is_refused():
    with clock.standing_at(NOON) as standing, pytest.raises(ValueError, match="offset"):
        standing.move_to("2026-03-02T12:00:00")
    assert standing.instant == NOON


def test_the_clock_of_a_public_site_never_stands(settings):
    settings.IS_PUBLIC = True

    with pytest.raises(RuntimeError, match="public site"), clock.standing_at(NOON):
        pass


def test_the_fixture_moves_both_clocks(frozen):
    assert clock.now() == datetime.now(UTC) == datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)

    frozen.move_to(datetime(2026, 3, 4, 9, 15, 30, 1, tzinfo=timezone(timedelta(hours=8))))

    assert clock.now() == datetime.now(UTC) == datetime(2026, 3, 4, 1, 15, 30, 1, tzinfo=UTC)
