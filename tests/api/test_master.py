"""What a seller keeps, by its own system: service points, engineers, the mark of products."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from sellers.models import Engineer, ServicePoint
from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import Caller, a_caller, address
from tests.factories.cases import a_member, a_point, a_product, a_seller, an_engineer
from tests.factories.sellers import SellerFactory
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

POINT = {
    "name": "Workshop",
    "address": "1 Test Street",
    "city": "Dubai",
    "country": "AE",
    "time_zone": "Asia/Dubai",
    "opening_hours": {"mon": [["09:00", "17:00"]]},
}


def patched(caller: Caller, path: str, body: object, key: str = "") -> object:
    headers = caller.headers | ({"Idempotency-Key": key} if key else {})
    return Client().patch(address(path), body, content_type="application/json", headers=headers)


@pytest.fixture
def owner():
    return SellerFactory()


@pytest.fixture
def caller(owner) -> Caller:
    return a_caller(seller=owner)


@pytest.mark.clause("2.2.1")
def test_a_service_point_is_added_and_changed(owner, caller):
    made = [caller.post("points/", POINT, key="p") for _click in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    kept = ServicePoint.objects.get()
    assert made[1].json()["id"] == kept.pk
    assert (made[1].json()["capacity"], made[1].json()["is_active"]) == (1, True)
    changed = patched(caller, f"points/{kept.pk}/", {"capacity": 3, "closed_days": ["2026-12-25"]})
    assert (changed.status_code, changed.json()["capacity"], changed.json()["city"]) == (200, 3, "Dubai")
    assert caller.get(f"points/{kept.pk}/").json() == changed.json() == caller.get("points/").json()["results"][0]
    for wrong in (
        {"time_zone": "Nowhere"},
        {"closed_days": ["soon"]},
        {"opening_hours": {"mon": [["17:00", "09:00"]]}},
    ):
        assert refused(patched(caller, f"points/{kept.pk}/", wrong), 422, "invalid")["context"]["fields"]
    refused(patched(caller, f"points/{kept.pk}/", {"opening_hours": {"monday": []}}), 400, "invalid")
    refused(patched(caller, f"points/{kept.pk}/", {"seller": 1}), 400, "invalid")
    refused(patched(caller, f"points/{kept.pk}/", {"capacity": 4}, key="p"), 422, "idempotency_key_reused")


@pytest.mark.clause("2.2.1")
def test_an_engineer_is_added_and_changed(owner, caller):
    member = a_member(owner, "engineer")
    body = {"name": "R. Haddad", "log_in": member.email.upper(), "skills": ["fault_detection"], "areas": ["AE"]}
    made = caller.post("engineers/", body).json()
    assert (made["log_in"], made["skills"], made["is_active"]) == (member.email, ["fault_detection"], True)
    off = patched(caller, f"engineers/{made['id']}/", {"days_off": ["2026-03-09"]}).json()
    assert (off["days_off"], off["log_in"]) == (["2026-03-09"], member.email)
    assert patched(caller, f"engineers/{made['id']}/", {"log_in": ""}).json()["log_in"] is None
    refused(caller.post("engineers/", body | {"log_in": UserFactory().email}), 400, "invalid")
    assert caller.get("engineers/").json()["results"] == [caller.get(f"engineers/{made['id']}/").json()]
    assert Engineer.objects.get().name == "R. Haddad"


@pytest.mark.clause("1.1")
def test_the_mark_is_set_and_ended(owner, caller):
    product = a_product(owner, marked=False)
    path = f"products/{product.pk}"
    assert caller.get(f"{path}/").json()["bears_mark"] is False
    refused(caller.post(f"{path}/unmark/", {"reason": "x"}), 409, "not_marked", "1.1")
    refused(caller.post(f"{path}/mark/", {"begins_at": "2027-01-01T00:00:00Z"}), 422, "mark_in_future", "1.1")
    set_ = [caller.post(f"{path}/mark/", {}, key="m") for _click in range(2)]
    assert [(each.status_code, each.json()["begins_at"]) for each in set_] == [(201, "2026-03-02T01:15:30.000000Z")] * 2
    refused(caller.post(f"{path}/mark/"), 409, "already_marked", "1.1")
    assert caller.get("products/", sku=product.sku).json()["results"][0]["bears_mark"] is True
    refused(caller.post(f"{path}/unmark/", {}), 422, "reason_missing")
    refused(caller.post(f"{path}/unmark/", {"reason": "x"}, key="m"), 422, "idempotency_key_reused")
    ended = caller.post(f"{path}/unmark/", {"reason": "Sold out."}, key="e")
    assert ended.json()["ends_at"] == "2026-03-02T01:15:30.000000Z"
    assert len(caller.get(f"{path}/").json()["mark_periods"]) == 1


@pytest.mark.clause("1.1")
def test_a_mark_set_until_an_instant_ends_with_it(owner, caller, frozen):
    product = a_product(owner, marked=False)
    path, last = f"products/{product.pk}", "2026-03-05T00:00:00Z"
    assert caller.post(f"{path}/mark/", {"ends_at": last}).json()["ends_at"] == "2026-03-05T00:00:00.000000Z"
    for at, bears in ((instant(last), True), (instant(last) + timedelta(microseconds=1), False)):
        frozen.move_to(at)
        assert caller.get(f"{path}/").json()["bears_mark"] is bears


@pytest.mark.clause("1.1")
def test_only_an_enrolled_seller_sets_a_mark():
    product = a_product(a_seller(), marked=False)
    refused(a_caller(seller=product.seller).post(f"products/{product.pk}/mark/"), 409, "not_enrolled", "1.1")


def test_owner_colleague_stranger_and_scope(owner, caller):
    things = {"points": a_point(owner).pk, "engineers": an_engineer(owner).pk, "products": a_product(owner).pk}
    for kind, pk in things.items():
        for own in (caller, a_caller(seller=owner)):
            assert own.get(f"{kind}/{pk}/").status_code == 200
            assert [row["id"] for row in own.get(f"{kind}/").json()["results"]] == [pk]
        for nobody in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory()), a_caller()):
            refused(nobody.get(f"{kind}/{pk}/"), 404, "not_found")
            assert nobody.get(f"{kind}/").json()["results"] == []
            if kind == "products":
                refused(nobody.post(f"products/{pk}/mark/"), 404, "not_found")
                refused(nobody.post(f"products/{pk}/unmark/", {"reason": "x"}), 404, "not_found")
            else:
                refused(patched(nobody, f"{kind}/{pk}/", {"name": "Mine"}), 404, "not_found")
        clerk = a_caller("cases:read cases:write seller:read", seller=owner)
        assert clerk.get(f"{kind}/").status_code == 200
        refused(clerk.post(f"{kind}/{pk}/mark/" if kind == "products" else f"{kind}/", {}), 403, "insufficient_scope")
    for buyer in (a_caller(buyer=UserFactory()), a_caller()):
        refused(buyer.post("points/", POINT), 403, "permission_denied")
        refused(buyer.post("engineers/", {"name": "Nobody's"}), 403, "permission_denied")
