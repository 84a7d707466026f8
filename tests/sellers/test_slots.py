"""Slots of a service point, through its zone's clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from sellers.models import ServicePoint
from sellers.slots import DAYS, HoursError, Slot, read_hours, slots

BERLIN = ZoneInfo("Europe/Berlin")
ALL_DAY = {day: [["00:00", "24:00"]] for day in DAYS}


def point(**given):
    return ServicePoint(**({"time_zone": "Europe/Berlin", "opening_hours": {"mon": [["09:00", "12:00"]]}} | given))


def starts(found):
    return [slot.starts_at.isoformat() for slot in found]


@pytest.mark.clause("2.2.1")
def test_hours_are_read_in_the_zone_of_the_point():
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    found = point(time_zone="Asia/Dubai").slots_between(monday, monday + timedelta(days=7))
    assert starts(found) == [f"2026-03-02T0{hour}:00:00+00:00" for hour in (5, 6, 7)]
    assert found[0] == Slot(datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC))


def test_begin_is_inside_and_end_is_not():
    nine, eleven = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert len(point().slots_between(nine, eleven)) == 2
    assert len(point().slots_between(nine + timedelta(microseconds=1), eleven + timedelta(microseconds=1))) == 2
    assert point().slots_between(eleven, nine) == []


def test_a_slot_never_runs_past_the_closing():
    found = point(slot_minutes=50).slots_between(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    assert starts(found) == [
        "2026-03-02T08:00:00+00:00",
        "2026-03-02T08:50:00+00:00",
        "2026-03-02T09:40:00+00:00",
    ]


def test_closed_days_are_days_of_the_point():
    eve = datetime(2026, 3, 1, tzinfo=UTC)
    auckland = point(time_zone="Pacific/Auckland", closed_days=["2026-03-02"])
    assert auckland.slots_between(eve, eve + timedelta(days=7)) == []
    assert len(auckland.slots_between(eve, eve + timedelta(days=8))) == 3


@pytest.mark.parametrize("switched_off", ["is_active", "has_published_slots"])
def test_a_point_that_publishes_nothing_has_no_slots(switched_off):
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert point(**{switched_off: False}).slots_between(monday, monday + timedelta(days=7)) == []


def test_a_slot_is_found_by_its_exact_start():
    nine = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert point().slot_at(nine) == Slot(nine, nine + timedelta(hours=1))
    assert point().slot_at(nine + timedelta(minutes=30)) is None


@pytest.mark.parametrize(
    ("day", "hours", "count"),
    [
        (date(2026, 3, 28), ALL_DAY, 24),
        (date(2026, 3, 29), ALL_DAY, 23),
        (date(2026, 10, 25), ALL_DAY, 25),
        # 02:00 to 03:00 does not exist on the night to summer time; 02:30 to 04:00 is one hour long.
        (date(2026, 3, 29), {"sun": [["02:00", "03:00"]]}, 0),
        (date(2026, 3, 29), {"sun": [["02:30", "04:00"]]}, 1),
        # 02:00 to 03:00 comes twice on the night to winter time.
        (date(2026, 10, 25), {"sun": [["02:00", "03:00"]]}, 2),
    ],
)
def test_the_nights_of_the_clock_change(day, hours, count):
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    next_midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=BERLIN)
    found = point(opening_hours=hours).slots_between(midnight.astimezone(UTC), next_midnight.astimezone(UTC))
    assert len(found) == count
    assert all(slot.ends_at - slot.starts_at == timedelta(hours=1) for slot in found)


def test_a_zone_that_skips_a_whole_day():
    """Samoa had no 30 December 2011: its windows shrink to the moment of the jump."""
    found = slots(
        read_hours(ALL_DAY),
        frozenset(),
        60,
        ZoneInfo("Pacific/Apia"),
        datetime(2011, 12, 29, 10, tzinfo=UTC),
        datetime(2011, 12, 31, 10, tzinfo=UTC),
    )
    assert len(found) == 48
    assert len(set(found)) == 48


windows = st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True).map(sorted)


@given(
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Shanghai"]),
    windows,
    st.integers(5, 180),
    st.integers(0, 16 * 365 * 24).map(lambda hours: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
)
def test_slots_never_overlap_and_keep_their_length(zone, marks, minutes, begin):
    pairs = [
        [f"{a // 4:02}:{a % 4 * 15:02}", f"{b // 4:02}:{b % 4 * 15:02}"]
        for a, b in zip(marks[::2], marks[1::2], strict=False)
    ]
    found = slots(
        read_hours(dict.fromkeys(DAYS, pairs)),
        frozenset(),
        minutes,
        ZoneInfo(zone),
        begin,
        begin + timedelta(days=3),
    )
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(found))
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=minutes) for slot in found)
    assert all(begin <= slot.starts_at < begin + timedelta(days=3) for slot in found)


@pytest.mark.parametrize(
    "opening",
    [
        [],
        {"monday": [["09:00", "17:00"]]},
        {"mon": ["09:00", "17:00"]},
        {"mon": [["09:00"]]},
        {"mon": [["9:00", "17:00"]]},
        {"mon": [["09:00", "25:00"]]},
        {"mon": [["09:00", 17]]},
        {"mon": [["17:00", "09:00"]]},
        {"mon": [["09:00", "09:00"]]},
        {"mon": [["09:00", "13:00"], ["12:59", "17:00"]]},
    ],
)
def test_hours_that_cannot_be_read_are_refused(opening):
    with pytest.raises(HoursError):
        read_hours(opening)
    with pytest.raises(ValidationError):
        ServicePoint._meta.get_field("opening_hours").run_validators(opening or [1])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closed_days", ["25.12.2026"]),
        ("closed_days", "2026-12-25"),
        ("closed_days", ["2026-12-25", "2026-12-25"]),
        ("time_zone", "Mars/Olympus"),
        ("country", "de"),
        ("capacity", 0),
        ("slot_minutes", 4),
    ],
)
def test_master_data_that_cannot_be_right_is_refused(field, value):
    with pytest.raises(ValidationError):
        ServicePoint._meta.get_field(field).clean(value, None)
