"""A cover never ends before its year is over, whatever editions and promises there are (2.3.3, 2.3.4, invariant 4)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cases.cover_ends import end_for
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.models import RuleEdition

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.4")]

DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
SHANGHAI = timedelta(hours=8)
MONTHS_A_YEAR = 12
# Midnights in Shanghai and the microseconds beside them, around the 29th of February and the end of a month.
MIDNIGHT = st.sampled_from(["2023-12-31", "2024-02-28", "2024-02-29", "2024-03-01", "2026-03-01", "2026-08-31"])
PAID = st.one_of(
    st.builds(
        lambda day, beside: instant(f"{day}T00:00+08:00").astimezone(UTC) + beside,
        MIDNIGHT,
        st.sampled_from([-MICROSECOND, 0 * DAY, MICROSECOND, DAY - MICROSECOND]),
    ),
    st.datetimes(datetime(2022, 3, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis wants them naive
)
# The days between an edition in force, or a promise, and the placement; and its years or months.
EDITIONS = st.lists(st.tuples(st.integers(-30, 40), st.integers(1, 3)), max_size=2, unique_by=lambda each: each[0])
PROMISES = st.lists(st.tuples(st.integers(-30, 60), st.integers(1, 40)), max_size=3)


def end_after(paid_at: datetime, months: int) -> datetime:
    """24:00 in Shanghai of the corresponding date so many months later, or of the last one of a shorter month."""
    day = (paid_at + SHANGHAI).date()
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    date = min(day.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, date, tzinfo=UTC) + DAY - SHANGHAI


def years_by(day: int, editions: list[tuple[int, int]]) -> int:
    """The years of the edition in force on a day."""
    return [1, *(years for later, years in sorted(editions) if later <= day)][-1]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(paid_at=PAID, paid_after=st.integers(0, 35), editions=EDITIONS, promises=PROMISES)
@example(paid_at=instant("2024-02-29T15:59:59.999999Z"), paid_after=0, editions=[], promises=[(-1, 11)])
@example(paid_at=instant("2024-02-29T16:00:00Z"), paid_after=20, editions=[(10, 2)], promises=[(-1, 6), (5, 36)])
@example(paid_at=instant("2026-03-01T00:00:00Z"), paid_after=0, editions=[(-20, 3), (-10, 1)], promises=[(-5, 24)])
@example(paid_at=instant("2023-12-30T15:59:59.999999Z"), paid_after=0, editions=[(1, 2)], promises=[(1, 13)])
@example(paid_at=instant("2026-03-01T00:00:00Z"), paid_after=0, editions=[(-20, 3), (-10, 1)], promises=[(-15, 24)])
def test_no_cover_ends_before_its_year_is_over(paid_at, paid_after, editions, promises):
    placed_at = paid_at - paid_after * DAY
    # Editions are published for good: what an example publishes is rolled back as a test's own writing is.
    example_alone = transaction.atomic()
    example_alone._from_testcase = True
    with example_alone:
        for number, (later, years) in enumerate(sorted(editions), start=2):
            since = placed_at + later * DAY
            numbers = NUMBERS | {"cover_years": years}
            RuleEdition.objects.create(
                number=number, numbers=numbers, published_at=since - 60 * DAY, effective_at=since
            )
        product = make.a_product()
        for later, months in sorted(promises):
            commit(product, Promise(Dimension.COVER_MONTHS, months), begins_at=placed_at + later * DAY)
        cover = make.a_cover(product, placed_at=placed_at, paid_at=paid_at)
        asked = [placed_at + later * DAY for later in (0, 30, 60)]
        ends = [end_for(cover, at) for at in asked]
        transaction.set_rollback(True)
    placed_under = [years for later, years in sorted(editions) if later <= 0][-1:] or [1]
    # One in force since is better or changes nothing.
    years = max(placed_under + [years for later, years in editions if 0 < later <= paid_after])
    # A promise below the rules of its day is void.
    given = [(later, months) for later, months in promises if months >= MONTHS_A_YEAR * years_by(later, editions)]
    promised = [months for later, months in given if later <= 0]
    assert cover.starts_at == paid_at
    assert cover.ends_at >= end_after(paid_at, MONTHS_A_YEAR) >= paid_at + 365 * DAY
    assert cover.ends_at == end_after(paid_at, max([years * MONTHS_A_YEAR, *promised]))
    for at, end in zip(asked, ends, strict=True):
        by_then = [months for later, months in given if placed_at + later * DAY <= at]
        since = [years * MONTHS_A_YEAR for later, years in editions if later > 0 and placed_at + later * DAY <= at]
        assert end == max(cover.ends_at, *(end_after(paid_at, months) for months in [MONTHS_A_YEAR, *by_then, *since]))
