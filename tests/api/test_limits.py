"""How a limit is counted, asked by other systems."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Deadline, ServiceAppointment
from sellers.terms import Dimension, Promise
from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_product, a_seller, accepted, offered
from tests.factories.sellers import commit
from tests.instants import instant

pytestmark = pytest.mark.django_db

AT = "2026-06-01T10:00:00+08:00"


def address(appointment, clock="response") -> str:
    return f"deadlines/{Deadline.objects.get(appointment=appointment, clock=clock).pk}/explanation/"


@pytest.mark.clause("2.3.1")
def test_the_sum_of_48_hours(appointment, seller, buyer):
    for caller in (seller, buyer):
        told = caller.get(address(appointment)).json()
        assert told["due_at"] == told["stored_due_at"] == told["unpaused_due_at"] == "2026-03-04T01:15:30.000000Z"
        assert (told["clause"], told["field"], told["number"], told["unit"]) == ("2.3.1", "response_hours", 48, "hours")
        assert (told["edition"], told["amount"], told["promised"], told["pauses"]) == (1, 48, "", [])
        assert told["agrees"]


@pytest.mark.clause("5.1")
@pytest.mark.scenario("S17")
def test_the_pauses_of_the_fourteen_days(appointment, buyer):
    accepted(offered(appointment, at=instant("2026-03-02T11:15:30Z")), at=instant("2026-03-05T02:00:00Z"))
    told = buyer.get(address(appointment, "confirmation")).json()
    [pause] = told["pauses"]
    assert (pause["cause"], pause["reading"], pause["counted_seconds"]) == ("buyer_decides", "counts", 225_870.0)
    assert told["paused_seconds"] == 225_870.0
    assert told["moved_at"] == "2026-03-19T06:44:30.000000Z"
    assert told["due_at"] == "2026-03-19T16:00:00.000000Z"
    assert told["zone"] == "Asia/Shanghai"


@pytest.mark.clause("2.3.3")
@pytest.mark.scenario("S34")
def test_what_the_limits_would_be(frozen):
    product = a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    cover = a_cover(product)
    buyer = a_caller(buyer=cover.buyer)
    with CaptureQueriesContext(connection) as asked:
        answer = buyer.get(f"covers/{cover.pk}/limits/", method="door", at=AT)
    assert not [query["sql"] for query in asked if "cases_" in query["sql"] and not query["sql"].startswith("SELECT")]
    told = answer.json()
    response, confirmation = told["limits"]
    assert told["cover"] == cover.pk
    assert (response["due_at"], response["amount"]) == ("2026-06-02T02:00:00.000000Z", 24)
    assert response["sources"][0]["statement"] == "hours to respond: 24"
    assert (confirmation["clock"], confirmation["due_at"]) == ("confirmation", "2026-06-15T16:00:00.000000Z")
    assert not ServiceAppointment.objects.exists()


def test_what_cannot_be_counted(frozen):
    cover = a_cover(a_product(methods=["door"], service_types=["installation"]))
    buyer, path = a_caller(buyer=cover.buyer), f"covers/{cover.pk}/limits/"
    refused(buyer.get(path, method="remote", at=AT), 422, "method_not_offered", "2.2.1")
    refused(buyer.get(path, method="door", at="2036-06-01T10:00:00Z"), 422, "cover_expired", "2.3.4")
    for wrong in ({}, {"method": "door"}, {"method": "door", "at": "2026-06-01"}, {"method": "x", "at": AT}):
        refused(buyer.get(path, **wrong), 400, "invalid")


def test_strangers_find_nothing(appointment):
    for stranger in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory()), a_caller()):
        refused(stranger.get(address(appointment)), 404, "not_found")
        refused(stranger.get(f"covers/{appointment.case.cover_id}/limits/", method="door", at=AT), 404, "not_found")
