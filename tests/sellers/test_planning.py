"""Whether an engineer can be sent: services, areas, days off and hours in his own zone, to the microsecond."""

from datetime import timedelta

import pytest

from sellers.models import Engineer
from sellers.planning import Job, goes_to, misfit
from tests.instants import instant

pytestmark = pytest.mark.clause("2.2.1")

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
# Monday 9 March 2026, 00:00 in Dubai.
MIDNIGHT = instant("2026-03-08T20:00:00Z")


def why(begin=MIDNIGHT + 10 * HOUR, end=None, service_type="installation", city="Dubai", country="AE", **kept):
    engineer = Engineer(name="Amira", **{"time_zone": "Asia/Dubai", **kept})
    return misfit(engineer, Job(service_type, city, country, ((begin, end or begin + HOUR),)))


def test_nothing_kept_keeps_nobody_out():
    assert why() is None
    assert why(is_active=False) == "inactive"


def test_the_service_must_be_one_of_his():
    assert why(skills=["installation"]) is None
    assert why(skills=["debugging"]) == "service"


@pytest.mark.parametrize(
    ("areas", "goes"),
    [
        (["AE"], True), (["ae"], True), (["Dubai"], True), (["dubai "], True), (["AE  Dubai"], True), ([], True),
        (["DE"], False), (["Sharjah"], False), (["DE Dubai"], False), (["DE", "Dubai"], True),
    ],
)  # fmt: skip
def test_areas_are_countries_cities_and_cities_of_a_country(areas, goes):
    assert goes_to(areas, "Dubai", "AE") is goes
    assert why(areas=areas) == (None if goes else "area")


def test_a_place_that_nobody_told_and_no_place_at_all_keep_nobody_out():
    assert goes_to(["DE"], "", "")
    assert goes_to(["AE"], "", "AE")
    assert not goes_to(["Dubai"], "", "AE")


@pytest.mark.parametrize(
    ("begin", "end", "is_off"),
    [
        (MIDNIGHT, MIDNIGHT + HOUR, True),
        (MIDNIGHT - HOUR, MIDNIGHT, False),
        (MIDNIGHT - HOUR, MIDNIGHT + MICROSECOND, True),
        (MIDNIGHT + 24 * HOUR - MICROSECOND, MIDNIGHT + 25 * HOUR, True),
        (MIDNIGHT + 24 * HOUR, MIDNIGHT + 25 * HOUR, False),
        (MIDNIGHT - HOUR, MIDNIGHT + 30 * HOUR, True),
    ],
)
def test_a_day_off_is_a_day_of_his_own_zone(begin, end, is_off):
    assert why(begin, end, days_off=["2026-03-09"]) == ("day_off" if is_off else None)
    assert why(begin, end, days_off=["2026-03-09"], time_zone="Asia/Shanghai") != "hours"


@pytest.mark.parametrize(
    ("begin", "end", "works"),
    [
        (MIDNIGHT + 9 * HOUR, MIDNIGHT + 12 * HOUR, True),
        (MIDNIGHT + 9 * HOUR - MICROSECOND, MIDNIGHT + 12 * HOUR, False),
        (MIDNIGHT + 9 * HOUR, MIDNIGHT + 12 * HOUR + MICROSECOND, False),
        (MIDNIGHT + 13 * HOUR, MIDNIGHT + 24 * HOUR, True),
        (MIDNIGHT + 11 * HOUR, MIDNIGHT + 14 * HOUR, False),
        (MIDNIGHT + 33 * HOUR, MIDNIGHT + 34 * HOUR, False),
    ],
)
def test_the_whole_time_lies_in_one_stretch_of_his_hours(begin, end, works):
    hours = {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]}
    assert why(begin, end, working_hours=hours) == (None if works else "hours")
