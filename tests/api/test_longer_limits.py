"""A longer limit for one request, asked for and answered by machines (2.3.3)."""

from __future__ import annotations

import pytest

from cases.models import Deadline
from tests.api.test_appointments import refused
from tests.factories.api import a_caller
from tests.factories.cases import a_cover

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.3")]


def test_asked_for_accepted_and_explained(frozen, appointment, seller):
    buyer, at = a_caller(buyer=appointment.buyer), f"appointments/{appointment.pk}"
    clock = Deadline.objects.get(appointment=appointment, clock="response").pk
    body = {"deadline": clock, "amount": 72, "reason": "The part is on its way."}
    asked = seller.post(f"{at}/propose-longer-limit/", body)
    assert asked.status_code == 201, asked.json()
    assert (asked.json()["state"], asked.json()["instead_of"], asked.json()["amount"]) == ("standing", 48, 72)
    refused(seller.post(f"{at}/propose-longer-limit/", {**body, "amount": 48}), 422, "limit_not_longer", "2.3.3")
    yes = buyer.post(f"{at}/accept-longer-limit/", {"longer_limit": asked.json()["id"]})
    assert (yes.status_code, yes.json()["state"]) == (200, "accepted")
    told = buyer.get(f"deadlines/{clock}/explanation/").json()
    assert (told["number"], told["by_rule"], told["amount"], told["agrees"]) == (48, 48, 72, True)
    assert told["due_at"] == "2026-03-05T01:15:30.000000Z"
    assert [each["reason"] for each in told["agreements"]] == ["The part is on its way."]
    [kept] = seller.get(f"{at}/").json()["longer_limits"]
    assert kept["answered_at"] == "2026-03-02T01:15:30.000000Z"
    again = {"longer_limit": asked.json()["id"]}
    refused(buyer.post(f"{at}/decline-longer-limit/", again), 409, "longer_limit_not_standing", "2.3.3")


def test_declined_and_out_of_reach(frozen, appointment, seller):
    buyer, stranger = a_caller(buyer=appointment.buyer), a_caller(seller=a_cover().seller)
    at, clock = f"appointments/{appointment.pk}", appointment.deadlines.get(clock="confirmation").pk
    body = {"deadline": clock, "amount": 20, "reason": "Customs."}
    asked = seller.post(f"{at}/propose-longer-limit/", body).json()["id"]
    for path, told in (("propose", body), ("accept", {"longer_limit": asked}), ("decline", {"longer_limit": asked})):
        refused(stranger.post(f"{at}/{path}-longer-limit/", told), 404, "not_found")
    assert seller.post(f"{at}/accept-longer-limit/", {"longer_limit": asked}).status_code == 403
    assert buyer.post(f"{at}/propose-longer-limit/", body).status_code == 403
    no = buyer.post(f"{at}/decline-longer-limit/", {"longer_limit": asked, "answer": "Sooner, please."})
    assert (no.json()["state"], no.json()["answer"]) == ("declined", "Sooner, please.")
    assert Deadline.objects.get(pk=clock).agreed_from is None
    assert seller.post(f"{at}/propose-longer-limit/", {**body, "deadline": 10**9}).status_code == 400
