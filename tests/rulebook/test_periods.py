"""The examples: every rule of time, at the instant and one microsecond beside it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from zestech_aftersales.rulebook.periods import (
    Pause,
    day_end,
    days_limit,
    hours_limit,
    merged,
    months_limit,
    on_time,
    paused_total,
    years_limit,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


R0 = at("2026-03-02T01:15:30Z")


def pause(begin: str, end: str | None = None) -> Pause:
    return Pause(at(begin), at(end) if end else None)


# --- T2, T3: hours and days ------------------------------------------------------------------------------------------


@pytest.mark.clause("2.3.1")
def test_the_base_scenario_runs_two_limits():
    assert hours_limit(R0, 48) == at("2026-03-04T01:15:30Z")
    assert days_limit(R0, 14, SHANGHAI) == at("2026-03-16T16:00:00Z")


@pytest.mark.clause("5.1")
@pytest.mark.scenario("S20")
@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-02T23:59:59.999999+08:00", "2026-03-16T16:00Z"),
        ("2026-03-03T00:00:00+08:00", "2026-03-17T16:00Z"),
    ],
)
def test_the_start_day_is_the_platforms_day(start, due):
    assert days_limit(at(start), 14, SHANGHAI) == at(due)


@pytest.mark.clause("5.1")
@pytest.mark.scenario("S24")
@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2024-02-15T12:00+08:00", "2024-02-29T16:00Z"),
        ("2023-02-15T12:00+08:00", "2023-03-01T16:00Z"),
    ],
)
def test_a_leap_day_is_a_day(start, due):
    assert days_limit(at(start), 14, SHANGHAI) == at(due)


@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-05-01T18:00+04:00", "2026-05-03T14:00Z"),
        # Over the change to summer time in New York: still 48 hours.
        ("2026-03-07T12:00-05:00", "2026-03-09T13:00-04:00"),
    ],
)
def test_hours_are_elapsed_time_in_every_zone(start, due):
    assert hours_limit(at(start), 48) == at(due)


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(("hours", "due"), [(24, "2026-06-02T02:00Z"), (48, "2026-06-03T02:00Z")])
def test_a_promised_limit_is_the_same_sum(hours, due):
    assert hours_limit(at("2026-06-01T10:00+08:00"), hours) == at(due)


def test_a_limit_of_nothing_is_refused():
    for amount in (0, -1):
        with pytest.raises(ValueError, match="at least one"):
            hours_limit(R0, amount)
        with pytest.raises(ValueError, match="at least one"):
            days_limit(R0, amount, SHANGHAI)
        with pytest.raises(ValueError, match="at least one"):
            years_limit(R0, amount, SHANGHAI)


def test_an_instant_without_offset_is_refused():
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    with pytest.raises(ValueError, match="offset"):
        hours_limit(naive, 48)
    with pytest.raises(ValueError, match="offset"):
        Pause(naive)
    with pytest.raises(ValueError, match="offset"):
        Pause(R0, naive)


# --- T4: years -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("2.3.4")
@pytest.mark.scenario("S53")
def test_a_year_from_29_february_ends_on_28_february():
    assert years_limit(at("2024-02-29T10:00+08:00"), 1, SHANGHAI) == at("2025-02-28T16:00Z")


@pytest.mark.clause("2.3.4")
@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2023-03-01T10:00+08:00", 1, "2024-03-01T16:00Z"),
        ("2021-12-27T00:00:00+08:00", 1, "2022-12-27T16:00Z"),
        ("2024-02-29T10:00+08:00", 4, "2028-02-29T16:00Z"),
        ("2023-02-28T10:00+08:00", 1, "2024-02-28T16:00Z"),
        # 31 December in Shanghai already, 30 December in London.
        ("2025-12-30T16:00Z", 2, "2027-12-31T16:00Z"),
    ],
)
def test_a_year_ends_at_midnight_after_the_corresponding_date(start, years, end):
    assert years_limit(at(start), years, SHANGHAI) == at(end)


@pytest.mark.clause("3.2")
def test_a_bar_ends_like_any_year():
    assert years_limit(at("2024-02-29T15:00+08:00"), 1, SHANGHAI) == at("2025-02-28T16:00Z")


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-08-31T10:00+08:00", 6, "2027-02-28T16:00Z"),
        ("2026-01-15T10:00+08:00", 18, "2027-07-15T16:00Z"),
        ("2026-12-31T10:00+08:00", 24, "2028-12-31T16:00Z"),
    ],
)
def test_a_promised_cover_may_count_months(start, months, end):
    assert months_limit(at(start), months, SHANGHAI) == at(end)


# --- T5: the last instant --------------------------------------------------------------------------------------------


@pytest.mark.clause("2.3.1")
def test_the_last_instant_is_inside():
    due = hours_limit(R0, 48)

    assert on_time(due - TICK, due)
    assert on_time(due, due)
    assert not on_time(due + TICK, due)


@pytest.mark.clause("2.3.4")
def test_the_last_instant_of_a_cover_is_inside():
    end = years_limit(at("2023-03-01T10:00+08:00"), 1, SHANGHAI)

    assert on_time(at("2024-03-01T16:00:00.000000Z"), end)
    assert not on_time(at("2024-03-01T16:00:00.000001Z"), end)


# --- T7: pauses ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("4.1.2")
@pytest.mark.scenario("S33")
def test_overlapping_pauses_count_once():
    pauses = [pause("2026-03-02T12:00Z", "2026-03-02T16:00Z"), pause("2026-03-02T10:00Z", "2026-03-02T14:00Z")]

    assert paused_total(pauses) == 6 * HOUR
    assert merged(pauses) == [pause("2026-03-02T10:00Z", "2026-03-02T16:00Z")]
    assert hours_limit(R0, 48, pauses) == R0 + 54 * HOUR


@pytest.mark.clause("2.3.1")
def test_the_time_the_buyer_decides_moves_the_limit_to_confirm():
    deciding = pause("2026-03-02T11:15:30Z", "2026-03-05T02:00:00Z")

    assert paused_total([deciding]) == timedelta(hours=62, minutes=44, seconds=30)
    assert days_limit(R0, 14, SHANGHAI, [deciding]) == at("2026-03-19T16:00Z")


@pytest.mark.clause("4.1.2")
def test_force_majeure_moves_both_limits():
    event = pause("2026-03-03T00:00+08:00", "2026-03-05T12:00+08:00")

    assert hours_limit(R0, 48, [event]) == at("2026-03-06T13:15:30Z")
    assert days_limit(R0, 14, SHANGHAI, [event]) == at("2026-03-19T16:00Z")


def test_a_pause_counts_from_the_due_instant_not_after_it():
    due = R0 + 48 * HOUR

    assert hours_limit(R0, 48, [Pause(due, due + HOUR)]) == due + HOUR
    assert hours_limit(R0, 48, [Pause(due + TICK, due + HOUR)]) == due


def test_a_pause_reached_only_because_of_another_counts():
    due = R0 + 48 * HOUR
    first, second = Pause(R0 + HOUR, R0 + 3 * HOUR), Pause(due + 2 * HOUR, due + 5 * HOUR)

    assert hours_limit(R0, 48, [second, first]) == due + 5 * HOUR
    assert hours_limit(R0, 48, [second]) == due


def test_what_lies_before_the_start_is_cut_off():
    assert hours_limit(R0, 48, [Pause(R0 - 5 * HOUR, R0 + HOUR)]) == R0 + 49 * HOUR
    assert hours_limit(R0, 48, [Pause(R0 - 5 * HOUR, R0)]) == R0 + 48 * HOUR


def test_days_are_rounded_up_once_at_the_end():
    due = at("2026-03-16T16:00Z")
    hours = [Pause(R0 + n * 5 * HOUR, R0 + (n * 5 + 1) * HOUR) for n in range(4)]

    assert days_limit(R0, 14, SHANGHAI, hours) == due + 24 * HOUR, "four hours cost one day"
    assert days_limit(R0, 14, SHANGHAI, [Pause(R0, R0 + 24 * HOUR)]) == due + 24 * HOUR
    assert days_limit(R0, 14, SHANGHAI, [Pause(R0, R0 + 24 * HOUR + TICK)]) == due + 48 * HOUR


def test_a_pause_on_the_rounded_up_day_still_stops_the_clock():
    due = at("2026-03-16T16:00Z")
    first = Pause(R0, R0 + HOUR)

    assert days_limit(R0, 14, SHANGHAI, [first, Pause(due + 10 * HOUR)]) is None
    assert days_limit(R0, 14, SHANGHAI, [first, Pause(due + 24 * HOUR, due + 26 * HOUR)]) == due + 24 * HOUR
    assert days_limit(R0, 14, SHANGHAI, [first, Pause(due + 24 * HOUR, due + 48 * HOUR)]) == due + 48 * HOUR
    assert days_limit(R0, 14, SHANGHAI, [first, Pause(due + 24 * HOUR + TICK)]) == due + 24 * HOUR


def test_an_open_pause_leaves_no_due_instant():
    opened = Pause(R0 + HOUR)

    assert hours_limit(R0, 48, [opened]) is None
    assert days_limit(R0, 14, SHANGHAI, [opened]) is None
    assert paused_total([opened]) is None
    assert hours_limit(R0, 48, [Pause(R0 + 48 * HOUR + TICK)]) == R0 + 48 * HOUR, "it was due before"


def test_a_pause_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="before it begins"):
        Pause(R0, R0 - TICK)


# --- 24:00 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Asia/Shanghai", "2026-03-16", "2026-03-16T16:00Z"),
        # Midnight does not exist: the day ends where the wall clock jumps to one.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00Z"),
        # The jump goes over midnight, from 23:30 to 00:30.
        ("America/Toronto", "1919-03-30", "1919-03-31T04:30Z"),
        # The wall clock strikes 00:00, goes back to 23:01 and strikes 00:00 again.
        ("America/St_Johns", "2010-11-06", "2010-11-07T03:30Z"),
        # 30 December 2011 was left out in Samoa: it ends where it would have begun.
        ("Pacific/Apia", "2011-12-29", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),
    ],
)
def test_where_a_day_ends(zone, day, end):
    assert day_end(datetime.fromisoformat(day).date(), ZoneInfo(zone)) == at(end)


def test_a_day_limit_from_a_day_struck_twice_starts_on_that_day():
    second_of_the_two_evenings = datetime(2010, 11, 7, 2, 45, tzinfo=UTC)

    assert days_limit(second_of_the_two_evenings, 1, ZoneInfo("America/St_Johns")) == at("2010-11-08T03:30Z")
