"""Complaints at the staff desk: support walks one to its review, nobody else has the buttons, precedents stand beside it."""

import pytest

from cases.actions.offers import offer
from complaints.actions.negotiation import text_hash
from complaints.models import Complaint, Determination
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.complaints import HOUR, NEGOTIATED

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.2")]

RULING = {"liability": "seller", "reason": "Nobody answered.", "clauses": ["2.3.1"], "topics": ["late_answer"]}


@pytest.fixture
def complaint(frozen):
    escalated = file.escalated()
    frozen.move_to(NEGOTIATED + HOUR)
    return escalated


@pytest.fixture
def desk(client, complaint):
    officer = SupportFactory()
    client.force_login(officer)
    client.officer = officer
    return client


def step(name, complaint):
    return f"/admin/complaints/complaint/steps/{name}/?thing={complaint.pk}"


def page(complaint):
    return f"/admin/complaints/complaint/{complaint.pk}/change/"


def state(complaint):
    return Complaint.objects.get(pk=complaint.pk).state


def test_support_takes_on_asks_proposes_and_determines(desk, complaint):
    desk.post(step("take", complaint), {"reason": "My turn."})
    assert Complaint.objects.get().officer == desk.officer
    desk.post(step("propose", complaint), {"text": "A visit on Monday."})
    assert complaint.proposals.get().side == "platform"
    desk.post(step("ask", complaint), {"side": "seller", "question": "Show the calls."})
    assert state(complaint) == "evidence"
    desk.post(step("determine", complaint), RULING)
    assert state(complaint) == "evidence"
    request = complaint.evidence_requests.get()
    file.answered(request, by=make.seller_of(complaint), at=NEGOTIATED + HOUR)
    desk.post(step("determine", complaint), RULING)
    made = Determination.objects.get()
    assert (made.decided_by, made.clauses, made.topics) == (desk.officer, ["2.3.1"], ["late_answer"])
    file.objected(complaint, by=make.buyer_of(complaint), at=NEGOTIATED + HOUR)
    desk.post(step("review", complaint), RULING | {"liability": "nobody"})
    assert state(complaint) == "objected"
    desk.force_login(SupportFactory())
    desk.post(step("review", complaint), RULING | {"liability": "nobody"})
    assert state(complaint) == "reviewed"
    shown = desk.get(page(complaint)).content.decode()
    assert "Show the calls." in shown
    assert "Here it is." in shown
    history = desk.get(f"/admin/complaints/complaint/{complaint.pk}/history/").content.decode()
    assert "Objection decided" in history


def test_auditors_look_and_have_no_buttons(client, complaint):
    client.force_login(AuditorFactory())
    assert "/steps/" not in client.get(page(complaint)).content.decode()
    assert client.post(step("determine", complaint), RULING).status_code == 403
    assert state(complaint) == "escalated"


def test_the_list_is_searched_and_similar_decisions_stand_beside(desk, complaint):
    file.determined(complaint, reason="Late by two days.")
    other = file.escalated()
    shown = desk.get(page(other)).content.decode()
    assert "Late by two days." in shown
    found = desk.get(f"/admin/complaints/complaint/?q={other.reference}").content.decode()
    assert other.reference in found
    assert complaint.reference not in found
    decisions = "/admin/complaints/determination/"
    for query in ("clause=2.3.1", "topic=late_answer", "q=two+days", "liability__exact=seller", "standing=1"):
        assert complaint.reference in desk.get(f"{decisions}?{query}").content.decode()
    for query in ("clause=3.1", "topic=parts", "q=weather", "liability__exact=nobody"):
        assert complaint.reference not in desk.get(f"{decisions}?{query}").content.decode()


def test_the_officer_reads_that_the_breach_was_taken_back_meanwhile(desk, complaint):
    words = "the case shows this breach no longer"
    assert words not in desk.get(page(complaint)).content.decode()
    in_time = file.BREACH
    offer(complaint.appointment, make.offer_terms(in_time), by=make.seller_of(complaint), at=in_time)
    assert words in desk.get(page(complaint)).content.decode()


def test_a_form_that_is_sent_twice_asks_once(desk, complaint):
    asks = {"side": "seller", "question": "Show the calls.", "key": "one-form"}
    for _time in range(2):
        assert desk.post(step("ask", complaint), asks).status_code == 302
    assert complaint.evidence_requests.count() == 1
    assert 'name="key"' in desk.get(step("ask", complaint)).content.decode()


def test_the_same_proposal_again_keeps_who_has_accepted_it(desk, frozen):
    complaint = file.filed()
    for _time in range(2):
        desk.post(step("propose", complaint), {"text": "A visit on Monday."})
        file.accepted(complaint, "platform", text_hash("A visit on Monday."), by=make.buyer_of(complaint))
    assert complaint.proposals.count() == 1
    file.accepted(complaint, "platform", text_hash("A visit on Monday."), by=make.seller_of(complaint))
    assert state(complaint) == "settled"


def test_a_decision_tells_its_clauses_and_topics_in_words(desk, complaint):
    file.determined(complaint, clauses=["2.3.1", "2.3.4"])
    told = desk.get(page(complaint)).content.decode()
    assert "2.3.1, 2.3.4" in told
    assert "late or no answer" in told
    assert "late_answer" not in told
