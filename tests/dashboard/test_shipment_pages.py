"""Shipments in the pages: the seller announces and sends, the buyer follows and confirms."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Shipment
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.factories.service import PARCEL, announced, sent_to
from tests.pages import posted

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]


@pytest.fixture
def case(client, appointment):
    """The case in the eyes of a person: its page, or one of its steps."""

    def seen(user, channel, *more, typed=None):
        client.force_login(user)
        address = "/".join([f"/{channel}/cases", appointment.case.reference, *map(str, more), ""])
        if typed is None:
            return client.get(address)
        return posted(client, address, {"key": f"{more} {len(typed)}", **typed})

    return seen


def test_from_the_announcement_to_the_receipt(case, people):
    told = {"kind": "accessory", "contents": "1 bracket, B-17"}
    assert case(people.owner, "dashboard", "announce_shipment", typed=told).status_code == 302
    shipment = Shipment.objects.get()
    assert "1 bracket, B-17" in case(people.buyer, "portal").content.decode()
    typed = {**PARCEL, "tracking_url": "http://post.example/"}
    wrong = case(people.owner, "dashboard", "shipments", shipment.pk, "ship", typed=typed)
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"tracking_url"}
    assert wrong.context["form"]["carrier"].value() == "Post"
    typed = {**PARCEL, "key": "again"}
    assert case(people.owner, "dashboard", "shipments", shipment.pk, "ship", typed=typed).status_code == 302
    page = case(people.buyer, "portal").content.decode()
    assert f'href="{PARCEL["tracking_url"]}" rel="noopener noreferrer nofollow external"' in page
    assert f"/shipments/{shipment.pk}/receive/" in page
    assert case(people.buyer, "portal", "shipments", shipment.pk, "receive", typed={}).status_code == 302
    assert make.fresh(shipment).state == "received"
    assert "Shipment received" in case(people.owner, "dashboard").content.decode()


def test_the_buyer_says_that_it_has_not_come(case, people, appointment):
    shipment = sent_to(appointment)
    case(people.buyer, "portal", "shipments", shipment.pk, "report_missing", typed={"reason": "Two weeks now."})
    page = case(people.owner, "dashboard").content.decode()
    assert "the buyer says it has not come" in page
    case(people.owner, "dashboard", "shipments", shipment.pk, "lose", typed={"reason": "Given up."})
    assert make.fresh(shipment).state == "lost"
    page = case(people.buyer, "portal").content.decode()
    assert f"/shipments/{shipment.pk}/receive/" in page
    assert f"/shipments/{shipment.pk}/report_missing/" not in page


def test_reach(case, people, appointment, client):
    shipment, other = sent_to(appointment), announced(make.requested(at=appointment.received_at))
    for user, channel in ((people.stranger, "dashboard"), (UserFactory(), "portal")):
        assert case(user, channel, "shipments", shipment.pk, "receive", typed={}).status_code == 404
    assert case(people.owner, "dashboard", "shipments", other.pk, "ship", typed=PARCEL).status_code == 404
    assert case(people.owner, "dashboard", "shipments", shipment.pk, "receive", typed={}).status_code == 403
    assert case(people.buyer, "portal", "shipments", shipment.pk, "lose", typed={"reason": "x"}).status_code == 403
    assert case(people.buyer, "portal", "shipments", shipment.pk, "nothing", typed={}).status_code == 404
    assert make.fresh(shipment).state == "shipped"
    # A step that is not one's own now leads back to the case.
    assert case(people.owner, "dashboard", "shipments", shipment.pk, "receive").status_code == 302


def test_the_page_asks_as_often_for_three_as_for_one(case, people, appointment, django_assert_max_num_queries):
    sent_to(appointment)
    case(people.buyer, "portal")
    with CaptureQueriesContext(connection) as one:
        case(people.buyer, "portal")
    sent_to(appointment)
    announced(appointment)
    with django_assert_max_num_queries(len(one)):
        case(people.buyer, "portal")
