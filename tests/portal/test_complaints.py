"""Complaints as a buyer sees them: when one can be filed, the test before filing, the proposals, what one can do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.actions.negotiation import text_hash
from complaints.models import Complaint, Proposal
from complaints.queries.late import kept_late
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import UserFactory
from tests.factories.complaints import BREACH, FILED, HOUR, MICROSECOND, NEGOTIATED, R0
from zestech_aftersales.timeline.models import Delivery
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]

OFFER = "A visit on Monday, free of charge."


@pytest.fixture
def unanswered(frozen):
    frozen.move_to(FILED)
    return file.unanswered()


@pytest.fixture
def complaint(unanswered, frozen):
    frozen.move_to(FILED + 2 * HOUR)
    return file.filed(unanswered)


@pytest.fixture
def buyer(client, unanswered):
    client.force_login(unanswered.buyer)
    return client


def page_of(complaint, *more):
    return "/".join(["/portal/complaints", complaint.reference, *more, ""])


def complain(appointment, breach=""):
    query = f"?breach={breach}" if breach else ""
    return f"/portal/cases/{appointment.case.reference}/complain/{query}"


def text(answer):
    return answer.content.decode()


def test_while_the_seller_still_has_time_the_page_says_from_when(client, frozen):
    appointment = make.requested(at=R0)
    client.force_login(appointment.buyer)
    case = text(client.get(f"/portal/cases/{appointment.case.reference}/"))
    assert "you can complain of that after" in case
    assert BREACH.isoformat() in case
    page = text(client.get(complain(appointment)))
    assert "A limit of the seller still runs" in page
    assert "the case itself shows no breach" in page


def test_the_breach_is_chosen_tested_and_filed(buyer, unanswered, frozen):
    frozen.move_to(FILED)
    chosen = text(buyer.get(complain(unanswered)))
    assert "would be accepted" in chosen
    assert f"?breach={file.fact_of(unanswered).replace('/', '%2F')}" in chosen
    url = complain(unanswered, file.fact_of(unanswered))
    form = text(buyer.get(url))
    assert form.count("holds") == 9
    assert not Complaint.objects.exists()
    again = buyer.post(url, {"statement": "", "remedy": "Send somebody.", "key": "a"})
    assert again.status_code == 422
    assert "Send somebody." in text(again)
    answer = buyer.post(url, {"statement": "Nobody came.", "remedy": "Send somebody.", "key": "b"})
    complaint = Complaint.objects.get()
    assert answer.headers["Location"] == page_of(complaint)
    page = text(buyer.get(page_of(complaint)))
    assert "Both sides try to settle it" in page
    assert "possible after" in page
    assert NEGOTIATED.isoformat() in page
    buyer.post(url, {"statement": "Nobody came.", "remedy": "Send somebody.", "key": "b"})
    assert Complaint.objects.count() == 1


def test_what_is_told_is_tested_before_it_is_filed(buyer, unanswered, frozen):
    frozen.move_to(FILED)
    told = {"clause": "", "breach_at": "2026-03-05T10:00", "statement": "The box was wet.", "key": "a"}
    url = complain(unanswered, "told")
    tested = text(buyer.post(url, told | {"check": "1"}))
    assert "It would not be accepted" in tested
    assert "open a dispute on the order in the shop" in tested
    assert "The box was wet." in tested
    assert not Complaint.objects.exists()
    to_come = buyer.post(url, told | {"clause": "2.3.3", "breach_at": "2027-03-05T10:00"})
    assert to_come.status_code == 422
    assert "Choose an instant that has passed." in text(to_come)
    rejected = text(buyer.post(url, told, follow=True))
    assert "Why it was not accepted, and where to go" in rejected
    assert "open a dispute on the order in the shop" in rejected


def test_a_breach_that_is_gone_meanwhile_loses_nothing_that_was_typed(buyer, unanswered, frozen):
    frozen.move_to(FILED)
    answer = buyer.post(complain(unanswered, "visit/999"), {"statement": "Nobody came.", "key": "a"})
    assert answer.status_code == 409
    assert "Nobody came." in text(answer)


@pytest.mark.clause("3.4")
def test_proposals_stand_side_by_side_and_the_same_text_settles(buyer, complaint, frozen):
    seller = make.seller_of(complaint)
    file.proposed(complaint, OFFER, by=seller)
    page = text(buyer.get(page_of(complaint)))
    assert OFFER in page
    accept = page_of(complaint, "accept")
    shown = text(buyer.get(f"{accept}?of=seller"))
    assert "settled for good" in shown
    assert text_hash(OFFER) in shown
    file.proposed(complaint, "Only on Tuesday.", by=seller, at=FILED + 2 * HOUR)
    changed = buyer.post(accept, {"of": "seller", "text_hash": text_hash(OFFER), "key": "a"})
    assert changed.status_code == 409
    assert "Only on Tuesday." in text(changed)
    assert text_hash("Only on Tuesday.") in text(changed)
    done = buyer.post(accept, {"of": "seller", "text_hash": text_hash("Only on Tuesday."), "key": "b"}, follow=True)
    assert "Settled" in text(done)
    assert make.fresh(complaint).state == "settled"


@pytest.mark.clause("3.4")
def test_two_tabs_and_a_double_click_put_one_proposal(buyer, complaint):
    for key, words in (("a", OFFER), ("a", OFFER), ("b", "Another."), ("b", "Another.")):
        buyer.post(page_of(complaint, "propose"), {"text": words, "key": key})
    assert [each.text for each in Proposal.objects.order_by("id")] == [OFFER, "Another."]
    assert "Another." in text(buyer.get(page_of(complaint, "propose")))


@pytest.mark.clause("3.4")
def test_a_step_that_is_too_early_leads_back_and_is_refused_with_its_date(buyer, complaint, frozen):
    step = page_of(complaint, "escalate")
    assert buyer.get(step).headers["Location"] == page_of(complaint)
    refused = buyer.post(step, {"key": "a"})
    assert refused.status_code == 409
    assert "negotiate first" in text(refused)
    frozen.move_to(NEGOTIATED + timedelta(seconds=1))
    assert buyer.get(step).status_code == 200
    buyer.post(step, {"key": "b"})
    assert make.fresh(complaint).state == "escalated"


def test_evidence_decision_and_objection_on_the_page(buyer, complaint, frozen):
    file.escalated(complaint)
    file.asked(complaint, "buyer", at=NEGOTIATED + HOUR)
    frozen.move_to(NEGOTIATED + 2 * HOUR)
    page = text(buyer.get(page_of(complaint)))
    assert "Asked of you" in page
    assert "Time left to give evidence" in page
    assert "Show the call list." in text(buyer.get(page_of(complaint, "evidence")))
    empty = buyer.post(page_of(complaint, "evidence"), {"request": complaint.evidence_requests.get().pk, "key": "a"})
    assert empty.status_code == 422
    told = {"request": complaint.evidence_requests.get().pk, "words": "Three calls.", "key": "b"}
    buyer.post(page_of(complaint, "evidence"), told)
    assert "Three calls." in text(buyer.get(page_of(complaint)))
    file.determined(complaint, at=NEGOTIATED + 3 * HOUR, liability="nobody", reason="Both were right.")
    frozen.move_to(NEGOTIATED + 4 * HOUR)
    decided = text(buyer.get(page_of(complaint)))
    assert "Nobody is liable" in decided
    assert "Both were right." in decided
    assert "Time left to object" in decided
    objection = {"text": "No.", "evidence": "A new call list.", "key": "c"}
    assert "Another officer" in text(buyer.post(page_of(complaint, "object"), objection, follow=True))
    file.reviewed(complaint, at=NEGOTIATED + 5 * HOUR)
    frozen.move_to(NEGOTIATED + 6 * HOUR)
    assert "Decision on the objection" in text(buyer.get(page_of(complaint)))


def test_what_came_late_is_kept_and_the_complaint_is_shown_so_that_nothing_is_sent_twice(buyer, complaint, frozen):
    request = file.asked(file.escalated(complaint), "buyer", at=NEGOTIATED + HOUR)
    frozen.move_to(request.deadline.due_at + MICROSECOND)
    told = {"request": request.pk, "words": "Three calls.", "key": "a"}
    for _click in range(2):
        answer = buyer.post(page_of(complaint, "evidence"), told)
        assert answer.headers["Location"] == page_of(complaint)
        assert "is kept as late" in text(buyer.get(page_of(complaint)))
    # Back in the browser: the words under the spent key are others, and the form that is shown can be sent.
    again = buyer.post(page_of(complaint, "evidence"), told | {"words": "Four calls."})
    assert (again.status_code, again.context["form"]["words"].value()) == (422, "Four calls.")
    assert "was already sent" in text(again)
    buyer.post(
        page_of(complaint, "evidence"), told | {"words": "Four calls.", "key": again.context["form"]["key"].value()}
    )
    assert [each.message.body for each in kept_late(complaint)] == ["Three calls.", "Four calls."]
    file.determined(complaint, at=request.deadline.due_at + HOUR, liability="nobody")
    frozen.move_to(request.deadline.due_at + timedelta(days=9))
    objection = {"text": "No.", "evidence": "A new call list.", "key": "o"}
    assert "is kept as late" in text(buyer.post(page_of(complaint, "object"), objection, follow=True))


def test_withdrawing(buyer, complaint):
    assert "without a decision" in text(buyer.get(page_of(complaint, "withdraw")))
    buyer.post(page_of(complaint, "withdraw"), {"reason": "It works.", "key": "a"})
    assert make.fresh(complaint).state == "withdrawn"


def test_strangers_see_nothing(client, complaint):
    urls = [page_of(complaint), page_of(complaint, "propose"), complain(complaint.appointment)]
    for stranger in (UserFactory(), make.seller_of(complaint).user, make.buyer_of(make.a_cover()).user):
        client.force_login(stranger)
        assert [client.get(url).status_code for url in urls] == [404, 404, 404]
        assert complaint.reference not in text(client.get("/portal/complaints/"))
    client.logout()
    assert client.get(page_of(complaint)).status_code == 302
    assert client.get("/portal/complaints/ZC-2025-000001/").status_code == 302


def test_the_list_is_searched_and_asks_the_same_number_of_questions(buyer, complaint, unanswered, frozen):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = text(buyer.get("/portal/complaints/"))
        return len(queries), page

    one, page = asked()
    assert complaint.reference in page
    for n in range(1, 3):
        file.filed(unanswered, at=FILED + HOUR, clause="2.3.3", breach_at=FILED - timedelta(days=n))
    three, page = asked()
    assert page.count("ZC-2026-") >= 3
    assert one == three
    assert complaint.reference in text(buyer.get(f"/portal/complaints/?q={complaint.reference}"))
    assert "No complaint fits" in text(buyer.get("/portal/complaints/?view=decided"))


def test_the_page_asks_the_same_number_of_questions_whatever_it_shows(buyer, complaint, frozen):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            buyer.get(page_of(complaint))
        return len(queries)

    file.escalated(complaint)
    file.asked(complaint, at=NEGOTIATED + HOUR)
    frozen.move_to(NEGOTIATED + 2 * HOUR)
    one = asked()
    for _n in range(2):
        file.asked(complaint, at=NEGOTIATED + 2 * HOUR)
    assert asked() == one


def test_the_other_side_is_told(complaint):
    seller = make.seller_of(complaint).user
    file.proposed(complaint, OFFER, by=make.buyer_of(complaint))
    while relay_batch(at=FILED + 2 * HOUR):
        pass
    told = Delivery.objects.filter(event__stream=complaint.subject, medium="in_app")
    assert {row.recipient for row in told.filter(event__kind="complaint.accepted")} == {complaint.buyer, seller}
    assert {row.recipient for row in told.filter(event__kind="complaint.proposed")} == {seller}
