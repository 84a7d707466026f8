"""Shopify's order export."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cases.models import Cover, CoverState, Order, OrderState, Protection
from tests.cases.order_lines import FURTHER, SHOPIFY, a_further_row, csv_file, imported, rejections
from tests.clock_fixture import R0
from tests.factories.cases import a_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _products():
    for sku in ("ZT-9000", "ZT-CAM", "ZT-DASH"):
        a_product(sku=sku)


def take(path, *rows):
    return imported(csv_file(path / "orders_export.csv", *rows), format="shopify")


def test_an_order_over_several_rows(tmp_path):
    told = take(
        tmp_path,
        SHOPIFY,
        a_further_row(**{"Lineitem sku": "ZT-CAM", "Lineitem name": "Camera", "Lineitem quantity": "2"}),
        # A row for a second tax or payment names no item.
        a_further_row(**dict.fromkeys(FURTHER[2:], "")),
        a_further_row(**{"Lineitem sku": "ZT-DASH", "Lineitem name": "Dash camera", "Email": ""}),
        SHOPIFY | {"Name": "#1002"},
    )
    assert told == "orders_export.csv: 2 created, 0 changed, 0 unchanged, 0 rejected"
    order = Order.objects.get(number="#1001")
    assert (order.placed_at, order.paid_at) == (
        datetime(2025, 11, 20, 8, 59, 58, tzinfo=UTC),
        datetime(2025, 11, 20, 9, tzinfo=UTC),
    )
    assert [(line.product.sku, line.title, line.quantity) for line in order.lines.all()] == [
        ("ZT-9000", "Head unit - 10 inch", 1),
        ("ZT-CAM", "Camera", 2),
        ("ZT-DASH", "Dash camera", 1),
    ]
    assert (order.ship_name, order.ship_address) == ("Buyer", "Example Street 5, back yard, 10115")
    assert (order.ship_city, order.ship_country, order.phone) == ("Berlin", "DE", "+49 30 0000000")
    assert order.is_online
    assert take(tmp_path, SHOPIFY | {"Name": "#1002"}).endswith("0 created, 0 changed, 1 unchanged, 0 rejected")


@pytest.mark.parametrize(
    ("status", "state", "cover"),
    [
        ("paid", OrderState.PAID, CoverState.ACTIVE),
        ("partially_refunded", OrderState.PAID, CoverState.ACTIVE),
        ("Partially refunded", OrderState.PAID, CoverState.ACTIVE),
        ("refunded", OrderState.REFUNDED, CoverState.VOID),
        # "Paid at" of a part payment is not the instant of full payment.
        ("partially_paid", OrderState.PLACED, CoverState.PENDING),
        ("pending", OrderState.PLACED, CoverState.PENDING),
        ("authorized", OrderState.PLACED, CoverState.PENDING),
        ("expired", OrderState.PLACED, CoverState.PENDING),
        ("voided", OrderState.PLACED, CoverState.PENDING),
    ],
)
def test_financial_status(tmp_path, status, state, cover):
    take(tmp_path, SHOPIFY | {"Financial Status": status, "Refunded Amount": "20.00"})
    assert (Order.objects.get().state, Cover.objects.get().state) == (state, cover)


def test_a_refund_takes_effect_when_we_hear_of_it_and_only_a_full_one(tmp_path):
    take(tmp_path, SHOPIFY)
    part = SHOPIFY | {"Financial Status": "partially_refunded", "Refunded Amount": "100.00"}
    assert "1 changed" in take(tmp_path, part)
    assert "1 unchanged" in take(tmp_path, part)
    assert Order.objects.get().refunded_amount == Decimal("100.00")
    assert Cover.objects.get().state == CoverState.ACTIVE
    full = SHOPIFY | {"Financial Status": "refunded", "Refunded Amount": "399.00"}
    assert "1 changed" in take(tmp_path, full)
    assert "1 unchanged" in take(tmp_path, full)
    order = Order.objects.get()
    # The export tells no instant of a refund.
    assert (order.state, order.refunded_at) == (OrderState.REFUNDED, R0)
    assert Cover.objects.get().state == CoverState.VOID


@pytest.mark.parametrize("column", ["Cancelled at", "Canceled at"])
def test_a_cancelled_order(tmp_path, column):
    row = {name: cell for name, cell in SHOPIFY.items() if name != "Cancelled at"}
    take(tmp_path, row | {"Financial Status": "voided", "Paid at": "", column: "2025-11-21 10:00:00 +0800"})
    order = Order.objects.get()
    assert (order.state, order.cancelled_at) == (OrderState.CANCELLED, datetime(2025, 11, 21, 2, tzinfo=UTC))
    assert Cover.objects.get().state == CoverState.NOT_COVERED


@pytest.mark.parametrize(
    ("method", "protection"),
    [
        ("Trade Assurance", Protection.TRADE_ASSURANCE),
        ("Gift Card + Trade_Assurance", Protection.TRADE_ASSURANCE),
        ("Bank Deposit", Protection.BANK_TRANSFER),
        ("Wire transfer", Protection.BANK_TRANSFER),
        ("Shopify Payments", Protection.CARD),
        ("Cash on Delivery (COD)", Protection.OTHER),
        ("", Protection.OTHER),
    ],
)
def test_payment_method(tmp_path, method, protection):
    take(tmp_path, SHOPIFY | {"Payment Method": method})
    assert Order.objects.get().protection == protection


def test_sold_over_the_counter_and_without_a_shipping_address(tmp_path):
    empty = dict.fromkeys((name for name in SHOPIFY if name.startswith("Shipping")), "")
    billing = {"Billing Address1": "Side Road 1", "Billing City": "Dubai", "Billing Country": "AE"}
    take(tmp_path, SHOPIFY | empty | billing | {"Source": "pos"})
    order = Order.objects.get()
    assert not order.is_online
    assert (order.ship_name, order.ship_address, order.ship_city) == ("Buyer", "Side Road 1", "Dubai")


def test_columns_as_the_manual_writes_them(tmp_path):
    row = {{"Lineitem sku": "Lineitem SKU"}.get(name, name): cell for name, cell in SHOPIFY.items()}
    assert "1 created" in take(tmp_path, row)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Paid at": ""}, "Paid at: is empty though the order was paid"),
        ({"Paid at": "2025-11-20 17:00:00"}, "offset"),
        ({"Financial Status": "settled"}, "Known are: authorized, expired, paid"),
        ({"Financial Status": ""}, "Financial Status: is empty"),
        ({"Lineitem sku": ""}, "sku: is empty"),
        ({"Email": ""}, "buyer_email: is empty"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, change, reason):
    take(tmp_path, SHOPIFY | change)
    (rejection,) = rejections(tmp_path / "orders_export.csv")
    assert (rejection["line"], rejection["number"]) == ("2", "#1001")
    assert reason in rejection["reason"]


def test_an_unknown_item_rejects_its_whole_order(tmp_path):
    take(tmp_path, SHOPIFY, a_further_row(**{"Lineitem sku": "GIFT"}), SHOPIFY | {"Name": "#1002"})
    assert Order.objects.get().number == "#1002"
    (rejection,) = rejections(tmp_path / "orders_export.csv")
    assert (rejection["code"], rejection["number"]) == ("unknown_sku", "#1001")


def test_rows_of_an_order_that_do_not_follow_each_other(tmp_path):
    take(tmp_path, SHOPIFY, SHOPIFY | {"Name": "#1002"}, a_further_row(**{"Lineitem sku": "ZT-CAM"}))
    assert [row["code"] for row in rejections(tmp_path / "orders_export.csv")] == ["not_together", "not_together"]
    assert Order.objects.get().number == "#1002"
