"""An offered time that has begun gives way to one ahead; where none is ahead the offer itself can be taken (2.3.1)."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.answers import accept, counter
from cases.actions.offers import offer
from cases.case_file import case_file
from cases.models import ServiceCase
from cases.terms import Window
from tests.factories import cases as make
from tests.instants import instant
from tests.pages import as_shown
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
FIRST, SECOND = Window(R0 + DAY, R0 + DAY + HOUR), Window(R0 + 2 * DAY, R0 + 2 * DAY + HOUR)


def offered(*windows):
    return make.offered(make.requested(at=R0), at=R0 + HOUR, windows=list(windows))


def code(standing, at, window=None, by=None):
    with pytest.raises(RuleBroken) as told:
        accept(standing, window=window, by=by or make.buyer_of(standing.appointment), at=at)
    return told.value.code, told.value.status


def steps(standing, by, at):
    case = ServiceCase.objects.get(pk=standing.appointment.case_id)
    file = case_file(case, by, at=at)
    return [choice.name for choice in file.choices], file.has_only_passed_times


def test_a_time_can_be_chosen_until_it_begins():
    standing = offered(FIRST, SECOND)
    assert code(standing, FIRST.starts_at, window=0) == ("window_past", 422)
    assert make.fresh(standing).state == "standing"
    assert make.accepted(standing, window=1, at=FIRST.starts_at).state == "agreed"
    other = offered(FIRST)
    assert make.accepted(other, window=0, at=FIRST.starts_at - MICROSECOND).state == "agreed"


def test_with_all_of_them_passed_the_buyer_asks_for_another():
    standing = offered(FIRST)
    buyer, at = make.buyer_of(standing.appointment), FIRST.starts_at
    named, is_over = steps(standing, buyer, at)
    assert ("accept" in named, "counter" in named, "cancel" in named, is_over) == (True, True, True, True)
    assert counter(standing, wish="Next week.", by=buyer, at=at).state == "standing"


@pytest.mark.scenario("S42")
def test_with_all_of_them_passed_the_offer_can_be_accepted_to_its_last_instant():
    standing = offered(FIRST, SECOND)
    until = standing.appointment.deadlines.get(clock="buyer_silence").due_at
    assert until > SECOND.ends_at
    assert make.accepted(standing, window=0, at=until).state == "agreed"


def test_before_that_the_page_offers_to_accept():
    standing = offered(FIRST, SECOND)
    named, is_over = steps(standing, make.buyer_of(standing.appointment), FIRST.starts_at)
    assert ("accept" in named, is_over) == (True, False)


def test_the_seller_is_told_that_the_time_wished_for_has_passed():
    standing = offered(SECOND)
    appointment = standing.appointment
    wish = counter(standing, windows=[FIRST], by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    named, is_over = steps(wish, make.seller_of(appointment), FIRST.starts_at)
    assert ("accept_counter" in named, "offer" in named, is_over) == (True, True, True)


def test_the_form_offers_only_times_that_lie_ahead(client, frozen):
    standing = offered(FIRST, SECOND)
    frozen.move_to(FIRST.starts_at)
    client.force_login(standing.appointment.buyer)
    reference = ServiceCase.objects.get(pk=standing.appointment.case_id).reference
    page = client.get(reverse("portal:case", args=[reference])).content.decode()
    assert page.count(">passed</span>") == 1
    step = reverse("portal:step", args=[reference, "accept"])
    form = client.get(step).content.decode()
    assert ('name="window" value="1"' in form, 'name="window" value="0"' in form) == (True, False)
    refused = client.post(step, as_shown(step, {"window": "0", "key": "k"}))
    assert refused.status_code == 422
    assert make.fresh(standing).state == "standing"


@pytest.mark.parametrize(("beyond", "state"), [(timedelta(0), "requested"), (MICROSECOND, "proposed")])
def test_a_next_step_that_has_passed_is_no_effective_response(beyond, state):
    appointment, at = make.requested(at=R0), R0 + HOUR
    terms = make.offer_terms(at, windows=[], next_step="The part arrives.", next_step_at=at + beyond)
    with suppress(RuleBroken):
        offer(appointment, terms, by=make.seller_of(appointment), at=at)
    assert make.fresh(appointment).state == state
