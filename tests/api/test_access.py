"""Who reaches what: owner, colleague, stranger; scopes; tokens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from cases.models import Message, Offer
from tests.api.bodies import ITEMS, a_request, an_offer
from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import Caller, a_caller, a_token
from tests.factories.cases import a_cover, a_seller
from tests.factories.sellers import ApiClientFactory, ApplicationFactory

pytestmark = pytest.mark.django_db

LISTS = ["orders/", "covers/", "cases/", "appointments/", "deadlines/"]


@pytest.fixture
def addresses(appointment) -> list[str]:
    """One thing of each kind."""
    return [
        f"orders/{appointment.case.cover.order_id}/",
        f"covers/{appointment.case.cover_id}/",
        f"cases/{appointment.case.reference}/",
        f"appointments/{appointment.pk}/",
        f"deadlines/{appointment.deadlines.first().pk}/",
    ]


def test_both_sides_reach_their_own(addresses, seller, buyer):
    for caller in (seller, buyer):
        assert [caller.get(address).status_code for address in addresses] == [200] * 5
        assert all(len(caller.get(path).json()["results"]) for path in LISTS)


def test_a_colleague_reaches_the_same(addresses, appointment):
    colleague = a_caller(seller=appointment.seller)
    assert [colleague.get(address).status_code for address in addresses] == [200] * 5
    assert colleague.post(f"appointments/{appointment.pk}/offer/", an_offer()).status_code == 201


@pytest.mark.parametrize("kind", ["seller", "buyer", "unbound"])
def test_a_stranger_reaches_nothing_and_is_noted(addresses, kind):
    stranger = {
        "seller": lambda: a_caller(seller=a_seller()),
        "buyer": lambda: a_caller(buyer=UserFactory()),
        "unbound": unbound,
    }[kind]()
    for address in addresses:
        with capture_logs() as lines:
            refused(stranger.get(address), 404, "not_found")
        assert [line["event"] for line in lines if line["event"] == "out_of_reach"] == ["out_of_reach"], address
    for path in LISTS:
        assert stranger.get(path).json()["results"] == []


def unbound() -> Caller:
    """A client whose application nobody bound to anybody."""
    application = ApplicationFactory(hash_client_secret=False)
    return Caller(
        ApiClientFactory.build(application=application), a_token(ApiClientFactory.build(application=application))
    )


def test_the_feed_reaches_orders_only(addresses, feed):
    assert [feed.get(address).status_code for address in addresses] == [200, 404, 404, 404, 404]


@pytest.mark.scenario("S12")
def test_s12_a_reply_of_another_seller_has_no_effect(frozen, appointment, seller):
    stranger = a_caller(seller=a_seller())
    frozen.move_to("2026-03-02T06:15:30Z")
    with capture_logs() as lines:
        refused(stranger.post(f"appointments/{appointment.pk}/offer/", an_offer()), 404, "not_found")
    [line] = [line for line in lines if line["event"] == "out_of_reach"]
    assert line["seller"] == stranger.bound.seller_id
    assert not Offer.objects.exists()
    [clock] = seller.get("deadlines/", clock="response").json()["results"]
    assert (clock["state"], clock["due_at"]) == ("running", "2026-03-04T01:15:30.000000Z")


STEPS = {
    "offer": an_offer(),
    "revise": an_offer(replaces=1),
    "accept": {"offer": 1},
    "counter": {"offer": 1, "wish": "x"},
    "flag": {"offer": 1, "reason": "x"},
    "refuse": {"reason": "x"},
    "cancel": {},
    "disclose": ITEMS,
    "acknowledge": {"disclosure": 1},
    "confirm": {},
    "check-in": {"visit": 1},
    "complete": {"visit": 1, "report": "x"},
    "parts": {"parts": []},
    "claims": {"ground": "abuse", "statement": "x"},
    "sign-off": {},
    "object": {"reason": "x"},
    "acknowledge-answer": {"answered_at": "2026-03-02T02:00:00Z", "words": "x"},
    "unclear": {"disclosure": 1, "item": "service_scope", "question": "x"},
    "propose-longer-limit": {"deadline": 1, "amount": 72, "reason": "x"},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_can_do_nothing(appointment, step):
    for stranger in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory())):
        refused(stranger.post(f"appointments/{appointment.pk}/{step}/", STEPS[step]), 404, "not_found")


def test_a_stranger_cannot_book_or_write(appointment):
    stranger = a_caller(buyer=a_cover().buyer)
    refused(stranger.post("appointments/", a_request(appointment.case.cover_id)), 404, "not_found")
    refused(stranger.post(f"cases/{appointment.case.reference}/messages/", {"body": "x"}), 404, "not_found")
    mine = stranger.get("covers/").json()["results"][0]["id"]
    refused(stranger.post("appointments/", a_request(mine, case=appointment.case.reference)), 404, "not_found")


def test_a_case_of_another_cover_is_not_gone_on_with(appointment, buyer):
    other = a_cover(buyer_email=appointment.buyer.email)
    body = a_request(other.pk, case=appointment.case.reference)
    refused(buyer.post("appointments/", body), 422, "case_of_another_line")


def test_a_message_is_of_its_side(appointment, seller, buyer):
    path = f"cases/{appointment.case.reference}/messages/"
    assert seller.post(path, {"body": "We got it."}, key="m").json()["side"] == "seller"
    assert seller.post(path, {"body": "We got it."}, key="m").json()["id"] == Message.objects.latest("id").pk
    assert buyer.post(path, {"body": "Thank you."}).json()["side"] == "buyer"
    refused(buyer.post(path, {"body": " "}), 422, "message_empty")
    thread = buyer.get(f"cases/{appointment.case.reference}/").json()["messages"]
    assert [message["body"] for message in thread][1:] == ["We got it.", "Thank you."]
    assert seller.get("deadlines/", clock="response").json()["results"][0]["state"] == "running"


@pytest.mark.parametrize("path", [*LISTS, "orders/1/", "cases/ZA-2026-000001/"])
def test_no_token(client, path):
    answer = client.get(f"/api/v1/{path}")
    refused(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_over_wrong_or_in_the_address(frozen, appointment, client):
    old = a_caller(seller=appointment.seller, expires=datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC))
    refused(old.get("cases/"), 401, "not_authenticated")
    made_up = Caller(old.bound, "made-up")
    assert 'error="invalid_token"' in made_up.get("cases/")["WWW-Authenticate"]
    good = a_token(old.bound)
    refused(client.get(f"/api/v1/cases/?access_token={good}"), 401, "not_authenticated")


def test_a_token_without_the_scope(appointment):
    reader = a_caller("cases:read", seller=appointment.seller)
    assert reader.get("appointments/").status_code == 200
    answer = reader.post(f"appointments/{appointment.pk}/refuse/", {"reason": "x"})
    refused(answer, 403, "insufficient_scope")
    assert 'scope="cases:write"' in answer["WWW-Authenticate"]
    refused(reader.get("orders/"), 403, "insufficient_scope")


def test_log_in_by_client_credentials(client, appointment):
    application = ApplicationFactory(client_secret="open sesame")
    ApiClientFactory(application=application, seller=appointment.seller, order_feed=False)
    asked = {"grant_type": "client_credentials", "client_id": application.client_id, "client_secret": "open sesame"}
    answer = client.post("/api/oauth/token/", asked | {"scope": "cases:read"})
    assert answer.status_code == 200
    assert answer.json()["scope"] == "cases:read"
    caller = Caller(application.binding, answer.json()["access_token"])
    assert caller.get("appointments/").status_code == 200
    assert client.post("/api/oauth/token/", asked | {"client_secret": "guess"}).status_code == 401
    client.post("/api/oauth/revoke/", asked | {"token": caller.token})
    assert caller.get("appointments/").status_code == 401


def test_a_session_opens_nothing(client, appointment):
    client.force_login(appointment.buyer)
    assert client.get("/api/v1/cases/").status_code == 401
