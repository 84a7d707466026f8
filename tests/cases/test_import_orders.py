"""The import of orders: the command, its formats of our own, and doing it again."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from cases.models import Cover, CoverState, NotCovered, Order, OrderLine, OrderState, Protection
from sellers.models import MarkPeriod
from tests.cases.order_lines import ORDER, csv_file, imported, jsonl_file, rejections
from tests.factories.cases import a_product
from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _products():
    a_product(sku="ZT-9000")
    a_product(sku="ZT-CAM")


def test_an_order_with_two_lines(tmp_path):
    path = csv_file(
        tmp_path / "orders.csv",
        ORDER | {"ship_name": "Buyer", "ship_city": "Berlin", "ship_country": "de", "phone": "+49 30 0000000"},
        # The order's cells may be left out on further rows.
        dict.fromkeys(ORDER, "")
        | {"number": "ZT-1", "sku": "ZT-CAM", "title": "Camera", "quantity": "2", "unit_price": "49.50"},
    )
    assert imported(path) == "orders.csv: 1 created, 0 changed, 0 unchanged, 0 rejected"
    order = Order.objects.get()
    assert order.state == OrderState.PAID
    assert order.placed_at == datetime(2025, 11, 20, 8, tzinfo=UTC)
    assert order.paid_at == datetime(2025, 11, 20, 9, tzinfo=UTC)
    assert (order.currency, order.total, order.protection) == ("EUR", Decimal("399.00"), Protection.TRADE_ASSURANCE)
    assert (order.ship_city, order.ship_country, order.phone) == ("Berlin", "DE", "+49 30 0000000")
    lines = [(line.product.sku, line.title, line.quantity, line.unit_price) for line in order.lines.all()]
    assert lines == [("ZT-9000", "Head unit", 1, Decimal("399.00")), ("ZT-CAM", "Camera", 2, Decimal("49.50"))]
    assert {cover.state for cover in Cover.objects.all()} == {CoverState.ACTIVE}
    assert User.objects.get().name == "Buyer"
    assert rejections(path) == []


def test_json_lines(tmp_path):
    order = {name: value for name, value in ORDER.items() if name not in ("sku", "title", "quantity", "unit_price")}
    lines = [{"sku": "ZT-9000", "title": "Head unit", "quantity": 2, "refunded_quantity": 1, "unit_price": 199.10}]
    path = jsonl_file(
        tmp_path / "orders.jsonl",
        order | {"is_online": False, "phone": None, "total": 398.2, "lines": lines},
        order | {"number": "ZT-2", "paid_at": None, "lines": [{"sku": "ZT-CAM", "title": "Camera", "quantity": "1"}]},
    )
    path.write_text("\n" + path.read_text())
    assert imported(path) == "orders.jsonl: 2 created, 0 changed, 0 unchanged, 0 rejected"
    first, second = Order.objects.order_by("number")
    assert (first.total, first.is_online, first.phone) == (Decimal("398.20"), False, "")
    line = first.lines.get()
    assert (line.quantity, line.refunded_quantity, line.unit_price) == (2, 1, Decimal("199.10"))
    assert (second.state, second.lines.get().cover.state) == (OrderState.PLACED, CoverState.PENDING)


def test_again_changes_nothing_and_later_news_move_it_on(tmp_path):
    unpaid = ORDER | {"paid_at": "", "refunded_amount": ""}
    paid = ORDER | {"refunded_amount": "0"}
    path = csv_file(tmp_path / "orders.csv", unpaid, unpaid | {"number": "ZT-2"})
    assert "2 created" in imported(path)
    events = Event.objects.count()
    assert imported(path) == "orders.csv: 0 created, 0 changed, 2 unchanged, 0 rejected"
    assert Event.objects.count() == events

    path = csv_file(tmp_path / "orders.csv", paid, unpaid | {"number": "ZT-2"})
    assert imported(path) == "orders.csv: 0 created, 1 changed, 1 unchanged, 0 rejected"
    assert Cover.objects.filter(state=CoverState.ACTIVE).get().order.number == "ZT-1"

    refunded = ORDER | {"refunded_at": "2026-02-01T12:00:00Z", "refunded_amount": "399.00"}
    path = csv_file(tmp_path / "orders.csv", refunded, unpaid | {"number": "ZT-2", "refunded_at": ""})
    assert "1 changed, 1 unchanged" in imported(path)
    order = Order.objects.get(number="ZT-1")
    assert (order.state, order.refunded_at) == (OrderState.REFUNDED, datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert order.lines.get().cover.state == CoverState.VOID


def test_a_dry_run_stores_nothing(tmp_path):
    unpaid = csv_file(tmp_path / "unpaid.csv", ORDER | {"paid_at": ""})
    imported(unpaid)
    rows, events, people = Order.objects.count(), Event.objects.count(), User.objects.count()
    path = csv_file(
        tmp_path / "orders.csv",
        ORDER,
        ORDER | {"number": "ZT-2", "buyer_email": "somebody-new@example.com"},
        ORDER | {"number": "ZT-3", "sku": "NONE"},
    )
    expected = "orders.csv: 1 created, 1 changed, 0 unchanged, 1 rejected (dry run, nothing stored)"
    assert imported(path, dry_run=True) == expected
    assert (Order.objects.count(), Event.objects.count(), User.objects.count()) == (rows, events, people)
    assert Order.objects.get().state == OrderState.PLACED
    assert [row["number"] for row in rejections(path)] == ["ZT-3"]


def test_rejected_orders_stop_no_other_and_are_told(tmp_path):
    path = csv_file(
        tmp_path / "orders.csv",
        ORDER | {"sku": "NONE"},
        ORDER | {"number": "ZT-2", "paid_at": "2025-11-20 17:00"},
        ORDER | {"number": "ZT-3"},
        ORDER | {"number": "ZT-4", "placed_at": "2031-01-01T00:00:00Z", "paid_at": ""},
    )
    out = io.StringIO()
    with pytest.raises(
        CommandError, match=r"Rejected: 3\. Lines and reasons stand in .*orders\.csv\.rejected\.csv"
    ) as stop:
        call_command("import_orders", str(path), stdout=out)
    assert stop.value.returncode == 2
    assert out.getvalue().strip() == "orders.csv: 1 created, 0 changed, 0 unchanged, 3 rejected"
    assert Order.objects.get().number == "ZT-3"
    told = rejections(path)
    assert [(row["line"], row["number"], row["code"]) for row in told] == [
        ("2", "ZT-1", "unknown_sku"),
        ("3", "ZT-2", "unreadable"),
        ("5", "ZT-4", "instants_out_of_order"),
    ]
    assert "NONE" in told[0]["reason"]
    assert "offset" in told[1]["reason"]

    # Mended: the file of rejections goes.
    csv_file(path, ORDER, ORDER | {"number": "ZT-2"})
    assert imported(path) == "orders.csv: 2 created, 0 changed, 0 unchanged, 0 rejected"
    assert rejections(path) == []


def test_an_order_of_two_separate_halves_is_not_taken_over(tmp_path):
    path = csv_file(tmp_path / "orders.csv", ORDER, ORDER | {"number": "ZT-2"}, ORDER | {"sku": "ZT-CAM"})
    assert "1 created" in imported(path)
    assert Order.objects.get().number == "ZT-2"
    assert [(row["line"], row["code"]) for row in rejections(path)] == [("2", "not_together"), ("4", "not_together")]
    assert "line 2 and again at line 4" in rejections(path)[0]["reason"]


def test_the_same_number_with_other_lines_is_another_order(tmp_path):
    imported(csv_file(tmp_path / "orders.csv", ORDER))
    path = csv_file(tmp_path / "later.csv", ORDER | {"sku": "ZT-CAM"})
    imported(path)
    assert [row["code"] for row in rejections(path)] == ["order_differs"]
    assert OrderLine.objects.get().product.sku == "ZT-9000"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"placed_at": "20.11.2025 16:00"}, "no instant"),
        ({"placed_at": "2025-11-20"}, "offset"),
        ({"placed_at": "0001-01-01T00:00:00+08:00"}, "out of range"),
        ({"placed_at": ""}, "placed_at: is empty"),
        ({"buyer_email": "buyer"}, "no e-mail address"),
        ({"buyer_email": ""}, "buyer_email: is empty"),
        ({"total": "1,399.00"}, "no amount like 1234.50"),
        ({"total": "-1"}, "no amount"),
        ({"total": ""}, "total: is empty"),
        ({"currency": "EURO"}, "no code of 3 letters"),
        ({"quantity": "0"}, "no whole number from 1"),
        ({"quantity": "2.5"}, "no whole number"),
        ({"quantity": "99999999999"}, "no whole number"),
        ({"sku": ""}, "sku: is empty"),
        ({"title": " "}, "title: is empty"),
        ({"protection": "paypal"}, "Known are: trade_assurance, bank_transfer, card, other"),
        ({"ship_country": "Germany"}, "no code of 2 letters"),
        ({"is_online": "perhaps"}, "neither true nor false"),
        ({"ship_city": "B" * 121}, "longer than 120 characters"),
        ({"ship_city": "Ber\0lin"}, "control character"),
        ({"number": "N" * 65}, "longer than 64 characters"),
        ({"number": ""}, "number: is empty"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, change, reason):
    columns = dict.fromkeys(("ship_country", "ship_city", "is_online"), "")
    path = csv_file(tmp_path / "orders.csv", ORDER | columns | change)
    assert "1 rejected" in imported(path)
    (rejection,) = rejections(path)
    assert (rejection["line"], rejection["code"]) == ("2", "unreadable")
    assert reason in rejection["reason"]
    assert not Order.objects.exists()


def test_a_fault_names_its_own_line(tmp_path):
    quoted = ORDER | {"title": "Head unit\nwith a second line"}
    path = csv_file(tmp_path / "orders.csv", quoted, quoted | {"sku": "ZT-CAM", "quantity": "x"})
    imported(path)
    assert [(row["line"], row["number"]) for row in rejections(path)] == [("4", "ZT-1")]

    path = csv_file(tmp_path / "orders.csv", ORDER, ORDER | {"sku": "ZT-CAM", "currency": "USD"})
    imported(path)
    (rejection,) = rejections(path)
    assert rejection["line"] == "3"
    assert "currency: “USD” here, “EUR” in the order's first row" in rejection["reason"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no json", "no JSON"),
        ("[]", "An object"),
        ('{"number": "ZT-1"}', "lines: a list"),
        ('{"number": "ZT-1", "lines": [1]}', "lines: a list"),
        ('{"number": "ZT-1", "paidat": "", "lines": []}', "Not known: paidat"),
        ('{"number": {}, "lines": []}', "number: a text or a number"),
        ('{"number": "ZT-1", "lines": [{"sku": "A", "name": "B"}]}', "Not known: name"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_json_that_is_no_order(tmp_path, text, reason):
    path = tmp_path / "orders.jsonl"
    path.write_text(f"\n{text}\n")
    assert "1 rejected" in imported(path)
    (rejection,) = rejections(path)
    assert rejection["line"] == "2"
    assert reason in rejection["reason"]


def test_a_cell_of_the_rejections_is_no_formula(tmp_path):
    path = csv_file(tmp_path / "orders.csv", ORDER | {"number": "=1+1", "total": "x"})
    imported(path)
    assert rejections(path)[0]["number"] == "'=1+1"


@pytest.mark.scenario("S59")
@pytest.mark.clause("5.2")
@pytest.mark.parametrize(
    ("paid_at", "state", "reason", "ends_at"),
    [
        ("2021-12-26T23:59:59+08:00", CoverState.NOT_COVERED, NotCovered.BEFORE_RULES, None),
        ("2021-12-27T00:00:00+08:00", CoverState.ACTIVE, "", datetime(2022, 12, 27, 16, tzinfo=UTC)),
    ],
)
def test_s59_paid_before_and_after_the_rules_took_effect(tmp_path, paid_at, state, reason, ends_at):
    path = csv_file(tmp_path / "orders.csv", ORDER | {"placed_at": "2021-12-20T10:00:00+08:00", "paid_at": paid_at})
    imported(path)
    cover = Cover.objects.get()
    assert (cover.state, cover.reason, cover.ends_at) == (state, reason, ends_at)


@pytest.mark.scenario("S60")
@pytest.mark.clause("1.1")
def test_s60_marked_only_the_day_after(tmp_path):
    late = a_product(sku="ZT-LATE", marked=False)
    MarkPeriod.objects.create(product=late, begins_at=datetime(2025, 11, 21, 8, tzinfo=UTC))
    imported(csv_file(tmp_path / "orders.csv", ORDER | {"sku": "ZT-LATE"}))
    cover = Cover.objects.get()
    assert (cover.state, cover.reason) == (CoverState.NOT_COVERED, NotCovered.UNMARKED)
