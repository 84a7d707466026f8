"""Parts and reports by the API."""

import pytest

from cases.models import UsedPart
from tests.factories import visits as make_visit
from tests.factories.api import a_caller
from tests.factories.cases import a_seller
from tests.factories.visits import BEGINS

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.1")]

PART = {
    "name": "CAN harness",
    "number": "ZT-H1",
    "quantity": 2,
    "paid_by": "buyer",
    "amount": "49.00",
    "currency": "USD",
}


@pytest.fixture
def visit(frozen):
    visit = make_visit.planned()
    frozen.move_to(BEGINS)
    return visit


def test_parts_and_report(visit):
    path = f"appointments/{visit.appointment_id}"
    seller, buyer = a_caller(seller=visit.appointment.seller), a_caller(buyer=visit.appointment.buyer)
    told = seller.post(f"{path}/parts/", {"parts": [PART | {"brought_by": "seller"}]})
    assert told.status_code == 201
    assert told.json()["version"] == 1
    assert buyer.get(f"{path}/").json()["needed_parts"] == [PART | {"brought_by": "seller"}]
    seller.post(f"{path}/check-in/", {"visit": visit.pk})
    report = {"visit": visit.pk, "report": "Harness replaced.", "result": "remedied", "parts": [PART]}
    assert seller.post(f"{path}/complete/", report).json()["state"] == "completed"
    read = buyer.get(f"{path}/").json()
    assert read["visits"][0]["result"] == "remedied"
    assert read["used_parts"] == [PART | {"visit": visit.pk, "is_outside": True}]


def test_refusals(visit):
    path = f"appointments/{visit.appointment_id}"
    seller = a_caller(seller=visit.appointment.seller)
    answer = seller.post(f"{path}/parts/", {"parts": [PART | {"amount": "0.00", "currency": ""}]})
    assert (answer.status_code, answer.json()["code"]) == (422, "parts_incomplete")
    assert answer.json()["context"]["missing"] == ["amount_1", "currency_1"]
    seller.post(f"{path}/check-in/", {"visit": visit.pk})
    answer = seller.post(f"{path}/parts/", {"parts": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "after_the_visit")
    buyer = a_caller(buyer=visit.appointment.buyer)
    assert buyer.post(f"{path}/parts/", {"parts": []}).status_code == 403
    assert a_caller(seller=a_seller()).post(f"{path}/parts/", {"parts": []}).status_code == 404
    assert not UsedPart.objects.exists()
