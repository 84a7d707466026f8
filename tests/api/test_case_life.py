"""The buyer's word at the end of a case, and his question about the service terms, by the API."""

from __future__ import annotations

import pytest

from tests.api.bodies import ITEMS
from tests.api.test_appointments import refused
from tests.factories import cases as make
from tests.factories import visits
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(frozen):
    frozen.move_to(visits.BEGINS)
    return visits.done(visits.planned())


@pytest.mark.clause("2.1.1")
def test_signed_off_the_case_is_closed(served):
    buyer, seller = a_caller(buyer=served.buyer), a_caller(seller=served.seller)
    path = f"appointments/{served.pk}/sign-off/"
    assert (seller.get(path).json()["state"], seller.get(path).json()["outcome"]) == ("running", "")
    refused(seller.post(path, {}), 403, "permission_denied")
    signed = [buyer.post(path, {}, key="s") for _click in range(2)]
    assert [each.json()["outcome"] for each in signed] == ["signed", "signed"]
    assert buyer.get(f"cases/{served.case.reference}/").json()["state"] == "closed"
    refused(buyer.post(path, {}), 409, "not_awaited", "2.1.1")
    refused(buyer.post(f"appointments/{served.pk}/object/", {"reason": "x"}), 409, "not_awaited", "2.1.1")


@pytest.mark.clause("2.1.1")
def test_objected_to_the_case_is_open_again(frozen, served):
    buyer = a_caller(buyer=served.buyer)
    refused(buyer.post(f"appointments/{served.pk}/object/", {}), 422, "reason_required", "2.1.1")
    told = buyer.post(f"appointments/{served.pk}/object/", {"reason": "It still cuts out."}).json()
    assert (told["outcome"], told["reason"], told["state"]) == ("objected", "It still cuts out.", "met")
    assert buyer.get(f"cases/{served.case.reference}/").json()["state"] == "open"


@pytest.mark.clause("2.1.1")
def test_silence_is_a_yes(frozen, served):
    buyer = a_caller(buyer=served.buyer)
    frozen.move_to("2026-03-13T16:00:00Z")
    refused(buyer.post(f"appointments/{served.pk}/object/", {"reason": "Too late."}), 409, "deadline_passed", "2.1.1")
    assert buyer.get(f"appointments/{served.pk}/sign-off/").json()["outcome"] == "silence"


@pytest.mark.clause("2.3.4")
def test_closed_and_taken_up_again(frozen, appointment, seller, buyer):
    path = f"cases/{appointment.case.reference}"
    refused(buyer.post(f"{path}/close/"), 409, "still_open", "2.3.4")
    buyer.post(f"appointments/{appointment.pk}/cancel/")
    refused(seller.post(f"{path}/close/"), 403, "permission_denied")
    assert buyer.post(f"{path}/close/", {}, key="c").json()["state"] == "closed"
    assert buyer.post(f"{path}/close/", {}, key="c").json()["state"] == "closed"
    refused(buyer.post(f"{path}/close/"), 409, "already_closed", "2.3.4")
    refused(buyer.post(f"{path}/reopen/", {}), 422, "reason_required", "2.3.4")
    assert buyer.post(f"{path}/reopen/", {"reason": "It is back."}).json()["state"] == "open"
    refused(buyer.post(f"{path}/reopen/", {"reason": "x"}), 409, "already_open_case", "2.3.4")


@pytest.mark.clause("3.1")
def test_an_item_that_is_unclear(appointment, seller, buyer):
    at = f"appointments/{appointment.pk}"
    told = seller.post(f"{at}/disclose/", ITEMS).json()["id"]
    ask = {"disclosure": told, "item": "charging_standard", "question": "Who pays the way?"}
    refused(seller.post(f"{at}/unclear/", ask), 403, "permission_denied")
    refused(buyer.post(f"{at}/unclear/", ask | {"question": " "}), 422, "question_missing", "3.1")
    asked = buyer.post(f"{at}/unclear/", ask)
    assert (asked.status_code, asked.json()["item"]) == (201, "charging_standard")
    refused(buyer.post(f"{at}/unclear/", ask), 409, "already_asked", "3.1")
    seller.post(f"{at}/disclose/", ITEMS | {"charging_standard": "free, the way included"})
    refused(buyer.post(f"{at}/unclear/", ask), 409, "version_replaced", "3.1")


def test_a_stranger_reaches_none_of_it(served):
    unsigned = make.requested(at=visits.BEGINS)
    assert a_caller(buyer=unsigned.buyer).get(f"appointments/{unsigned.pk}/sign-off/").status_code == 404
    for stranger in (a_caller(seller=unsigned.seller), a_caller(buyer=UserFactory())):
        at, case = f"appointments/{served.pk}", f"cases/{served.case.reference}"
        refused(stranger.get(f"{at}/sign-off/"), 404, "not_found")
        ask = {"disclosure": 1, "item": "service_scope", "question": "x"}
        for path, body in (
            (f"{at}/sign-off/", {}), (f"{at}/object/", {"reason": "x"}), (f"{at}/unclear/", ask),
            (f"{case}/close/", {}), (f"{case}/reopen/", {"reason": "x"}),
        ):  # fmt: skip
            refused(stranger.post(path, body), 404, "not_found")
