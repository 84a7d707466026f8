"""Quiet hours and digests follow the wall clock of their owner, also across midnight and clock changes."""

from datetime import UTC, datetime, time

import pytest

from tests.instants import instant
from zestech_aftersales.accounts.models import User
from zestech_aftersales.accounts.quiet import is_between, mail_time


def reached(person: User, at: str) -> str:
    return mail_time(person, instant(at)).astimezone(UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("wall", "inside"), [("21:59", False), ("22:00", True), ("00:00", True), ("06:59", True), ("07:00", False)]
)
def test_quiet_hours_across_midnight_hold_their_first_instant_and_not_their_last(wall, inside):
    assert is_between(time.fromisoformat(wall), time(22), time(7)) is inside


@pytest.mark.parametrize(("wall", "inside"), [("11:59", False), ("12:00", True), ("13:59", True), ("14:00", False)])
def test_quiet_hours_of_one_day(wall, inside):
    assert is_between(time.fromisoformat(wall), time(12), time(14)) is inside


@pytest.mark.parametrize(
    ("at", "mail"),
    [
        ("2026-03-02T13:59:59Z", "03-02 13:59"),  # 21:59:59 in Shanghai
        ("2026-03-02T14:00:00Z", "03-02 23:00"),
        ("2026-03-02T22:59:59Z", "03-02 23:00"),
        ("2026-03-02T23:00:00Z", "03-02 23:00"),
        ("2026-03-03T04:00:00Z", "03-03 04:00"),
    ],
)
def test_a_mail_waits_until_the_quiet_hours_of_its_reader_are_over(at, mail):
    person = User(time_zone="Asia/Shanghai", quiet_from=time(22), quiet_until=time(7))
    assert reached(person, at) == mail


@pytest.mark.parametrize(
    ("at", "mail"),
    [
        # Berlin, 29 March 2026: 02:00 becomes 03:00; the night has an hour less.
        ("2026-03-28T22:00:00Z", "03-29 05:00"),
        ("2026-03-29T22:00:00Z", "03-30 05:00"),
        # Berlin, 25 October 2026: 03:00 becomes 02:00; the night has an hour more.
        ("2026-10-24T21:00:00Z", "10-25 06:00"),
    ],
)
def test_the_night_of_a_clock_change_ends_at_its_own_hour(at, mail):
    person = User(time_zone="Europe/Berlin", quiet_from=time(22), quiet_until=time(7))
    assert reached(person, at) == mail


@pytest.mark.parametrize(
    ("at", "mail"),
    [
        ("2026-10-24T22:00:00Z", "10-25 00:30"),  # the first 02:30
        ("2026-10-25T00:29:00Z", "10-25 00:30"),
        ("2026-10-25T00:45:00Z", "10-25 00:45"),  # 02:45, quiet is over
        ("2026-10-25T01:15:00Z", "10-25 01:30"),  # 02:15 again: the second 02:30
        ("2026-03-29T00:30:00Z", "03-29 01:30"),  # 02:30 is skipped: as late as it was skipped
    ],
)
def test_an_end_that_comes_twice_or_never(at, mail):
    person = User(time_zone="Europe/Berlin", quiet_from=time(0), quiet_until=time(2, 30))
    assert reached(person, at) == mail


@pytest.mark.parametrize(
    ("at", "mail"),
    [
        ("2026-03-07T13:00:00Z", "03-07 13:00"),  # 08:00 in New York
        ("2026-03-07T13:00:00.000001Z", "03-08 12:00"),  # the clocks went forward meanwhile
        ("2026-03-08T11:00:00Z", "03-08 12:00"),
    ],
)
def test_a_digest_comes_at_its_hour(at, mail):
    assert reached(User(time_zone="America/New_York", digest_at=time(8)), at) == mail


def test_without_a_wish_mail_comes_at_once():
    at = datetime(2026, 3, 2, 3, 0, 0, 1, tzinfo=UTC)
    assert mail_time(User(), at) == at
