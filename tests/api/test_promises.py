"""Promises of the thread by the API: recorded by either side, judged, listed (2.3.3)."""

from __future__ import annotations

import pytest

from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_seller

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]

TERMS = [{"dimension": "response_hours", "value": 24}, {"dimension": "response_hours", "value": 72}]


@pytest.fixture
def case(appointment) -> str:
    return f"cases/{appointment.case.reference}"


@pytest.fixture
def word(seller, case) -> int:
    return int(seller.post(f"{case}/messages/", {"body": "We reply within 24 hours, in holidays 72."}).json()["id"])


def test_the_sellers_own_word_is_judged_at_once(appointment, seller, buyer, case, word):
    body = {"message": word, "terms": TERMS}
    made = [seller.post(f"{case}/promises/", body, key="p") for _click in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    told = made[1].json()
    assert (told["side"], told["state"], told["message"]) == ("seller", "split", word)
    assert [(each["value"], each["state"], each["verdict"]) for each in told["terms"]] == [
        (24, "binding", "extends"),
        (72, "void", "narrows_rules"),
    ]
    refused(seller.post(f"{case}/promises/", body), 409, "already_recorded", "2.3.3")
    assert buyer.get(f"promises/{told['id']}/").json() == told
    [row] = buyer.get("promises/", case=appointment.case.reference, state="split").json()["results"]
    assert (row["id"], row["statement"]) == (told["id"], "We reply within 24 hours, in holidays 72.")


def test_what_the_buyer_reports_waits_for_an_auditor(seller, buyer, case, word):
    told = buyer.post(f"{case}/promises/", {"message": word, "terms": TERMS[:1]}).json()
    assert (told["side"], told["state"], told["terms"][0]["state"]) == ("buyer", "recorded", "")


def test_what_is_no_promise(seller, buyer, case, word):
    mine = buyer.post(f"{case}/messages/", {"body": "Reply within an hour!"}).json()["id"]
    refused(buyer.post(f"{case}/promises/", {"message": mine, "terms": TERMS}), 422, "not_the_sellers_word", "2.3.3")
    refused(buyer.post(f"{case}/promises/", {"message": word}), 422, "terms_missing", "2.3.3")
    twice = {"message": word, "terms": [TERMS[0], TERMS[0]]}
    refused(buyer.post(f"{case}/promises/", twice), 422, "terms_twice", "2.3.3")
    for value in ("soon", 0, True, None, 9000):
        wrong = {"message": word, "terms": [{"dimension": "response_hours", "value": value}]}
        assert refused(buyer.post(f"{case}/promises/", wrong), 400, "invalid")["errors"]
    refused(buyer.post(f"{case}/promises/", {"message": word + 99, "terms": TERMS}), 400, "invalid")


def test_who_records_and_who_does_not(appointment, seller, case, word):
    body = {"message": word, "terms": TERMS}
    made = a_caller(seller=appointment.seller).post(f"{case}/promises/", body).json()["id"]
    for nobody in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory()), a_caller()):
        refused(nobody.post(f"{case}/promises/", body), 404, "not_found")
        refused(nobody.get(f"promises/{made}/"), 404, "not_found")
        assert nobody.get("promises/").json()["results"] == []
    reader = a_caller("cases:read", seller=appointment.seller)
    refused(reader.post(f"{case}/promises/", body), 403, "insufficient_scope")
