"""The case page and its steps, as a buyer sees them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.messages import write
from cases.models import Attachment
from cases.photos import Photo
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.instants import instant
from tests.pages import posted

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


@pytest.fixture
def buyer(client, appointment):
    client.force_login(appointment.buyer)
    return client


def address(appointment, *more):
    return "/".join(["/portal/cases", appointment.case.reference, *more, ""])


def test_the_page_says_who_must_act_until_when_and_by_which_clause(buyer, appointment):
    page = buyer.get(address(appointment)).content.decode()
    assert "Waiting for the seller’s offer" in page
    assert "48 h" in page
    assert "/rules/#c-2.3.1" in page


@pytest.mark.clause("2.3.1")
def test_between_due_and_settle_the_page_says_it_is_being_established(buyer, appointment, frozen):
    frozen.move_to(DUE + timedelta(seconds=10))
    assert "being established" in buyer.get(address(appointment)).content.decode()


def test_accepting_an_offer_with_a_chosen_window(buyer, appointment, frozen):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    frozen.move_to(R0 + timedelta(hours=2))
    form = buyer.get(address(appointment, "accept"))
    assert form.status_code == 200
    answer = posted(buyer, address(appointment, "accept"), {"window": 1, "key": "a"})
    assert answer.headers["Location"] == address(appointment)
    assert make.fresh(appointment).state == "agreed"


def test_a_counter_offer_keeps_what_was_typed_when_it_is_incomplete(buyer, appointment, frozen):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    frozen.move_to(R0 + timedelta(hours=2))
    answer = posted(buyer, address(appointment, "counter"), {"wish": "Saturday", "starts_at": "2026-03-07T10:00"})
    assert answer.status_code == 422
    assert "Saturday" in answer.content.decode()
    passed = {"starts_at": "2026-03-01T10:00", "ends_at": "2026-03-01T12:00"}
    answer = posted(buyer, address(appointment, "counter"), {"wish": "Saturday", **passed})
    assert answer.status_code == 422
    assert "starts_at" in answer.context["form"].errors
    posted(buyer, address(appointment, "counter"), {"wish": "Saturday"})
    assert make.fresh(appointment).state == "countered"


def test_a_cancel_that_came_too_late_shows_the_rule_and_the_state(buyer, appointment, frozen):
    frozen.move_to(DUE + timedelta(microseconds=1))
    answer = posted(buyer, address(appointment, "cancel"), {"reason": "solved"})
    assert answer.status_code == 409
    assert "/rules/#c-2.3.1" in answer.content.decode()
    assert make.fresh(appointment).state == "deemed_refused"


def test_a_message_appears_in_the_thread(buyer, appointment):
    answer = buyer.post(address(appointment, "message"), {"body": "It also smells burnt.", "key": "m"})
    assert answer.status_code == 302
    buyer.post(address(appointment, "message"), {"body": "It also smells burnt.", "key": "m"})
    assert buyer.get(address(appointment)).content.decode().count("It also smells burnt.") == 1


def test_an_empty_message_is_refused(buyer, appointment):
    assert buyer.post(address(appointment, "message"), {"body": " "}).status_code == 422


@pytest.mark.parametrize("more", [(), ("cancel",), ("message",)])
def test_a_stranger_gets_404_and_the_owner_does_not(client, appointment, more):
    client.force_login(UserFactory())
    assert client.get(address(appointment, *more)).status_code == 404
    client.force_login(appointment.buyer)
    assert client.get(address(appointment, *more)).status_code in (200, 302)


def test_the_address_is_shown_to_the_buyer_only_until_confirmed(buyer, appointment):
    assert "5 Palm Street" in buyer.get(address(appointment)).content.decode()


def test_photos_are_for_the_people_of_the_case(client, appointment, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    write(appointment.case, "", photos=[Photo("a.jpg", b"\xff\xd8\xff")], by=make.buyer_of(appointment), at=R0)
    photo = Attachment.objects.get()
    for person, status in (
        (appointment.buyer, 200),
        (make.seller_of(appointment).user, 200),
        (UserFactory(), 404),
        (make.seller_of(make.a_cover()).user, 404),
    ):
        client.force_login(person)
        answer = client.get(photo.get_absolute_url())
        assert answer.status_code == status
        # Read to its end, for the test client closes a file without closing the connection only then.
        assert b"".join(answer)


def test_the_lists_ask_the_same_number_of_questions_for_one_and_three(client, frozen):
    product = make.a_product()
    cover = make.a_cover(product, buyer_email="one@example.com")
    make.requested(cover, at=R0)
    client.force_login(cover.buyer)
    for url in ("/portal/", "/portal/cases/", "/portal/book/", f"/portal/cases/{cover.cases.get().reference}/"):
        client.get(url)
        with CaptureQueriesContext(connection) as one:
            assert client.get(url).status_code == 200
        for _n in range(2):
            make.requested(make.a_cover(product, buyer_email="one@example.com"), at=R0)
        with CaptureQueriesContext(connection) as three:
            client.get(url)
        assert len(one) == len(three), url
