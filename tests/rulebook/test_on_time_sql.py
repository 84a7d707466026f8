"""The SQL twins of on_time() agree with it at the last instant (T5); run on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import DateTimeField, F, QuerySet, Value

from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.periods import ON_TIME_SQL, on_time
from zestech_aftersales.rulebook.queries import due_on_time, due_passed

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

TICK = timedelta(microseconds=1)
DUES = [
    # SQLite stores a whole second without its microseconds: the shortest text is the trap.
    datetime(2026, 3, 4, 1, 15, 30, tzinfo=UTC),
    datetime(2026, 3, 4, 1, 15, 30, 1, tzinfo=UTC),
    datetime(2026, 3, 16, 16, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]
DISTANCES = [-timedelta(days=1), -TICK, timedelta(), TICK, timedelta(days=1)]
cases = pytest.mark.parametrize("due", DUES)
distances = pytest.mark.parametrize("distance", DISTANCES)


def rows_due_at(due: datetime) -> QuerySet[RuleEdition, RuleEdition]:
    """One row whose column due_at is stored by the database, not compared as a parameter."""
    RuleEdition.objects.bulk_create(
        [RuleEdition(number=9, published_at=due - timedelta(days=30), effective_at=due, numbers={})]
    )
    return RuleEdition.objects.filter(number=9).annotate(due_at=F("effective_at"))


@cases
@distances
def test_the_filter_agrees(due, distance):
    rows, received_at = rows_due_at(due), due + distance

    assert rows.filter(due_on_time(received_at)).exists() is on_time(received_at, due)
    assert rows.filter(due_passed(received_at)).exists() is not on_time(received_at, due)


@cases
@distances
def test_the_statement_agrees(due, distance):
    rows_due_at(due)
    received_at = due + distance
    parameter = connection.ops.adapt_datetimefield_value(received_at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ON_TIME_SQL} FROM (SELECT effective_at AS due_at FROM rulebook_ruleedition WHERE number = 9) one",
            {"received_at": parameter},
        )
        (answer,) = cursor.fetchone()

    assert bool(answer) is on_time(received_at, due)


def test_an_open_pause_is_neither_on_time_nor_passed():
    rows = RuleEdition.objects.annotate(due_at=Value(None, output_field=DateTimeField()))
    at = datetime(2026, 3, 4, tzinfo=UTC)

    assert rows.exists()
    assert not rows.filter(due_on_time(at)).exists()
    assert not rows.filter(due_passed(at)).exists()
