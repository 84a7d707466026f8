"""Hearings, appeals and answers by the API, with a scope of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.test_appointments import refused
from tests.factories import audits, losses, violations
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_seller
from tests.factories.claims import a_restriction
from tests.instants import instant

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.mark.clause("3.2")
def test_a_violation_is_answered_and_appealed_against(frozen):
    violation = violations.a_notified()
    seller, at = a_caller(seller=violation.seller), f"violations/{violation.pk}"
    frozen.move_to(violations.NOTIFIED + HOUR)
    refused(seller.post(f"{at}/answer/", {"words": " "}), 422, "answer_missing", "3.2")
    refused(seller.post(f"{at}/appeal/", {"words": "No."}), 409, "not_confirmed", "3.2")
    answered = [seller.post(f"{at}/answer/", {"words": "Our desk was closed."}, key="a") for _click in range(2)]
    assert [each.json()["answer"] for each in answered] == ["Our desk was closed."] * 2
    assert [(each["clock"], each["state"]) for each in answered[0].json()["limits"]] == [("hearing", "met")]
    refused(seller.post(f"{at}/answer/", {"words": "More."}), 409, "already_answered", "3.2")
    violations.a_confirmed(violation)
    frozen.move_to(violations.APPEALED - timedelta(days=1))
    appealed = seller.post(f"{at}/appeal/", {"words": "The mail server was away."}).json()
    assert (appealed["state"], appealed["appeal"]) == ("appealed", "The mail server was away.")
    assert [row["id"] for row in seller.get("violations/", state="appealed").json()["results"]] == [violation.pk]


@pytest.mark.clause("3.2")
def test_a_late_answer_is_kept_as_late(frozen):
    violation = violations.a_notified()
    frozen.move_to(violations.CONFIRMED + HOUR)
    seller = a_caller(seller=violation.seller)
    refused(seller.post(f"violations/{violation.pk}/answer/", {"words": "Late."}), 409, "hearing_over", "3.2")
    assert seller.get(f"violations/{violation.pk}/").json()["answered_at"] is None


@pytest.mark.clause("3.2")
def test_an_audit_is_answered(frozen):
    audit = audits.a_notified()
    frozen.move_to(audits.NOTIFIED + HOUR)
    seller = a_caller(seller=audit.seller)
    told = seller.get(f"audits/{audit.pk}/").json()
    assert [(each["question"], each["note"]) for each in told["findings"]] == [("answered", "Nobody answered.")]
    answered = seller.post(f"audits/{audit.pk}/answer/", {"words": "We were closed."}).json()
    assert (answered["answer"], answered["state"]) == ("We were closed.", "open")
    refused(seller.post(f"audits/{audit.pk}/answer/", {"words": "x"}), 409, "already_answered", "3.2")


@pytest.mark.clause("3.4")
@pytest.mark.parametrize(("contests", "state"), [(True, "contested"), (False, "accepted")])
def test_a_loss_is_answered(frozen, contests, state):
    claim = losses.a_notified()
    frozen.move_to(losses.DRAFTED + 2 * HOUR)
    seller = a_caller(seller=claim.seller)
    refused(seller.post(f"losses/{claim.pk}/answer/", {"contests": True}), 422, "answer_missing", "3.4")
    refused(seller.post(f"losses/{claim.pk}/answer/", {}), 400, "invalid")
    told = seller.post(f"losses/{claim.pk}/answer/", {"contests": contests, "words": "Too much."}).json()
    assert (told["state"], told["answer"]) == (state, "Too much.")
    assert [(each["head"], each["amount"], each["currency"]) for each in told["items"]] == [
        ("attorney", "1200.50", "CNY"),
        ("notary", "80.00", "EUR"),
    ]
    refused(seller.post(f"losses/{claim.pk}/answer/", {"contests": False}), 409, "already_answered", "3.4")


@pytest.mark.clause("4.1.3")
def test_a_buyer_is_heard_on_a_restriction(frozen):
    cover = a_cover()
    at = instant("2026-03-02T01:15:30Z")
    restriction = a_restriction(cover, at=at)
    frozen.move_to(at + HOUR)
    buyer, seller = a_caller(buyer=cover.buyer), a_caller(seller=cover.seller)
    path = f"restrictions/{restriction.pk}"
    refused(seller.get(f"{path}/"), 404, "not_found")
    refused(buyer.post(f"{path}/answer/", {}), 422, "answer_missing", "4.1.3")
    answered = buyer.post(f"{path}/answer/", {"words": "The manual was wrong each time."}).json()
    assert (answered["answer"], answered["state"]) == ("The manual was wrong each time.", "proposed")
    refused(buyer.post(f"{path}/appeal/", {"words": "x"}), 409, "illegal_transition")
    assert [row["cover"] for row in buyer.get("restrictions/").json()["results"]] == [cover.pk]


def test_owner_colleague_stranger_and_scope(frozen):
    violation = violations.a_notified()
    audit = audits.a_notified(audits.an_audit(violation.appointment))
    claim = losses.a_notified(losses.a_draft(violations.a_confirmed(violation)))
    paths = [f"violations/{violation.pk}/", f"audits/{audit.pk}/", f"losses/{claim.pk}/"]
    for own in (a_caller(seller=violation.seller), a_caller(seller=violation.seller)):
        assert [own.get(path).status_code for path in paths] == [200] * 3
    buyer = violation.appointment.buyer
    for nobody in (a_caller(seller=a_seller()), a_caller(buyer=buyer), a_caller(buyer=UserFactory()), a_caller()):
        for path in paths:
            refused(nobody.get(path), 404, "not_found")
            refused(
                nobody.post(f"{path}answer/", {"words": "x", "contests": True} if "loss" in path else {"words": "x"}),
                404,
                "not_found",
            )
            assert nobody.get(f"{path.partition('/')[0]}/").json()["results"] == []
    clerk = a_caller("cases:read cases:write", seller=violation.seller)
    for path in paths:
        refused(clerk.get(path), 403, "insufficient_scope")
        refused(clerk.post(f"{path}answer/", {"words": "x"}), 403, "insufficient_scope")


def test_what_nobody_was_told_of_is_not_there(frozen):
    violation = violations.a_candidate()
    refused(a_caller(seller=violation.seller).get(f"violations/{violation.pk}/"), 404, "not_found")
