"""Shipments by the API."""

import pytest

from tests.factories.api import a_caller
from tests.factories.cases import a_seller
from tests.factories.service import PARCEL

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]


def test_from_the_announcement_to_the_receipt(appointment, seller, buyer):
    path = f"cases/{appointment.case.reference}/"
    made = seller.post(f"{path}shipments/", {"kind": "spare_part", "contents": "1 harness"})
    assert (made.status_code, made.json()["state"]) == (201, "announced")
    shipment = f"shipments/{made.json()['id']}/"
    refused = seller.post(f"{shipment}ship/", PARCEL | {"tracking_url": "http://post.example"})
    assert (refused.status_code, refused.json()["code"]) == (422, "shipment_incomplete")
    assert seller.post(f"{shipment}ship/", PARCEL).json()["tracking_number"] == PARCEL["tracking_number"]
    corrected = seller.post(f"{shipment}correct/", PARCEL | {"tracking_number": "RIGHT-1"})
    assert (corrected.status_code, corrected.json()["tracking_number"]) == (200, "RIGHT-1")
    assert seller.post(f"{shipment}receive/", {}).status_code == 403
    missing = buyer.post(f"{shipment}report-missing/", {"reason": "Not here."})
    assert missing.json()["missed_at"] == "2026-03-02T01:15:30.000000Z"
    assert seller.post(f"{shipment}lose/", {"reason": "Given up."}).json()["state"] == "lost"
    assert buyer.post(f"{shipment}receive/", {}).json()["state"] == "received"
    answer = seller.post(f"{shipment}take-back/", {"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert [each["state"] for each in buyer.get(path).json()["shipments"]] == ["received"]


def test_a_stranger_reaches_none(appointment, seller):
    made = seller.post(f"cases/{appointment.case.reference}/shipments/", {"kind": "accessory", "contents": "x"}).json()
    stranger = a_caller(seller=a_seller())
    assert stranger.get(f"shipments/{made['id']}/").status_code == 404
    assert stranger.post(f"shipments/{made['id']}/lose/", {"reason": "x"}).status_code == 404
    assert seller.get(f"shipments/{made['id']}/").json() == made
