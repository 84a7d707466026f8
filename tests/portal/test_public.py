"""Home leads everybody to their own pages; the frame says who is there and what waits."""

from datetime import UTC, datetime

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.sellers import MembershipFactory
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.portal.audience import BUYER, SELLER, VISITOR
from zestech_aftersales.portal.chrome import chrome

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_what_it_is(client, frozen):
    text = client.get("/").content.decode()

    assert reverse("account_login") in text
    assert "48 hours" in text
    assert "14 natural days" in text
    assert "All times are shown in UTC." in text


def test_a_buyer_goes_to_the_portal(client):
    client.force_login(UserFactory())

    assert client.get("/").headers["Location"] == "/portal/"


@pytest.mark.parametrize("seat", [Seat.OWNER, Seat.STAFF, Seat.ENGINEER])
def test_a_sellers_member_goes_to_the_dashboard(client, seat):
    client.force_login(MembershipFactory(seat=seat).user)

    assert client.get("/").headers["Location"] == "/dashboard/"


def test_staff_goes_to_the_staff_desk(client):
    client.force_login(AdministratorFactory())

    assert client.get("/").headers["Location"] == "/admin/"


@pytest.mark.parametrize("name", ["help", "accessibility"])
def test_the_public_pages_are_there(client, name, frozen):
    assert client.get(reverse(name)).status_code == 200


def test_the_hours_of_the_desk_are_told_as_information(client, frozen):
    text = client.get(reverse("help")).content.decode()

    assert "24 to 48 hours" in text
    assert "not a limit of the rules" in text


def test_the_zone_is_the_viewers_with_its_offset(client, frozen):
    frozen.move_to("2026-07-01T00:00:00Z")
    client.force_login(UserFactory(time_zone="Europe/Berlin"))

    assert "All times are shown in Europe/Berlin (UTC+2)." in client.get("/help/").content.decode()


def test_a_page_that_is_not_there(client):
    answer = client.get("/nothing/")

    assert answer.status_code == 404
    assert "Nothing is here" in answer.content.decode()


def test_an_expired_form_is_explained():
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a@b.c"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_a_failure_is_told_without_a_context():
    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


@pytest.mark.parametrize(
    ("audience", "path", "current"),
    [
        (BUYER, "/portal/", "/portal/"),
        (BUYER, "/portal/cases/7/", "/portal/cases/"),
        (BUYER, "/help/", "/help/"),
        (SELLER, "/dashboard/cases/7/", "/dashboard/"),
        (VISITOR, "/accounts/login/", None),
    ],
)
def test_one_entry_of_the_navigation_is_current(audience, path, current):
    assert [link.url for link in audience.links_at(path) if link.is_current] == ([current] if current else [])


def test_the_frame_asks_the_database_only_when_it_is_shown(rf, django_assert_num_queries):
    request = rf.get("/help/")
    request.user = UserFactory()
    request.received_at = datetime(2026, 3, 2, tzinfo=UTC)

    with django_assert_num_queries(0):
        context = chrome(request)
    with django_assert_num_queries(1):
        assert context["chrome"].unread == ""
    with django_assert_num_queries(1):
        assert context["chrome"].links[0].label == "My orders"
        assert context["chrome"].links
    with django_assert_num_queries(1):
        assert str(context["platform_zone"]) == "Asia/Shanghai"


def test_a_request_without_its_instant_gets_no_frame(rf):
    assert chrome(rf.get("/healthz")) == {}
