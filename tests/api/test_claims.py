"""Exclusion claims by the API: filed, proven, ended and withdrawn by the seller's system."""

from __future__ import annotations

import base64

import pytest

from cases.models import Attachment, Deadline, ExclusionClaim
from tests.api.test_appointments import refused
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_seller
from tests.factories.service import picture

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

TYPHOON = {
    "ground": "force_majeure",
    "statement": "The office is without power.",
    "kind": "typhoon",
    "place": "Shenzhen",
    "begins_at": "2026-03-03T00:00:00+08:00",
    "duties": ["response", "confirmation"],
}
PHOTO = {"name": "warning.png", "content": base64.b64encode(picture()).decode()}


@pytest.fixture
def storm(frozen, appointment) -> None:
    frozen.move_to("2026-03-03T02:00:00Z")


@pytest.mark.usefixtures("storm")
def test_from_the_filing_to_the_review(frozen, appointment, seller, buyer):
    path = f"appointments/{appointment.pk}/claims/"
    filed = [seller.post(path, TYPHOON, key="once") for _click in range(2)]
    assert [each.status_code for each in filed] == [201, 201]
    assert ExclusionClaim.objects.count() == 1
    claim = filed[1].json()
    assert (claim["state"], claim["is_provisional"], claim["ends_at"]) == ("proof_pending", True, None)
    assert claim["proof_due_at"] == "2026-03-18T16:00:00.000000Z"
    assert Deadline.objects.get(appointment=appointment, clock="response").due_at is None
    refused(seller.post(path, TYPHOON), 409, "claim_open")
    refused(
        seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": "x"}, key="once"),
        422,
        "idempotency_key_reused",
    )

    at = f"claims/{claim['id']}/"
    refused(seller.post(f"{at}proof/", {}), 422, "proof_missing", "4.1.2")
    proven = seller.post(f"{at}proof/", {"statement": "The warning.", "photos": [PHOTO]})
    assert (proven.status_code, proven.json()["state"]) == (200, "in_review")
    [photo] = Attachment.objects.all()
    assert (photo.content_type, photo.message.body) == ("image/jpeg", "The warning.")

    frozen.move_to("2026-03-05T04:00:00Z")
    refused(seller.post(f"{at}end-event/", {"ends_at": "2026-03-06T00:00:00Z"}), 422, "end_invalid", "4.1.2")
    assert seller.post(f"{at}end-event/", {"ends_at": "2026-03-05T12:00:00+08:00"}).status_code == 200
    refused(seller.post(f"{at}end-event/", {"ends_at": "2026-03-05T11:00:00+08:00"}), 409, "end_known", "4.1.2")
    clock = Deadline.objects.get(appointment=appointment, clock="response")
    assert clock.due_at is not None
    assert buyer.get(at).json() == seller.get(at).json()
    assert [
        row["id"] for row in buyer.get("claims/", appointment=appointment.pk, state="in_review").json()["results"]
    ] == [claim["id"]]


@pytest.mark.usefixtures("storm")
def test_taken_back_it_was_never_there(appointment, seller):
    due_at = Deadline.objects.get(appointment=appointment, clock="response").due_at
    claim = seller.post(f"appointments/{appointment.pk}/claims/", TYPHOON).json()["id"]
    taken = seller.post(f"claims/{claim}/withdraw/", {"reason": "The power is back."})
    assert taken.json()["state"] == "withdrawn"
    assert Deadline.objects.get(appointment=appointment, clock="response").due_at == due_at
    refused(seller.post(f"claims/{claim}/withdraw/", {}), 409, "illegal_transition")


@pytest.mark.clause("4.1.1")
@pytest.mark.clause("4.1.3")
@pytest.mark.parametrize("ground", ["buyer_reason", "abuse"])
def test_the_other_grounds_need_no_event_and_stop_nothing(appointment, seller, ground):
    claim = seller.post(f"appointments/{appointment.pk}/claims/", {"ground": ground, "statement": "Nobody lets us in."})
    assert (claim.status_code, claim.json()["state"], claim.json()["is_provisional"]) == (201, "in_review", False)
    assert Deadline.objects.get(appointment=appointment, clock="response").due_at is not None


def test_what_fails_on_instants_alone_is_kept_as_rejected(frozen, appointment, seller):
    # 48 hours after the request: of an event that is older than that, notice counts from there.
    frozen.move_to("2026-03-04T01:15:30.000001Z")
    late = TYPHOON | {"begins_at": "2026-03-01T00:00:00+08:00"}
    problem = refused(seller.post(f"appointments/{appointment.pk}/claims/", late), 409, "notice_too_late", "4.1.2")
    kept = seller.get(f"claims/{problem['context']['claim']}/").json()
    assert (kept["state"], kept["code"]) == ("rejected", "notice_too_late")
    told = refused(
        seller.post(f"appointments/{appointment.pk}/claims/", {"ground": "force_majeure"}),
        422,
        "claim_incomplete",
        "4.1.2",
    )
    assert set(told["context"]["missing"]) == {"statement", "kind", "place", "begins_at", "duties"}


@pytest.mark.usefixtures("storm")
def test_who_claims_and_who_does_not(appointment, seller, buyer):
    colleague = a_caller(seller=appointment.seller)
    claim = colleague.post(f"appointments/{appointment.pk}/claims/", TYPHOON).json()["id"]
    steps = {"proof": {"statement": "x"}, "end-event": {"ends_at": "2026-03-03T01:00:00Z"}, "withdraw": {}}
    for nobody in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory())):
        refused(nobody.get(f"claims/{claim}/"), 404, "not_found")
        assert nobody.get("claims/").json()["results"] == []
        refused(nobody.post(f"appointments/{appointment.pk}/claims/", TYPHOON), 404, "not_found")
        for step, body in steps.items():
            refused(nobody.post(f"claims/{claim}/{step}/", body), 404, "not_found")
    refused(buyer.post(f"appointments/{appointment.pk}/claims/", TYPHOON), 403, "permission_denied")
    for step, body in steps.items():
        refused(buyer.post(f"claims/{claim}/{step}/", body), 403, "permission_denied")
    reader = a_caller("cases:read", seller=appointment.seller)
    refused(reader.post(f"claims/{claim}/withdraw/", {}), 403, "insufficient_scope")


@pytest.mark.parametrize(
    ("photo", "code", "pointer"),
    [
        ({"name": "a.png", "content": "no base64!"}, "not_base64", "#/photos/0/content"),
        ({"name": "a.png", "content": base64.b64encode(b"a text").decode()}, "not_a_photo", "#/photos/0/content"),
        ({"name": "a.png"}, "required", "#/photos/0/content"),
    ],
)
def test_a_photo_that_is_none(appointment, seller, photo, code, pointer):
    body = {"body": "See here.", "photos": [photo]}
    problem = refused(seller.post(f"cases/{appointment.case.reference}/messages/", body), 400, "invalid")
    assert [(each["code"], each["pointer"]) for each in problem["errors"]] == [(code, pointer)]


def test_a_photo_can_be_all_of_a_message(appointment, buyer):
    path = f"cases/{appointment.case.reference}/messages/"
    told = buyer.post(path, {"photos": [PHOTO]})
    assert (told.status_code, told.json()["attachments"][0]["name"]) == (201, "warning.png")
    assert len(refused(buyer.post(path, {"photos": [PHOTO] * 7}), 400, "invalid")["errors"]) == 1
