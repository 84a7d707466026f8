"""The seller's steps in a case, as the pages take them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.answers import counter
from cases.models import Disclosure, Offer, Visit
from cases.terms import Window
from tests.dashboard.conftest import OFFER, R0, TERMS, address
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.pages import hidden, posted
from zestech_aftersales import clock
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
DUE = R0 + timedelta(hours=48)


def texts(answer):
    return answer.content.decode()


def step(browser, appointment, name, typed=None):
    """Open the page of a step and send its form, as a person does."""
    page = browser.get(address(appointment, name))
    assert page.status_code == 200, (name, page.headers)
    return browser.post(address(appointment, name), hidden(page) | (typed or {}))


@pytest.mark.clause("2.3.1")
@pytest.mark.clause("3.1")
def test_the_whole_way_of_a_door_visit(client, seller, people, appointment, frozen):
    back = address(appointment)
    frozen.move_to(R0 + timedelta(hours=1))
    assert "5 Palm Street" not in texts(seller.get(back))
    assert step(seller, appointment, "offer", OFFER).headers["Location"] == back
    frozen.move_to(R0 + timedelta(hours=2))
    assert step(seller, appointment, "revise", {**OFFER, "price_terms": "20 USD"}).headers["Location"] == back
    standing = Offer.objects.get(state="standing")
    make.accepted(standing, at=R0 + timedelta(hours=3))
    frozen.move_to(R0 + timedelta(hours=4))
    assert "5 Palm Street" not in texts(seller.get(back))
    assert step(seller, appointment, "disclose", TERMS).headers["Location"] == back
    assert "until the cover ends" in texts(seller.get(address(appointment, "confirm")))
    confirmed = step(seller, appointment, "confirm", {"engineer": people.engineer_row.pk, **TERMS})
    assert confirmed.headers["Location"] == back
    assert "5 Palm Street" in texts(seller.get(back))
    early = seller.get(address(appointment, "check_in"))
    assert early.status_code == 302
    frozen.move_to(appointment.visits.get().starts_at)
    client.force_login(people.engineer)
    assert step(client, appointment, "check_in").headers["Location"] == back
    again = {"report": "Ordered a harness.", "starts_at": "2026-03-09T10:00", "ends_at": "2026-03-09T11:00"}
    assert step(client, appointment, "complete", again).headers["Location"] == back
    make_visit.taken(appointment.proposals.get(), by=make.buyer_of(appointment), at=clock.now())
    second = Visit.objects.get(appointment=appointment, number=2)
    frozen.move_to(second.starts_at)
    assert step(client, appointment, "check_in").headers["Location"] == back
    assert step(client, appointment, "complete", {"report": "Replaced it."}).headers["Location"] == back
    assert make.fresh(appointment).state == "completed"
    assert "Nothing needs to be done" in texts(client.get(back))


@pytest.mark.clause("2.3.1")
def test_a_counter_offer_is_accepted_in_the_page(seller, appointment, frozen):
    offered = make.offered(appointment, at=R0)
    wished = Window(R0 + timedelta(days=4), R0 + timedelta(days=4, hours=2))
    counter(offered, windows=[wished], wish="Friday", by=make.buyer_of(appointment), at=R0)
    assert "Accept the buyer’s wish" in texts(seller.get(address(appointment)))
    assert step(seller, appointment, "accept_counter", {"window": 0}).status_code == 302
    assert make.fresh(appointment).state == "agreed"


@pytest.mark.clause("2.3.1")
def test_the_reply_form_shows_what_is_missing_and_keeps_what_was_typed(seller, appointment):
    page = seller.get(address(appointment, "offer"))
    needs = page.context["form"].needs
    assert [need.is_met for need in needs] == [True, False, False, False, True, True]
    answer = posted(
        seller, address(appointment, "offer"), {**OFFER, "starts_at_1": "", "ends_at_1": "", "parts": "A harness"}
    )
    assert answer.status_code == 422
    assert "A harness" in texts(answer)
    assert "/rules/#c-2.3.1" in texts(answer)
    assert 'href="#id_starts_at_1"' in texts(answer)
    assert [need.is_met for need in answer.context["form"].needs] == [True, False, True, True, True, True]
    assert make.fresh(appointment).state == "requested"


@pytest.mark.clause("3.1")
def test_a_point_needs_plan_and_service_terms_in_the_offer(seller, appointment):
    point = make.a_point(appointment.seller)
    typed = {**OFFER, "method": "point", "point": point.pk, "contact_name": ""}
    answer = posted(seller, address(appointment, "offer"), typed)
    assert answer.status_code == 422
    assert 'href="#id_plan"' in texts(answer)
    answer = posted(seller, address(appointment, "offer"), {**typed, "plan": "Replace the harness"})
    assert answer.status_code == 422
    assert 'href="#id_charging_standard"' in texts(answer)
    assert "/rules/#c-3.1" in texts(answer)


@pytest.mark.clause("2.3.1")
def test_a_late_reply_is_refused_with_the_clause_and_kept(seller, appointment, frozen):
    frozen.move_to(DUE + timedelta(microseconds=1))
    answer = posted(seller, address(appointment, "offer"), {**OFFER, "key": "late"})
    assert answer.status_code == 409
    page = texts(answer)
    assert "/rules/#c-2.3.1" in page
    assert "the buyer can still accept it" in page
    assert "Service desk" in page
    assert make.fresh(appointment).state == "deemed_refused"
    assert Offer.objects.get().is_late
    assert posted(seller, address(appointment, "offer"), {**OFFER, "key": "late"}).status_code == 409
    assert Offer.objects.count() == 1
    shown = texts(seller.get(address(appointment)))
    assert "came late" in shown


@pytest.mark.clause("2.3.1")
def test_a_reply_at_the_due_instant_counts(seller, appointment, frozen):
    frozen.move_to(DUE)
    assert posted(seller, address(appointment, "offer"), {**OFFER, "key": "k"}).status_code == 302
    assert make.fresh(appointment).state == "proposed"


@pytest.mark.clause("2.3.4")
def test_a_refusal_needs_its_reason_and_stays_on_record(seller, appointment):
    assert posted(seller, address(appointment, "refuse"), {"reason": " "}).status_code == 422
    page = texts(seller.get(address(appointment, "refuse")))
    assert "stays on the record" in page
    assert step(seller, appointment, "refuse", {"reason": "No engineer there."}).status_code == 302
    assert "No engineer there." in texts(seller.get(address(appointment)))


@pytest.mark.clause("3.1")
def test_confirming_without_the_four_items_names_them_and_keeps_the_rest(seller, people, appointment, frozen):
    make.accepted(make.offered(appointment, at=R0), at=R0)
    answer = posted(
        seller, address(appointment, "confirm"), {**TERMS, "charging_standard": "", "engineer": people.engineer_row.pk}
    )
    assert answer.status_code == 422
    page = texts(answer)
    assert 'href="#id_charging_standard"' in page
    assert "/rules/#c-3.1" in page
    assert "fault detection" in page
    assert f'<option value="{people.engineer_row.pk}" selected>' in page
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("name", "typed"), [("offer", OFFER), ("refuse", {"reason": "No."}), ("disclose", TERMS)])
def test_a_double_click_is_one_command(seller, appointment, name, typed):
    for _click in range(2):
        assert posted(seller, address(appointment, name), {**typed, "key": "twice"}).status_code == 302
    assert Event.objects.filter(key="twice").count() == 1


def test_a_message_of_the_seller_stops_no_clock_and_says_so(seller, appointment, frozen):
    frozen.move_to(R0 + timedelta(hours=1))
    assert seller.post(address(appointment, "message"), {"body": "We got it.", "key": "m"}).status_code == 302
    assert "does not stop the clock" in texts(seller.get(address(appointment)))


def test_a_step_that_is_not_due_leads_back_to_the_case(seller, appointment):
    assert seller.get(address(appointment, "confirm")).headers["Location"] == address(appointment)
    assert seller.get(address(appointment, "accept")).headers["Location"] == address(appointment)
    assert seller.get(address(appointment, "dance")).status_code == 404


@pytest.mark.parametrize("path", ["calendar/", "products/", "points/", "engineers/"])
def test_lists_ask_the_same_number_of_questions_for_one_and_three(seller, people, appointment, path):
    def one_more():
        cover = make.a_cover(make.a_product(appointment.seller))
        visited = make.requested(cover, at=R0, method="remote")
        make.accepted(make.offered(visited, at=R0), at=R0)
        make.a_point(appointment.seller)
        make.an_engineer(appointment.seller)

    one_more()
    seller.get(f"/dashboard/{path}")
    with CaptureQueriesContext(connection) as one:
        assert seller.get(f"/dashboard/{path}").status_code == 200
    one_more()
    one_more()
    with CaptureQueriesContext(connection) as three:
        seller.get(f"/dashboard/{path}")
    assert len(one) == len(three)
    assert len(three) <= 10
