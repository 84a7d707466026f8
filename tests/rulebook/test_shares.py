"""A share of a limit: the instant at which so much of its own running time is over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zestech_aftersales.rulebook.periods import Pause, hours_limit, merged, share_instant

START = datetime(2026, 3, 2, 1, 15, 30, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("percent", "hours"), [(50, 24), (75, 36), (90, 43.2)])
def test_a_share_of_a_limit_is_a_share_of_its_time(percent, hours):
    assert share_instant(START, START + 48 * HOUR, percent) == START + hours * HOUR


def test_a_share_leaves_pauses_out():
    pauses = [Pause(START + 30 * HOUR, START + 40 * HOUR), Pause(START + 35 * HOUR, START + 50 * HOUR)]
    due = START + 68 * HOUR
    assert share_instant(START, due, 50, pauses) == START + 24 * HOUR
    assert share_instant(START, due, 75, pauses) == START + 56 * HOUR
    assert share_instant(START, due, 90, pauses) == START + 63.2 * HOUR


def test_a_share_that_ends_where_a_pause_begins_is_reached_there():
    pause = Pause(START + 24 * HOUR, START + 30 * HOUR)
    assert share_instant(START, START + 54 * HOUR, 50, [pause]) == START + 24 * HOUR


def test_a_pause_from_before_the_start_counts_from_the_start():
    pause = Pause(START - HOUR, START + HOUR)
    assert share_instant(START, START + 49 * HOUR, 50, [pause]) == START + 25 * HOUR


def test_a_pause_after_the_due_instant_moves_no_share():
    pause = Pause(START + 50 * HOUR, START + 60 * HOUR)
    assert share_instant(START, START + 48 * HOUR, 50, [pause]) == START + 24 * HOUR


def test_a_share_is_rounded_down_to_the_microsecond():
    assert share_instant(START, START + timedelta(microseconds=3), 50) == START + timedelta(microseconds=1)


lengths = st.integers(0, 10**12).map(lambda n: timedelta(microseconds=n))


@given(hours=st.integers(1, 500), pauses=st.lists(st.tuples(lengths, lengths), max_size=5))
def test_shares_rise_and_the_whole_is_the_due_instant(hours, pauses):
    stood = [Pause(START + begin, START + begin + length) for begin, length in pauses]
    due = hours_limit(START, hours, stood)
    assert due is not None
    counted = [pause for pause in merged(stood) if pause.begin <= due]
    shares = [share_instant(START, due, percent, counted) for percent in (1, 50, 75, 90, 99)]
    assert shares[0] > START
    assert shares == sorted(shares)
    assert shares[-1] < due
    last = share_instant(START, due, 100, counted)
    # A pause that begins at the very end moves the due instant, not the last running microsecond.
    assert last == due or any(pause.end == due and pause.begin == last for pause in counted)
