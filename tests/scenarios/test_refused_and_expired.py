"""A command that is refused for a reason of its own still applies the limit that had passed when it was received (T9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions.answers import counter
from cases.actions.disclose import disclose, find_unclear
from tests.factories import cases as make
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code


def ended(appointment):
    return make.fresh(appointment).state, make.fresh(appointment).ended_at


def test_an_offer_that_was_countered_is_accepted_after_the_counter_offers_limit(appointment):
    first = make.offered(appointment, at=R0 + HOUR)
    counter(first, wish="Earlier.", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    over = R0 + 50 * HOUR
    assert refused(make.accepted, first, at=over + MICROSECOND) == "offer_not_standing"
    assert ended(appointment) == ("deemed_refused", over)


def test_an_offer_is_accepted_once_more_after_the_fourteen_days(appointment):
    made = make.offered(appointment, at=R0 + HOUR)
    make.accepted(made, at=R0 + 2 * HOUR)
    over = instant("2026-03-17T16:00:00Z")
    assert refused(make.accepted, made, at=over + MICROSECOND) == "offer_not_standing"
    assert ended(appointment) == ("deemed_refused", over)


@pytest.mark.clause("3.1")
def test_incomplete_service_terms_after_the_limit(appointment):
    items, by = replace(make.ALL_ITEMS, charging_standard=""), make.seller_of(appointment)
    assert refused(disclose, appointment, items, by=by, at=DUE) == "disclosure_incomplete"
    assert ended(appointment) == ("requested", None)
    assert refused(disclose, appointment, items, by=by, at=DUE + MICROSECOND) == "disclosure_incomplete"
    assert ended(appointment) == ("deemed_refused", DUE)


@pytest.mark.clause("3.1")
def test_a_question_without_words_after_the_limit(appointment):
    told = disclose(appointment, make.ALL_ITEMS, by=make.seller_of(appointment), at=R0 + HOUR)
    asked = (told, "charging_standard", " ")
    assert refused(find_unclear, *asked, by=make.buyer_of(appointment), at=DUE + MICROSECOND) == "question_missing"
    assert ended(appointment) == ("deemed_refused", DUE)
