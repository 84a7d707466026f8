"""Every period function against an oracle that works another way, and the invariants of time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.rulebook import period_oracle as oracle
from zestech_aftersales.rulebook.periods import (
    Pause,
    day_end,
    days_before,
    days_limit,
    hours_limit,
    merged,
    months_limit,
    months_start,
    on_time,
    paused_total,
    years_limit,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [
    ZoneInfo(key)
    for key in (
        "Asia/Shanghai",
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",  # no midnight on some days
        "America/St_Johns",  # changed at one minute past midnight until 2011
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # half an hour of summer time
        "Pacific/Apia",  # left out a day
    )
]
TICK = timedelta(microseconds=1)
BASE = datetime(2010, 10, 25, tzinfo=UTC)

zones = st.sampled_from(ZONES)
#: Near whole quarters of an hour, where days, zones and pauses begin and end, at most two ticks away.
edges = st.builds(
    lambda quarters, ticks: BASE + quarters * timedelta(minutes=15) + ticks * TICK,
    st.one_of(st.integers(0, 4 * 24 * 30), st.integers(0, 4 * 24 * 365 * 8)),
    st.integers(-2, 2),
)
instants = st.one_of(
    edges,
    st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)


@st.composite
def clocks(draw, longest=60, *, allow_open=True):
    """A start, an amount, and pauses thrown around the time in which they matter."""
    start = draw(instants)
    amount = draw(st.integers(1, longest))
    offsets = st.one_of(
        st.integers(-8, longest * 96 * 2).map(lambda quarters: quarters * timedelta(minutes=15)),
        st.sampled_from([timedelta(hours=amount), timedelta(days=amount)]),
    )
    lengths = st.one_of(
        st.integers(0, 4 * 40).map(lambda quarters: quarters * timedelta(minutes=15)),
        st.sampled_from([TICK, timedelta(days=1) - TICK, timedelta(days=1), timedelta(days=1) + TICK]),
    )
    ticks = st.sampled_from([timedelta(), TICK, -TICK])
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + draw(offsets) + draw(ticks)
        pauses.append(Pause(begin, begin + draw(lengths)))
    if allow_open and draw(st.integers(0, 5)) == 0:
        pauses.append(Pause(start + draw(offsets)))
    return start, amount, pauses


def spans(pauses: list[Pause]) -> list[tuple[datetime, datetime | None]]:
    return [(pause.begin, pause.end) for pause in pauses]


def limits(
    start: datetime, amount: int, zone: ZoneInfo, pauses: Iterable[Pause]
) -> tuple[datetime | None, datetime | None]:
    return hours_limit(start, amount, pauses), days_limit(start, amount, zone, pauses)


def lasts_longer(one: datetime | None, other: datetime | None) -> bool:
    """Whether a due instant is at least as late as another; an open pause (None) is later than any."""
    return one is None or (other is not None and other <= one)


# --- Against the oracle ----------------------------------------------------------------------------------------------


@given(clocks())
def test_hours_are_what_a_stop_watch_shows(case):
    start, hours, pauses = case

    assert hours_limit(start, hours, pauses) == oracle.walked_hours(start, hours, spans(pauses))


@given(clocks(longest=16), zones)
@example((datetime(2010, 11, 1, tzinfo=UTC), 5, [Pause(datetime(2010, 11, 7, 2, tzinfo=UTC))]), ZONES[5])
def test_days_are_what_a_calendar_shows(case, zone):
    start, days, pauses = case

    assert days_limit(start, days, zone, pauses) == oracle.counted_days(start, days, zone, spans(pauses))


@given(instants, st.integers(1, 40), zones)
def test_months_and_years_are_what_a_calendar_shows(start, amount, zone):
    first = start.astimezone(zone).date()
    month, year = oracle.corresponding_day(first, amount), oracle.corresponding_day(first, 12 * amount)

    assert months_limit(start, amount, zone) == oracle.seen_day_end(month, zone)
    assert years_limit(start, amount, zone) == oracle.seen_day_end(year, zone)


@given(instants, st.integers(1, 40), zones)
def test_the_first_start_is_the_one_before_which_every_limit_is_over(end, months, zone):
    start = months_start(end, months, zone)
    assert on_time(end, months_limit(start, months, zone))
    assert not on_time(end, months_limit(start - TICK, months, zone))


@given(instants, st.integers(1, 120), zones)
def test_the_first_day_of_a_window_is_the_one_before_which_every_limit_is_over(end, days, zone):
    start = days_before(end, days, zone)
    assert on_time(end, days_limit(start, days, zone))
    assert not on_time(end, days_limit(start - TICK, days, zone))


@given(st.dates(datetime(2009, 1, 1).date(), datetime(2020, 1, 1).date()), zones)  # noqa: DTZ001
def test_a_day_ends_when_the_wall_clock_last_shows_it(day, zone):
    assert day_end(day, zone) == oracle.seen_day_end(day, zone)


# --- T3, T4, T5 ------------------------------------------------------------------------------------------------------


@pytest.mark.clause("5.1")
@given(instants, st.integers(1, 400))
def test_n_natural_days_are_more_than_n_times_24_hours_and_at_most_one_more(start, days):
    day = timedelta(days=1)

    assert days * day < days_limit(start, days, SHANGHAI) - start <= (days + 1) * day


@pytest.mark.clause("2.3.4")
@given(instants, st.integers(1, 20), zones)
def test_a_year_is_never_less_than_to_the_same_wall_clock_of_the_corresponding_date(start, years, zone):
    first = start.astimezone(zone)
    end = years_limit(start, years, zone)

    assert day_end(oracle.corresponding_day(first.date(), 12 * years), zone) == end
    assert end > start + timedelta(days=365 * years - 1)


@given(instants, st.timedeltas(-timedelta(days=1), timedelta(days=1)))
def test_on_time_is_up_to_the_last_instant(due, distance):
    assert on_time(due + distance, due) is (distance <= timedelta())


# --- Invariant 11: pauses --------------------------------------------------------------------------------------------


@given(clocks(longest=16), zones, st.data())
def test_a_pause_more_never_makes_a_due_instant_earlier(case, zone, data):
    start, amount, pauses = case
    assume(pauses)
    kept = data.draw(st.lists(st.sampled_from(pauses), unique=True))

    for fewer, more in zip(limits(start, amount, zone, kept), limits(start, amount, zone, pauses), strict=True):
        assert lasts_longer(more, fewer)


@given(clocks(longest=16), zones, st.data())
def test_splitting_doubling_and_reordering_pauses_changes_nothing(case, zone, data):
    start, amount, pauses = case
    pieces = []
    for pause in pauses:
        latest = pause.end or pause.begin + timedelta(days=30)
        cut = data.draw(st.datetimes(pause.begin.replace(tzinfo=None), latest.replace(tzinfo=None)).map(utc))
        pieces += [Pause(pause.begin, cut), Pause(cut, pause.end)]
    shuffled = data.draw(st.permutations(pieces + pauses))

    assert limits(start, amount, zone, shuffled) == limits(start, amount, zone, pauses)
    assert paused_total(shuffled) == paused_total(pauses)


@given(clocks(longest=16, allow_open=False), zones)
def test_an_open_pause_is_the_limit_of_ever_longer_ones(case, zone):
    start, amount, pauses = case
    opened = [*pauses, Pause(start)]

    assert limits(start, amount, zone, opened) == (None, None)
    assert None not in limits(start, amount, zone, [*pauses, Pause(start, start + timedelta(days=400))])


@given(clocks())
def test_merged_pauses_are_apart_and_in_order(case):
    start, _, pauses = case
    joined = merged(pauses, since=start)

    assert all(pause.begin >= start for pause in joined)
    assert all(pause.end is None or pause.begin < pause.end for pause in joined)
    assert all(one.end is not None and one.end < two.begin for one, two in pairwise(joined))


# --- Invariant 12: due is monotone in start --------------------------------------------------------------------------


@given(clocks(longest=16), zones, st.timedeltas(timedelta(), timedelta(days=40)))
def test_a_later_start_is_never_due_earlier(case, zone, later):
    """Pauses of a clock begin when it runs; one that began before the start is cut off there."""
    start, amount, pauses = case
    running = [pause for pause in pauses if pause.begin >= start + later]

    for one, two in zip(
        limits(start, amount, zone, running), limits(start + later, amount, zone, running), strict=True
    ):
        assert lasts_longer(two, one)
    assert lasts_longer(hours_limit(start + later, amount, pauses), hours_limit(start, amount, pauses))
    assert years_limit(start, amount, zone) <= years_limit(start + later, amount, zone)


def utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)
