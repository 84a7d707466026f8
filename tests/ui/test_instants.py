"""Instants and spans in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from zestech_aftersales.ui import instants

AT = datetime(2026, 11, 25, 8, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("UTC", "UTC"),
        ("Europe/Berlin", "UTC+1"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC-3:30"),
        ("Asia/Shanghai", "UTC+8"),
    ],
)
def test_an_offset_is_that_of_the_instant(zone, offset):
    assert instants.offset_words(AT.astimezone(ZoneInfo(zone))) == offset


def test_the_offset_follows_summer_time():
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))

    assert instants.offset_words(summer) == "UTC+2"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("full", "Wed 25 Nov 2026, 09:40 (UTC+1)"),
        ("short", "Wed 25 Nov, 09:40"),
        ("day", "Wed 25 Nov 2026"),
        ("time", "09:40"),
    ],
)
def test_an_instant_is_told_in_the_viewers_zone(form, words):
    with timezone.override(ZoneInfo("Europe/Berlin")), translation.override("en"):
        assert instants.instant_words(AT, form) == words


def test_another_form_is_refused():
    with pytest.raises(ValueError, match="no such form"):
        instants.instant_words(AT, "long")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(hours=31, minutes=12), "31 h 12 min"),
        (timedelta(hours=71, minutes=59), "71 h 59 min"),
        (timedelta(days=3), "3 days 0 h"),
        (timedelta(days=9, hours=4, minutes=59), "9 days 4 h"),
        (timedelta(seconds=-1), "0 min"),
    ],
)
def test_a_span_is_rounded_down_to_two_units(span, words):
    with translation.override("en"):
        assert instants.duration_words(span) == words


def test_a_zone_is_told_with_its_offset():
    assert instants.zone_words(ZoneInfo("Europe/Berlin"), AT) == "Europe/Berlin (UTC+1)"
    assert instants.zone_words(ZoneInfo("UTC"), AT) == "UTC"
