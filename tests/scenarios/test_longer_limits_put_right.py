"""A judgement was put right where a longer limit had been asked for, or agreed on; what the notice says of limits (2.3.3)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.longer_limits import accept_longer_limit, decline_longer_limit, propose_longer_limit
from cases.buyer_views import TO_ANSWER
from cases.explanation import explanation, limits_for
from cases.models import Deadline, LongerLimit, ServiceCase
from cases.simulation import judged, past_requests
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.judged_anew import WHY, put_right
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
H24 = Promise(Dimension.RESPONSE_HOURS, 24)
ON_PAPER = make.PLACED - HOUR


@pytest.fixture
def product():
    return make.a_product()


@pytest.fixture
def said(product):
    """The page was read as "24 hours" when the product was imported, and judged to bind at once."""
    return commit(product, H24, begins_at=ON_PAPER)


@pytest.fixture
def appointment(said, product):
    return make.requested(make.a_cover(product), at=R0)


def response(appointment):
    return Deadline.objects.get(appointment=appointment, clock="response")


@pytest.mark.parametrize(("agreed", "counts"), [(30, False), (48, False), (49, True)])
def test_the_sum_names_an_agreement_only_where_it_counts(said, appointment, client, frozen, agreed, counts):
    buyer = make.buyer_of(appointment)
    by = make.seller_of(appointment)
    asked = propose_longer_limit(response(appointment), agreed, "The part is late.", by=by, at=R0 + HOUR)
    accept_longer_limit(asked, by=buyer, at=R0 + 2 * HOUR)
    put_right(said, at=R0 + 3 * HOUR)
    row = response(appointment)
    told = explanation(limits_for(buyer).get(pk=row.pk))
    assert (told.is_agreed, row.is_agreed, told.amount) == (counts, counts, max(agreed, 48))
    frozen.move_to(R0 + 4 * HOUR)
    client.force_login(buyer.user)
    address = appointment.case.reference
    page = client.get(reverse("portal:limit", args=[address, row.pk])).content.decode()
    assert ("agreed with the buyer for this request alone, instead of 48 hours" in page) is counts
    assert ("The rules give as much or more by now: it has no effect." in page) is not counts
    page = client.get(reverse("portal:case", args=[address])).content.decode()
    assert ("longer by agreement with the buyer" in page) is counts
    # Another number of the rules is tried with what the buyer has accepted, not with what came of it.
    [request] = past_requests([appointment.pk])
    assert {clock.clock: clock.agreed for clock in request.clocks} == {"response": agreed, "confirmation": None}
    draft = EditionNumbers.from_json({**NUMBERS, "response_hours": 24})
    [due] = [each.due_after for each in judged(request, draft, at=R0) if each.clock.clock == "response"]
    assert due == R0 + agreed * HOUR


@pytest.mark.parametrize(("asked", "state"), [(36, "replaced"), (48, "replaced"), (49, "standing")])
def test_a_longer_limit_that_is_asked_for_is_still_longer_or_is_asked_for_no_more(
    said, appointment, client, frozen, asked, state
):
    buyer, seller = make.buyer_of(appointment), make.seller_of(appointment)
    proposal = propose_longer_limit(response(appointment), asked, "The part is late.", by=seller, at=R0 + HOUR)
    put_right(said, at=R0 + 2 * HOUR)
    held = LongerLimit.objects.get()
    assert (held.state, held.is_open_at(R0 + 3 * HOUR)) == (state, state == "standing")
    assert ServiceCase.objects.filter(TO_ANSWER).exists() is (state == "standing")
    frozen.move_to(R0 + 3 * HOUR)
    client.force_login(buyer.user)
    page = client.get(reverse("portal:case", args=[appointment.case.reference])).content.decode()
    assert ("due then" in page) is (state == "standing")
    if state == "standing":
        accept_longer_limit(proposal, by=buyer, at=R0 + 3 * HOUR)
    else:
        for answer in (accept_longer_limit, decline_longer_limit):
            with pytest.raises(RuleBroken, match="longer_limit_not_standing"):
                answer(proposal, by=buyer, at=R0 + 3 * HOUR)
    assert response(appointment).amount == max(asked, 48)


def test_what_is_no_longer_longer_is_not_answered_whatever_its_state_says(said, appointment):
    """As one that was asked for when the limit was shorter, and has stood since."""
    seller = make.seller_of(appointment)
    proposal = propose_longer_limit(response(appointment), 36, "The part is late.", by=seller, at=R0 + HOUR)
    row = Deadline.objects.filter(pk=proposal.deadline_id)
    row.update(amount=36)
    assert not LongerLimit.objects.get().is_open_at(R0 + 2 * HOUR)
    assert not ServiceCase.objects.filter(TO_ANSWER).exists()
    with pytest.raises(RuleBroken, match="longer_limit_not_standing"):
        accept_longer_limit(proposal, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    row.update(amount=24)


@pytest.mark.parametrize(("dimension", "moves"), [("response_hours", True), ("number_of_services", False)])
def test_the_notice_tells_of_limits_only_where_one_moves(product, dimension, moves):
    said = commit(product, H24, Promise(Dimension.NUMBER_OF_SERVICES, 5), begins_at=ON_PAPER)
    appointment = make.requested(make.a_cover(product), at=R0)
    put_right(said, at=R0 + HOUR, only=dimension)
    told = Event.objects.get(kind="promise.put_right")
    text = announcer_of(told.stream).notice(told, appointment.buyer).text
    assert ("The limits of this request are counted by that from their start." in text) is moves
    assert ("No limit of this request moves." in text) is not moves
    assert WHY in text


def test_what_the_buyer_gives_up_is_what_counts_when_he_agrees(said, appointment, client, frozen):
    by, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    asked = propose_longer_limit(response(appointment), 60, "The part is late.", by=by, at=R0 + HOUR)
    assert (asked.instead_of, asked.instead_words) == (24, "24 hours")
    put_right(said, at=R0 + 2 * HOUR)
    frozen.move_to(R0 + 3 * HOUR)
    client.force_login(buyer.user)
    page = client.get(reverse("portal:case", args=[appointment.case.reference])).content.decode()
    assert "60 hours" in page
    assert "48 hours" in page
    accept_longer_limit(asked, by=buyer, at=R0 + 4 * HOUR)
    asked = LongerLimit.objects.get(pk=asked.pk)
    assert (asked.state, asked.instead_of, asked.instead_words) == ("accepted", 48, "48 hours")
    assert explanation(limits_for(buyer).get(pk=response(appointment).pk)).agreements[-1].instead_of == 48
