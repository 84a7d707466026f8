"""Lists: constant queries, pages that are whole and never overlap, filters that say when they don't understand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.bodies import an_offer
from tests.api.test_appointments import refused
from tests.api.test_schema import one_of_each
from tests.clock_fixture import R0
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_product, requested
from tests.factories.promises import promised

pytestmark = pytest.mark.django_db

LISTS = ["orders/", "covers/", "cases/", "appointments/", "deadlines/"]


def queries(caller, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert caller.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_a_list_asks_twice_however_long_it_is(frozen, path, side):
    """Token and list."""
    product = a_product()
    first = requested(a_cover(product, buyer_email="same@example.com"), at=R0)
    caller = a_caller(**{side: getattr(first, side)})
    assert queries(caller, path) == 2
    for _ in range(2):
        requested(a_cover(product, buyer_email="same@example.com"), at=R0)
    assert queries(caller, path) == 2
    assert len(caller.get(path).json()["results"]) == 3 * (2 if path == "deadlines/" else 1)


OTHER_LISTS = {
    "seller": [
        "claims/",
        "proposed-dates/",
        "promises/",
        "complaints/",
        "violations/",
        "audits/",
        "losses/",
        "points/",
        "engineers/",
        "products/",
    ],
    "buyer": ["claims/", "promises/", "complaints/", "restrictions/"],
}


@pytest.mark.parametrize("side", OTHER_LISTS)
def test_every_other_list_asks_twice_as_well(frozen, appointment, seller, buyer, side):
    one_of_each(appointment, seller, buyer)
    caller = seller if side == "seller" else buyer
    for path in OTHER_LISTS[side]:
        assert queries(caller, path) == 2, path
        assert caller.get(path).json()["results"] or path == "proposed-dates/", path


@pytest.mark.postgres
def test_with_a_real_clock_a_list_asks_three_times():
    caller = a_caller(seller=a_product().seller)
    assert queries(caller, "appointments/") == 3


def test_a_detail_asks_as_often_for_much_as_for_little(frozen, appointment, seller, buyer):
    paths = {
        f"appointments/{appointment.pk}/": 10,
        f"cases/{appointment.case.reference}/": 8,
        f"covers/{appointment.case.cover_id}/": 6,
        f"orders/{appointment.case.cover.order_id}/": 3,
        f"deadlines/{appointment.deadlines.first().pk}/": 2,
    }
    assert {path: queries(seller, path) for path in paths} == paths
    offer = seller.post(f"appointments/{appointment.pk}/offer/", an_offer()).json()["id"]
    seller.post(f"appointments/{appointment.pk}/revise/", an_offer(replaces=offer))
    for word in ("one", "two", "three"):
        buyer.post(f"cases/{appointment.case.reference}/messages/", {"body": word})
    promised(appointment)
    assert {path: queries(seller, path) for path in paths} == paths


@pytest.mark.parametrize("path", ["appointments/", "appointments/?sort=due", "deadlines/?sort=due", "cases/"])
def test_pages_are_whole_and_never_overlap_while_rows_come_in(frozen, path):
    product = a_product()
    for minute in range(7):
        # Two of each share an instant: only the id then tells them apart.
        requested(a_cover(product), at=R0 + timedelta(minutes=minute // 2))
    seller = a_caller(seller=product.seller)
    name = "reference" if path.startswith("cases") else "id"
    all_of_them = [row[name] for row in seller.get(path).json()["results"]]
    seen: list[object] = []
    answer = seller.get(f"{path}{'&' if '?' in path else '?'}limit=2").json()
    while True:
        seen += [row[name] for row in answer["results"]]
        if answer["next"] is None:
            break
        # Newer rows, and rows that sort before the cursor, do not move the pages that follow.
        requested(a_cover(product), at=R0 - timedelta(days=30) if "due" in path else R0)
        answer = seller.get(answer["next"].removeprefix("http://testserver")).json()
    assert seen == all_of_them
    assert len(set(seen)) == len(seen) >= 7


def test_no_page_counts_its_way(frozen, appointment, seller):
    requested(a_cover(appointment.case.cover.line.product), at=R0)
    following = seller.get("appointments/?limit=1").json()["next"].removeprefix("http://testserver")
    with CaptureQueriesContext(connection) as asked:
        seller.get(following)
    assert not any("OFFSET" in query["sql"] for query in asked)


def test_filters_of_appointments(frozen, appointment, seller):
    other = requested(a_cover(appointment.case.cover.line.product), at=R0 + timedelta(hours=1), method="remote")
    seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": "x"})

    def found(**asked: object) -> list[int]:
        return [row["id"] for row in seller.get("appointments/", **asked).json()["results"]]

    assert found() == [other.pk, appointment.pk]
    assert found(state=["refused", "requested"]) == [other.pk, appointment.pk]
    assert found(state="refused") == [appointment.pk]
    assert found(method="remote") == [other.pk]
    assert found(case=appointment.case.reference) == [appointment.pk]
    assert found(received_since="2026-03-02T10:00:00+08:00") == [other.pk]
    assert found(due_until="2026-03-04T02:15:30Z") == [other.pk]
    assert found(due_until="2026-03-04T02:15:29.999999Z") == []
    assert found(sort="due") == [other.pk]


def test_filters_of_deadlines_cases_and_covers(frozen, appointment, seller):
    def found(path: str, **asked: object) -> int:
        return len(seller.get(path, **asked).json()["results"])

    assert found("deadlines/", clock="response", state="running", case=appointment.case.reference) == 1
    assert found("deadlines/", appointment=appointment.pk + 1) == 0
    assert found("deadlines/", due_until="2026-03-04T01:15:30Z") == 1
    assert found("cases/", state="open", cover=appointment.case.cover_id, opened_since="2026-03-02T01:15:30Z") == 1
    assert found("cases/", state="closed") == 0
    assert found("covers/", state=["active"], order=appointment.case.cover.order_id) == 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("stat=requested", "stat"),
        ("state=done", "state"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=!", "cursor"),
        ("cursor=WyJuZXdlc3QiLDBd", "cursor"),  # ["newest",0]
        ("cursor=WyJkdWUiLDFd", "cursor"),  # ["due",1]
        ("sort=due&cursor=WyJkdWUiLDFd", "cursor"),
        ("case=ZA-1", "case"),
        ("received_since=2026-03-02", "received_since"),
        ("sort=oldest", "sort"),
    ],
)
def test_what_a_list_does_not_understand(appointment, seller, query, parameter):
    problem = refused(seller.get(f"appointments/?{query}"), 400, "invalid")
    assert [error["parameter"] for error in problem["errors"]] == [parameter]


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_cases_are_searched_by_order_and_fault_within_reach(frozen, side):
    product = a_product()
    covers = [a_cover(product, buyer_email="same@example.com") for _ in range(2)]
    first, second = (requested(cover, at=R0, title=f"Fault {n}") for n, cover in enumerate(covers, start=1))
    requested(a_cover(), at=R0, title="Fault 1 of a stranger")
    caller = a_caller(**{side: getattr(first, side)})

    def found(**asked):
        return [row["reference"] for row in caller.get("cases/", **asked).json()["results"]]

    assert found(title="fault 1") == [first.case.reference]
    assert found(order_number=covers[1].order.number.lower()) == [second.case.reference]
    assert found(title="fault") == [second.case.reference, first.case.reference]
    assert found(title="fault 1", order_number=covers[1].order.number) == []
