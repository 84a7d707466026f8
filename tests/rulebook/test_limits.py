"""The table of clocks: clause, unit and number of each, and the due instant they give."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from zestech_aftersales.rulebook import CLAUSES
from zestech_aftersales.rulebook.editions import UNITS, EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.limits import LIMITS, amount_words, limit_due, limit_words
from zestech_aftersales.rulebook.numbers import number_rows
from zestech_aftersales.rulebook.periods import Pause

LAW = EditionNumbers.from_json(NUMBERS)
R0 = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "clause", "words", "due"),
    [
        pytest.param("response", "2.3.1", "48 hours", "2026-03-04T01:15:30Z", marks=pytest.mark.clause("2.3.1")),
        pytest.param(
            "confirmation", "2.3.1", "14 natural days", "2026-03-16T16:00Z", marks=pytest.mark.clause("2.3.1")
        ),
        pytest.param("solution", "2.3.2", "48 hours", "2026-03-04T01:15:30Z", marks=pytest.mark.clause("2.3.2")),
        ("counter", "2.3.1", "48 hours", "2026-03-04T01:15:30Z"),
        ("new_date", "2.3.1", "48 hours", "2026-03-04T01:15:30Z"),
        ("buyer_silence", "2.3.1", "7 natural days", "2026-03-09T16:00Z"),
        ("force_majeure_notice", "4.1.2", "48 hours", "2026-03-04T01:15:30Z"),
        ("force_majeure_proof", "4.1.2", "15 natural days", "2026-03-17T16:00Z"),
        ("negotiation", "3.3", "3 natural days", "2026-03-05T16:00Z"),
        ("auto_escalation", "3.3", "7 natural days", "2026-03-09T16:00Z"),
        ("complaint", "3.3", "90 natural days", "2026-05-31T16:00Z"),
        ("hearing", "3.2", "5 natural days", "2026-03-07T16:00Z"),
        ("appeal", "3.2", "15 natural days", "2026-03-17T16:00Z"),
        ("loss_answer", "3.4", "14 natural days", "2026-03-16T16:00Z"),
        ("cover", "2.3.4", "1 year", "2027-03-02T16:00Z"),
        ("bar", "3.2", "1 year", "2027-03-02T16:00Z"),
    ],
)
def test_each_clock_has_its_clause_number_and_due_instant(kind, clause, words, due):
    assert LIMITS[kind].clause == clause
    assert limit_words(kind, LAW) == words
    assert limit_due(kind, R0, LAW) == datetime.fromisoformat(due)


def test_every_clock_stands_on_a_clause_and_a_number():
    for kind, limit in LIMITS.items():
        assert (limit.kind, limit.clause in CLAUSES, limit.unit in ("hours", "days", "years")) == (kind, True, True)


@pytest.mark.clause("2.3.3")
def test_a_promise_takes_the_place_of_the_number():
    assert limit_due("response", R0, LAW, amount=24) == R0 + timedelta(hours=24)
    assert limit_words("response", LAW, amount=24) == "24 hours"


def test_pauses_move_a_clock_and_an_open_one_stops_it():
    hour = timedelta(hours=1)

    assert limit_due("response", R0, LAW, pauses=[Pause(R0, R0 + hour)]) == R0 + 49 * hour
    assert limit_due("confirmation", R0, LAW, pauses=[Pause(R0)]) is None


def test_an_unknown_clock_is_an_error():
    with pytest.raises(KeyError):
        limit_due("lunch", R0, LAW)


@pytest.mark.parametrize(
    ("unit", "amount", "words"),
    [("hours", 1, "1 hour"), ("days", 1, "1 natural day"), ("years", 2, "2 years"), ("count", 3, "3")],
)
def test_amounts_in_words(unit, amount, words):
    with translation.override("en"):
        assert amount_words(unit, amount) == words


def test_every_number_has_a_name_and_what_changed_is_marked():
    later = EditionNumbers.from_json(NUMBERS | {"response_hours": 36, "bar_covers_affiliates": False})

    rows = {row.field: row for row in number_rows(later, LAW)}

    assert set(rows) == set(UNITS)
    assert all(row.clause in CLAUSES and str(row.label) for row in rows.values())
    assert (rows["response_hours"].words, rows["response_hours"].before) == ("36 hours", "48 hours")
    assert (rows["bar_covers_affiliates"].words, rows["bar_covers_affiliates"].before) == ("no", "yes")
    assert {name for name, row in rows.items() if row.before} == {"response_hours", "bar_covers_affiliates"}
    assert rows["zone"].words == "Asia/Shanghai"
