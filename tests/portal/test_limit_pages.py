"""The sum of a limit and what the limits would be: who sees them, and what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Deadline
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, UserFactory
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")


@pytest.fixture
def appointment(frozen):
    return make.requested(at=R0)


def address(appointment, channel="portal", clock="response"):
    pk = Deadline.objects.filter(appointment=appointment, clock=clock).latest("id").pk
    return f"/{channel}/cases/{appointment.case.reference}/limits/{pk}/"


def text(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.clause("2.3.1")
def test_the_sum_of_48_hours(client, appointment):
    client.force_login(appointment.buyer)
    page = text(client.get(address(appointment)))
    assert "2026-03-02 01:15:30 UTC" in page
    assert "<b>48 hours</b>" in page
    assert "2026-03-04 01:15:30 UTC" in page
    assert "by edition 1 of the rules" in page
    assert "response_hours" not in page
    assert "/rules/?edition=1#numbers" in page
    assert "/rules/#c-2.3.1" in page
    assert "(UTC+8) platform time" in page
    case = text(client.get(f"/portal/cases/{appointment.case.reference}/"))
    assert address(appointment) in case
    assert f"/portal/covers/{appointment.case.cover_id}/limits/" in case


@pytest.mark.clause("5.1")
@pytest.mark.scenario("S17")
def test_the_pauses_of_the_fourteen_days(client, appointment, frozen):
    made = make.offered(appointment, at=instant("2026-03-02T11:15:30Z"))
    client.force_login(appointment.buyer)
    assert "The clock stands still now" in text(client.get(address(appointment, clock="confirmation")))
    make.accepted(made, at=instant("2026-03-05T02:00:00Z"))
    page = text(client.get(address(appointment, clock="confirmation")))
    assert "The buyer decides on an offer" in page
    assert page.count("62:44:30 h") == 2
    assert "24:00 of Thu 19 Mar 2026, Asia/Shanghai" in page
    assert "2026-03-19 16:00:00 UTC" in page
    assert "/rules/#c-5.1" in page


@pytest.mark.clause("2.3.3")
@pytest.mark.scenario("S34")
def test_the_commitment_with_its_words(client, frozen):
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    appointment = make.requested(make.a_cover(product), at=R0)
    client.force_login(appointment.buyer)
    page = text(client.get(address(appointment)))
    assert "better than the 48 hours of edition 1" in page
    assert "hours to respond: 24" in page
    assert "/rules/#c-2.3.3" in page


def test_a_stored_instant_that_differs_is_said(client, appointment):
    client.force_login(appointment.buyer)
    Deadline.objects.filter(clock="response").update(due_at=R0)
    assert "differs from this sum" in text(client.get(address(appointment)))


def test_who_sees_the_sum(client, appointment):
    mine, theirs = address(appointment), address(appointment, "dashboard")
    stranger, colleague = make.seller_of(make.a_cover()).user, make.a_member(appointment.seller, Seat.STAFF)
    for person, portal, dashboard in (
        (appointment.buyer, 200, 403),
        (make.seller_of(appointment).user, 404, 200),
        (colleague, 404, 200),
        (make.an_engineer(appointment.seller).user, 404, 404),
        (AuditorFactory(), 200, 403),
        (UserFactory(), 404, 403),
        (stranger, 404, 404),
    ):
        client.force_login(person)
        assert client.get(mine).status_code == portal, person
        assert client.get(theirs).status_code == dashboard, person
    client.logout()
    assert client.get(mine).status_code == 302


def test_the_staff_desk_leads_to_the_sum(client, appointment):
    client.force_login(AuditorFactory())
    pk = Deadline.objects.get(clock="response").pk
    assert address(appointment) in text(client.get(f"/admin/cases/deadline/{pk}/change/"))


def test_a_limit_of_another_case_is_not_found(client, appointment):
    other = make.requested(make.a_cover(buyer_email=appointment.buyer.email), at=R0)
    client.force_login(appointment.buyer)
    pk = Deadline.objects.filter(appointment=other).latest("id").pk
    assert client.get(f"/portal/cases/{appointment.case.reference}/limits/{pk}/").status_code == 404


def test_the_page_asks_the_same_number_of_questions_for_one_and_many_pauses(client, appointment):
    client.force_login(appointment.buyer)
    client.get(address(appointment))
    with CaptureQueriesContext(connection) as plain:
        client.get(address(appointment))
    row = Deadline.objects.get(clock="response")
    for n in range(4):
        row.pauses.create(begins_at=R0 + timedelta(hours=n), ends_at=R0 + timedelta(hours=n, minutes=5), cause="x")
    with CaptureQueriesContext(connection) as many:
        client.get(address(appointment))
    assert len(plain) == len(many)


@pytest.mark.clause("2.3.1")
@pytest.mark.clause("2.3.2")
def test_what_would_the_limits_be(client, appointment):
    client.force_login(appointment.buyer)
    path = f"/portal/covers/{appointment.case.cover_id}/limits/"
    assert "2026-03-02T01:15" in text(client.get(path))
    with CaptureQueriesContext(connection) as asked:
        page = text(client.get(path, {"method": "door", "at": "2026-04-01T10:00"}))
    assert not [query["sql"] for query in asked if "cases_" in query["sql"] and not query["sql"].startswith("SELECT")]
    assert "2026-04-03 10:00:00 UTC" in page
    assert "24:00 of Wed 15 Apr 2026, Asia/Shanghai" in page
    assert "Give a solution" in text(client.get(path, {"method": "remote", "at": "2026-04-01T10:00"}))
    assert Deadline.objects.count() == 2


@pytest.mark.clause("2.3.4")
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"method": "door", "at": "2036-04-01T10:00"}, "The service cover of this order line has ended"),
        ({"method": "door", "at": "yesterday"}, "Enter a valid date/time"),
        ({"method": "pigeon", "at": "2026-04-01T10:00"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_counted_is_said(client, appointment, asked, words):
    client.force_login(appointment.buyer)
    answer = client.get(f"/portal/covers/{appointment.case.cover_id}/limits/", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_may_ask_what_would_be(client, appointment):
    path = f"covers/{appointment.case.cover_id}/limits/"
    for person, portal, dashboard in (
        (appointment.buyer, 200, 403),
        (make.seller_of(appointment).user, 404, 200),
        (make.an_engineer(appointment.seller).user, 404, 404),
        (UserFactory(), 404, 403),
        (make.seller_of(make.a_cover()).user, 404, 404),
    ):
        client.force_login(person)
        assert client.get(f"/portal/{path}").status_code == portal, person
        assert client.get(f"/dashboard/{path}").status_code == dashboard, person
