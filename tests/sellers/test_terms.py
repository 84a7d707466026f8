"""Which promises bind and which are void (2.3.3)."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellers.terms import (
    LARGEST,
    LONGER_IS_BETTER,
    SHORTER_IS_BETTER,
    UNLIMITED,
    Charge,
    Dimension,
    Offering,
    Promise,
    PromiseError,
    Verdict,
    best,
    judged,
)
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS

LAW = EditionNumbers.from_json(NUMBERS)
D = Dimension


def verdict(promise, *earlier, offering=None):
    return judged(promise, LAW, earlier, offering or Offering())


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(
    ("dimension", "value", "expected"),
    [
        pytest.param(D.RESPONSE_HOURS, 24, Verdict.EXTENDS, id="S34"),
        pytest.param(D.RESPONSE_HOURS, 72, Verdict.NARROWS_RULES, id="S35"),
        (D.RESPONSE_HOURS, 48, Verdict.NEUTRAL),
        (D.RESPONSE_HOURS, 49, Verdict.NARROWS_RULES),
        (D.SOLUTION_HOURS, 47, Verdict.EXTENDS),
        (D.CONFIRMATION_DAYS, 15, Verdict.NARROWS_RULES),
        (D.CONFIRMATION_DAYS, 14, Verdict.NEUTRAL),
        (D.COVER_MONTHS, 24, Verdict.EXTENDS),
        (D.COVER_MONTHS, 12, Verdict.NEUTRAL),
        (D.COVER_MONTHS, 6, Verdict.NARROWS_RULES),
        (D.NUMBER_OF_SERVICES, 3, Verdict.NEUTRAL),
        (D.CHARGE, Charge.CHARGED, Verdict.NEUTRAL),
        (D.SERVICE_TYPES, "debugging", Verdict.NEUTRAL),
        (D.METHODS, "remote", Verdict.EXTENDS),
        (D.AREAS, "Lagos", Verdict.EXTENDS),
    ],
)
def test_a_promise_against_the_rules(dimension, value, expected):
    assert verdict(Promise(dimension, value)) is expected


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(
    ("dimension", "earlier", "value", "expected"),
    [
        (D.RESPONSE_HOURS, 24, 36, Verdict.NARROWS_EARLIER),
        (D.RESPONSE_HOURS, 36, 24, Verdict.EXTENDS),
        (D.RESPONSE_HOURS, 24, 24, Verdict.NEUTRAL),
        (D.COVER_MONTHS, 24, 18, Verdict.NARROWS_EARLIER),
        (D.NUMBER_OF_SERVICES, UNLIMITED, 100, Verdict.NARROWS_EARLIER),
        (D.NUMBER_OF_SERVICES, 100, UNLIMITED, Verdict.EXTENDS),
        (D.CHARGE, Charge.FREE, Charge.CHARGED, Verdict.NARROWS_EARLIER),
        (D.CHARGE, Charge.CHARGED, Charge.FREE, Verdict.EXTENDS),
        (D.AREAS, "Lagos", "Lagos", Verdict.NEUTRAL),
    ],
)
def test_a_promise_against_an_earlier_one(dimension, earlier, value, expected):
    assert verdict(Promise(dimension, value), Promise(dimension, earlier)) is expected


@pytest.mark.clause("2.1.1")
def test_the_page_may_add_services_but_not_take_them_away():
    offering = Offering(service_types=frozenset({"debugging"}))
    assert verdict(Promise(D.SERVICE_TYPES, "installation"), offering=offering) is Verdict.EXTENDS
    assert verdict(Promise(D.SERVICE_TYPES, "debugging", excludes=True), offering=offering) is Verdict.NARROWS_EARLIER
    assert verdict(Promise(D.SERVICE_TYPES, "installation", excludes=True), offering=offering) is Verdict.NEUTRAL


@pytest.mark.clause("2.2.1")
def test_neither_method_of_the_rules_can_be_taken_away():
    for method in ("door", "point"):
        assert not verdict(Promise(D.METHODS, method, excludes=True)).binds
    assert verdict(Promise(D.AREAS, "Lagos", excludes=True)) is Verdict.NARROWS_RULES


def test_an_earlier_promise_on_another_dimension_is_no_measure():
    assert verdict(Promise(D.SOLUTION_HOURS, 36), Promise(D.RESPONSE_HOURS, 24)) is Verdict.EXTENDS


@pytest.mark.clause("2.3.3")
def test_of_several_the_best_for_the_buyer_counts():
    found = best(
        [
            Promise(D.RESPONSE_HOURS, 36),
            Promise(D.RESPONSE_HOURS, 24),
            Promise(D.COVER_MONTHS, 18),
            Promise(D.COVER_MONTHS, 24),
            Promise(D.NUMBER_OF_SERVICES, 5),
            Promise(D.NUMBER_OF_SERVICES, UNLIMITED),
            Promise(D.CHARGE, Charge.CHARGED),
            Promise(D.CHARGE, Charge.FREE),
            Promise(D.METHODS, "remote"),
            Promise(D.METHODS, "door"),
            Promise(D.METHODS, "point", excludes=True),
        ]
    )
    assert found == {
        "response_hours": 24,
        "cover_months": 24,
        "number_of_services": "unlimited",
        "charge": "free",
        "methods": ["door", "remote"],
    }


def test_nothing_promised_is_nothing_found():
    assert best([]) == {}


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        (D.RESPONSE_HOURS, 0),
        (D.RESPONSE_HOURS, -1),
        (D.RESPONSE_HOURS, "24"),
        (D.RESPONSE_HOURS, 24.0),
        (D.RESPONSE_HOURS, True),
        (D.RESPONSE_HOURS, 8761),
        (D.COVER_MONTHS, UNLIMITED),
        (D.CHARGE, "cheap"),
        (D.METHODS, "carrier pigeon"),
        (D.SERVICE_TYPES, 3),
        (D.AREAS, "  "),
    ],
)
def test_a_value_that_the_dimension_does_not_know_is_refused(dimension, value):
    with pytest.raises(PromiseError):
        Promise(dimension, value)


def test_a_number_cannot_be_taken_away():
    with pytest.raises(PromiseError):
        Promise(D.RESPONSE_HOURS, 24, excludes=True)


def test_a_promise_speaks_in_words():
    assert Promise(D.RESPONSE_HOURS, 24).text == "hours to respond: 24"
    assert Promise(D.NUMBER_OF_SERVICES, UNLIMITED).text == "number of services: unlimited"
    assert Promise(D.METHODS, "door", excludes=True).text == "method: not Engineer to your door"


numbers = st.sampled_from(sorted(SHORTER_IS_BETTER | LONGER_IS_BETTER)).flatmap(
    lambda dimension: st.lists(
        st.integers(1, LARGEST[dimension]).map(lambda value: Promise(dimension, value)), min_size=1, max_size=6
    )
)


@given(numbers)
def test_what_binds_never_makes_the_buyer_worse_off(promises):
    """Whatever is promised in whatever order, the best binding value is no worse than the rules or any that bound."""
    bound: list[Promise] = []
    for promise in promises:
        if verdict(promise, *bound).binds:
            bound.append(promise)
        rules = {
            D.RESPONSE_HOURS: LAW.response_hours,
            D.SOLUTION_HOURS: LAW.solution_hours,
            D.CONFIRMATION_DAYS: LAW.confirmation_days,
            D.COVER_MONTHS: LAW.cover_years * 12,
        }.get(promise.dimension)
        for found in best(bound).values():
            top = Promise(promise.dimension, cast(int, found))
            assert all(top.rank >= other.rank for other in bound)
            assert rules is None or top.rank >= Promise(promise.dimension, rules).rank
