"""Hearings, appeals and answers by the API, with a scope of their own."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta

import pytest

from tests.api.test_appointments import refused
from tests.factories import audits, losses, violations
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_seller, seller_of
from tests.factories.claims import a_restriction, an_auditor
from tests.factories.clearances import a_proposal, in_force
from tests.factories.sellers import SellerFactory
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
def test_what_the_system_found_is_told_in_the_words_of_the_page(client, frozen):
    violation = violations.a_notified()
    assert violation.finding == ""
    frozen.move_to(violations.NOTIFIED + HOUR)
    seller = a_caller(seller=violation.seller)
    [row] = seller.get("violations/").json()["results"]
    words = seller.get(f"violations/{violation.pk}/").json()["finding"]
    assert (
        words
        == row["finding"]
        == "“Respond to the request” was not done within its limit; it counted as refused from then on."
    )
    client.force_login(seller_of(violation).user)
    assert words in client.get(f"/dashboard/judgement/violations/{violation.pk}/").context["finding"]


@pytest.mark.clause("3.2")
def test_what_an_auditor_found_is_told_in_his_own_words(frozen):
    violation = violations.a_notified(violations.opened_by(an_auditor()))
    assert a_caller(seller=violation.seller).get(f"violations/{violation.pk}/").json()["finding"] == "No terms told."


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


@pytest.mark.clause("3.4")
def test_a_loss_with_its_bills_and_the_ledger(frozen):
    claim = losses.a_notified()
    seller, stranger = a_caller(seller=claim.seller), a_caller(seller=a_seller())
    told = seller.get(f"losses/{claim.pk}/").json()
    names = {each["id"]: (each["name"], each["content_type"]) for each in told["vouchers"]}
    assert [names[each["file"]] for each in told["items"]] == [
        ("bill 17.pdf", "application/pdf"),
        ("page.jpg", "image/jpeg"),
    ]
    path = f"losses/{claim.pk}/vouchers/{told['items'][0]['file']}/"
    bill = seller.get(path).json()
    assert (bill["name"], b64decode(bill["content"])) == ("bill 17.pdf", losses.A_PDF)
    for nobody in (stranger, a_caller(buyer=UserFactory()), a_caller()):
        refused(nobody.get(path), 404, "not_found")
    other = losses.a_notified()
    refused(a_caller(seller=other.seller).get(path), 404, "not_found")
    lines = seller.get("ledger/").json()["lines"]
    assert [(each["currency"], each["claimed"], each["paid_back"]) for each in lines] == [
        ("CNY", "1200.50", "0.00"),
        ("EUR", "80.00", "0.00"),
    ]
    assert stranger.get("ledger/").json() == {"lines": []}


@pytest.mark.clause("3.2")
def test_clearances_of_ones_own(frozen):
    seller = SellerFactory()
    clearance = in_force(seller, at=instant("2026-03-02T01:15:30Z"))
    mine, stranger = a_caller(seller=seller), a_caller(seller=SellerFactory())
    [listed] = mine.get("clearances/", state="in_force").json()["results"]
    assert (listed["id"], listed["bar_ends_at"]) == (clearance.pk, "2027-03-02T16:00:00.000000Z")
    told = mine.get(f"clearances/{clearance.pk}/").json()
    assert [each["id"] for each in told["violations"]] == [each.pk for each in clearance.violations.all()]
    assert stranger.get("clearances/").json()["results"] == []
    refused(stranger.get(f"clearances/{clearance.pk}/"), 404, "not_found")
    a_proposal(other := SellerFactory(), at=instant("2026-03-02T01:15:30Z"))
    assert a_caller(seller=other).get("clearances/").json()["results"] == []


@pytest.mark.clause("3.2")
def test_a_limit_of_the_judgement_that_has_just_passed_is_provisional(frozen):
    violation = violations.a_notified()
    seller = a_caller(seller=violation.seller)
    seen = []
    for at in (violations.HEARD, violations.HEARD + timedelta(seconds=1), violations.HEARD + timedelta(seconds=31)):
        frozen.move_to(at)
        [limit] = seller.get(f"violations/{violation.pk}/").json()["limits"]
        seen.append(limit["provisional"])
    assert seen == [False, True, False]
