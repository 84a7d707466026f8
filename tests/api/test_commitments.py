"""What a seller promises beyond the rules, recorded and ended by its own system (2.3.3)."""

from __future__ import annotations

import pytest

from sellers.models import SellerCommitment
from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_product, a_seller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen"), pytest.mark.clause("2.3.3")]

TERMS = [{"dimension": "response_hours", "value": 24}, {"dimension": "response_hours", "value": 72}]


@pytest.fixture
def product():
    return a_product()


@pytest.fixture
def caller(product):
    return a_caller(seller=product.seller)


def said(about, **more):
    return {"source": "unilateral", "product": about.pk, "statement": "We are quick.", "terms": TERMS, **more}


def test_a_promise_is_recorded_judged_listed_and_ended(product, caller):
    made = [caller.post("commitments/", said(product), key="c") for _click in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    told = made[1].json()
    assert (told["state"], told["product"], told["ended_at"], told["replaces"]) == ("split", product.pk, None, None)
    assert [(each["value"], each["state"], each["verdict"]) for each in told["terms"]] == [
        (24, "binding", "extends"),
        (72, "void", "narrows_rules"),
    ]
    assert caller.get(f"commitments/{told['id']}/").json() == told
    [row] = caller.get("commitments/", state="split", product=product.pk).json()["results"]
    assert row["id"] == told["id"]
    path = f"commitments/{told['id']}/end/"
    refused(caller.post(path, {}), 422, "reason_missing")
    ended = [caller.post(path, {"reason": "Too costly."}, key="e") for _click in range(2)]
    assert [each.json()["state"] for each in ended] == ["ended", "ended"]
    assert ended[0].json()["ended_at"]
    refused(caller.post(path, {"reason": "Again."}), 409, "illegal_transition")
    refused(caller.post("commitments/", said(product), key="e"), 422, "idempotency_key_reused")


def test_one_promise_replaces_another(product, caller):
    first = caller.post("commitments/", said(product, terms=TERMS[:1])).json()["id"]
    told = caller.post("commitments/", said(product, replaces=first)).json()
    assert told["replaces"] == first
    assert caller.get(f"commitments/{first}/").json()["state"] == "superseded"
    refused(caller.post("commitments/", said(product, replaces=first)), 409, "illegal_transition")
    refused(
        caller.post("commitments/", said(product, product=None, replaces=told["id"])), 422, "replaces_another", "2.3.3"
    )


def test_what_is_refused_and_to_whom(product, caller):
    refused(caller.post("commitments/", said(product, terms=[])), 422, "terms_missing", "2.3.3")
    refused(caller.post("commitments/", said(product, source="page", product=None)), 422, "product_missing", "2.3.3")
    refused(caller.post("commitments/", said(product, source="communication")), 400, "invalid")
    refused(caller.post("commitments/", said(a_product())), 400, "invalid")
    refused(caller.post("commitments/", said(product, begins_at="2020-01-01T00:00:00Z")), 400, "invalid")
    for stranger in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory())):
        assert stranger.get("commitments/").json()["results"] == []
    refused(a_caller(buyer=UserFactory()).post("commitments/", said(product)), 403, "permission_denied")
    reader = a_caller("seller:read", seller=product.seller)
    refused(reader.post("commitments/", said(product)), 403, "insufficient_scope")
    assert not SellerCommitment.objects.exists()
