"""Orders come in from the shop and can be told again; covers follow."""

from __future__ import annotations

import pytest

from cases.models import Cover, Order
from tests.api.bodies import an_order
from tests.api.test_appointments import refused
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_point, a_product, a_seller, an_order_record, told
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.mark.clause("2.3.4")
def test_an_order_is_created_moved_on_and_else_unchanged(frozen, feed):
    sku = a_product().sku
    first = feed.post("orders/", an_order(sku, paid_at=None))
    assert first.status_code == 201
    assert (first.json()["state"], first.json()["lines"][0]["cover_state"]) == ("placed", "pending")
    paid = feed.post("orders/", an_order(sku))
    assert (paid.status_code, paid.json()["state"]) == (200, "paid")
    assert paid.json()["paid_at"] == "2025-11-20T09:00:00.000000Z"
    assert paid.json()["lines"][0]["cover_state"] == "active"
    count = Event.objects.count()
    assert feed.post("orders/", an_order(sku)).json() == paid.json()
    assert Event.objects.count() == count
    refunded = feed.post("orders/", an_order(sku, refunded_at="2026-01-05T00:00:00Z", refunded_amount="399.00"))
    assert (refunded.json()["state"], refunded.json()["refunded_amount"]) == ("refunded", "399.00")
    assert refunded.json()["lines"][0]["cover_state"] == "void"


def test_an_order_with_a_key_is_no_different(frozen, feed):
    sku = a_product().sku
    first, second = (feed.post("orders/", an_order(sku), key="k") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_what_no_order_can_be(frozen, feed):
    sku = a_product().sku
    refused(feed.post("orders/", an_order("NO-SUCH")), 422, "unknown_sku", "1.1")
    refused(feed.post("orders/", an_order(sku, paid_at="2025-11-01T00:00:00Z")), 422, "instants_out_of_order")
    feed.post("orders/", an_order(sku))
    refused(feed.post("orders/", an_order(sku, buyer_email="else@example.com")), 422, "order_differs")
    assert Order.objects.count() == 1


def test_the_form_of_an_order(frozen, feed):
    line = {"sku": "A", "title": "T", "quantity": "2", "unit_price": 3.5, "colour": "red"}
    body = an_order("A", lines=[line], total=399, is_online="yes", currency="usd", buyer_email=5, protection=["card"])
    problem = refused(feed.post("orders/", body), 400, "invalid")
    assert {error["pointer"] for error in problem["errors"]} == {
        "#/lines/0/colour", "#/total", "#/is_online", "#/currency", "#/buyer_email", "#/protection",
    }  # fmt: skip
    body = an_order("A", lines=[{"sku": "A", "title": "T", "quantity": "2", "unit_price": 3.5}])
    problem = refused(feed.post("orders/", body), 400, "invalid")
    assert {error["pointer"] for error in problem["errors"]} == {"#/lines/0/quantity", "#/lines/0/unit_price"}
    refused(feed.post("orders/", an_order("A", lines=[])), 400, "invalid")
    refused(feed.post("orders/", [1, 2]), 400, "invalid")
    assert not Order.objects.exists()


def test_only_the_feed_sends_orders(frozen):
    product = a_product()
    refused(a_caller(seller=product.seller).post("orders/", an_order(product.sku)), 403, "permission_denied")
    assert not Order.objects.exists()


def test_a_seller_is_told_his_own_lines_only(frozen):
    mine, other = a_product(), a_product()
    order = told(an_order_record(mine, other)).order
    seller = a_caller(seller=mine.seller)
    [line] = seller.get(f"orders/{order.pk}/").json()["lines"]
    assert line["sku"] == mine.sku
    buyer = a_caller(buyer=order.buyer)
    assert len(buyer.get(f"orders/{order.pk}/").json()["lines"]) == 2
    assert [row["number"] for row in seller.get("orders/").json()["results"]] == [order.number]


def test_a_cover_tells_what_can_be_asked_for(frozen):
    product = a_product(methods=["door", "point"], service_types=["installation"])
    point = a_point(product.seller)
    a_point(a_seller())
    cover = a_cover(product)
    caller = a_caller(buyer=cover.buyer)
    seen = caller.get(f"covers/{cover.pk}/").json()
    assert (seen["methods"], seen["service_types"], seen["edition"]) == (["door", "point"], ["installation"], 1)
    assert [each["id"] for each in seen["points"]] == [point.pk]
    assert (seen["state"], seen["is_expired"]) == ("active", False)
    assert seen["ends_at"] == "2026-11-20T16:00:00.000000Z"
    frozen.move_to("2026-11-20T16:00:00Z")
    assert caller.get("covers/").json()["results"][0]["is_expired"] is False
    frozen.move_to("2026-11-20T16:00:00.000001Z")
    assert caller.get("covers/").json()["results"][0]["is_expired"] is True


def test_filters(frozen, feed):
    covers = [a_cover() for _ in range(2)]
    assert [row["number"] for row in feed.get("orders/", number=covers[0].order.number).json()["results"]] == [
        covers[0].order.number
    ]
    assert feed.get("orders/", state=["placed", "refunded"]).json()["results"] == []
    assert len(feed.get("orders/", state=["placed", "paid"]).json()["results"]) == 2
    buyer = a_caller(buyer=covers[0].buyer)
    assert buyer.get("covers/", order=covers[1].order_id).json()["results"] == []
    assert Cover.objects.count() == 2
