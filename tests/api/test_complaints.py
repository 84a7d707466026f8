"""Complaints over the API: read by both sides, filed, negotiated and escalated by the buyer's clients."""

import pytest

from complaints.actions.negotiation import text_hash
from complaints.models import Complaint
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.complaints import FILED, HOUR, NEGOTIATED

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3"), pytest.mark.clause("3.4")]


@pytest.fixture
def unanswered(frozen):
    frozen.move_to(FILED)
    return file.unanswered()


def test_a_buyers_client_files_negotiates_and_escalates(unanswered, frozen):
    buyer = a_caller(buyer=unanswered.buyer)
    address = f"cases/{unanswered.case.reference}/complaints/"
    told = {"breach": file.fact_of(unanswered), "statement": "Nobody answered."}
    made = [buyer.post(address, told, key="once") for _click in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    complaint = Complaint.objects.get()
    body = made[1].json()
    assert (body["reference"], body["state"], body["clause"]) == (complaint.reference, "negotiating", "2.3.1")
    assert [item["passed"] for item in body["acceptance"]] == [True] * 9
    assert body["limits"][0]["clock"] == "auto_escalation"
    file.proposed(complaint, "Monday.", by=make.seller_of(complaint), at=FILED)
    wrong = buyer.post(f"complaints/{complaint.reference}/accept/", {"of": "seller", "text_hash": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "proposal_changed")
    assert wrong.json()["context"]["text_hash"] == text_hash("Monday.")
    early = buyer.post(f"complaints/{complaint.reference}/escalate/")
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    frozen.move_to(NEGOTIATED + HOUR)
    assert buyer.post(f"complaints/{complaint.reference}/escalate/").json()["state"] == "escalated"
    assert buyer.post(f"complaints/{complaint.reference}/propose/", {"text": "Monday."}).json()["state"] == "settled"


def test_what_is_not_accepted_is_answered_with_its_reasons(frozen):
    frozen.move_to(FILED)
    appointment = file.unanswered(protection="card")
    buyer = a_caller(buyer=appointment.buyer)
    told = {"breach": file.fact_of(appointment), "statement": "Nobody answered."}
    answer = buyer.post(f"cases/{appointment.case.reference}/complaints/", told)
    assert (answer.status_code, answer.json()["state"]) == (201, "rejected")
    (failed,) = [item for item in answer.json()["acceptance"] if not item["passed"]]
    assert failed["code"] == "not_trade_assurance"
    assert failed["pointer"]
    unsaid = buyer.post(f"cases/{appointment.case.reference}/complaints/", {"breach": told["breach"]})
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "statement_required")


def test_who_reads_and_who_acts(unanswered):
    complaint = file.filed(unanswered)
    address = f"complaints/{complaint.reference}/"
    seller, stranger = a_caller(seller=complaint.seller), a_caller(buyer=UserFactory())
    other = a_caller(seller=make.a_cover().seller)
    assert seller.get(address).json()["statement"] == "Nobody ever answered."
    assert [row["reference"] for row in seller.get("complaints/").json()["results"]] == [complaint.reference]
    for step in ("escalate/", "withdraw/"):
        assert seller.post(f"{address}{step}").status_code == 403
    for nobody in (stranger, other):
        assert nobody.get(address).status_code == 404
        assert nobody.get("complaints/").json()["results"] == []
        assert nobody.post(f"{address}withdraw/").status_code == 404
        assert nobody.post(f"{address}evidence/", {"request": 1, "words": "x"}).status_code == 404
        assert nobody.post(f"{address}object/", {"text": "x", "evidence": "x"}).status_code == 404
    buyer = a_caller(buyer=complaint.buyer)
    assert buyer.post(f"{address}withdraw/", {"reason": "It works."}).json()["state"] == "withdrawn"
    assert buyer.get("complaints/", state="withdrawn", case=complaint.case.reference).json()["results"]


def test_the_sellers_client_negotiates_as_his_people_do(unanswered, frozen):
    complaint = file.filed(unanswered)
    seller, buyer = a_caller(seller=complaint.seller), a_caller(buyer=complaint.buyer)
    address = f"complaints/{complaint.reference}/"
    for _click in range(2):
        put = seller.post(f"{address}propose/", {"text": "Monday."}, key="p")
        assert (put.status_code, [each["side"] for each in put.json()["proposals"]]) == (200, ["seller"])
    assert complaint.proposals.get().author is None
    settled = buyer.post(f"{address}accept/", {"of": "seller", "text_hash": text_hash("Monday.")})
    assert settled.json()["state"] == "settled"


def test_both_sides_answer_a_request_for_evidence(unanswered, frozen):
    complaint = file.escalated(file.filed(unanswered))
    seller, buyer = a_caller(seller=complaint.seller), a_caller(buyer=complaint.buyer)
    frozen.move_to(NEGOTIATED + HOUR)
    asked = file.asked(complaint, at=NEGOTIATED + HOUR)
    address = f"complaints/{complaint.reference}/evidence/"
    [told] = seller.get(f"complaints/{complaint.reference}/").json()["evidence_requests"]
    assert (told["id"], told["side"], told["question"]) == (asked.pk, "seller", "Show the call list.")
    assert buyer.post(address, {"request": asked.pk, "words": "Not mine."}).status_code == 403
    empty = seller.post(address, {"request": asked.pk})
    assert (empty.status_code, empty.json()["code"]) == (422, "evidence_required")
    given = seller.post(address, {"request": asked.pk, "words": "Here it is."})
    [told] = given.json()["evidence_requests"]
    messages = buyer.get(f"cases/{complaint.case.reference}/").json()["messages"]
    assert [each["body"] for each in messages if each["id"] == told["answer"]] == ["Here it is."]
    again = seller.post(address, {"request": asked.pk, "words": "More."})
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_either_side_objects_once(frozen, side):
    complaint = file.determined()
    caller = a_caller(**{side: getattr(complaint, side)})
    frozen.move_to(NEGOTIATED + 2 * HOUR)
    address = f"complaints/{complaint.reference}/object/"
    for body, code in (({}, "objection_required"), ({"text": "No."}, "evidence_required")):
        answer = caller.post(address, body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    told = {"text": "No.", "evidence": "The mail of 3 March."}
    assert [caller.post(address, told, key="o").json()["state"] for _click in range(2)] == ["objected"] * 2
    answer = caller.post(address, told)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_objected")
