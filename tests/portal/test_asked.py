"""What a complaint asks of its buyer stands on the first pages he sees, each request with its own button (3.3)."""

import pytest

from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import SupportFactory
from tests.factories.complaints import HOUR, NEGOTIATED
from tests.portal.test_complaints import text

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]
ASKED = NEGOTIATED + HOUR
HOMES = ("/portal/", "/portal/cases/")


@pytest.fixture
def complaint(frozen):
    escalated = file.escalated()
    frozen.move_to(ASKED + HOUR)
    return escalated


@pytest.fixture
def buyer(client, complaint):
    client.force_login(complaint.buyer)
    return client


def address(complaint, request):
    return f"/portal/complaints/{complaint.reference}/evidence/?request={request.pk}"


@pytest.mark.parametrize("home", HOMES)
def test_a_request_for_evidence_stands_on_the_buyers_first_pages_until_it_is_answered(buyer, complaint, home):
    assert "wait for you" not in text(buyer.get(home))
    request = file.asked(complaint, "buyer", at=ASKED)
    file.asked(complaint, "seller", at=ASKED)
    page = buyer.get(home)
    assert "Your complaints wait for you" in text(page)
    assert page.content.decode().count(f"complaints/{complaint.reference}/") == 2, (
        "his own request only, as link and as button"
    )
    assert address(complaint, request) in page.content.decode()
    assert "Show the call list." in text(page)
    assert f'data-due="{request.deadline.due_at.isoformat()}"' in page.content.decode()
    file.answered(request, by=make.buyer_of(complaint), at=ASKED + HOUR)
    assert "wait for you" not in text(buyer.get(home))


def test_the_list_of_complaints_tells_the_limits(buyer, complaint):
    request = file.asked(complaint, "buyer", at=ASKED)
    listed = buyer.get("/portal/complaints/").content.decode()
    assert f'data-due="{request.deadline.due_at.isoformat()}"' in listed


def test_an_objection_that_is_still_possible_stands_there_too(buyer, complaint):
    file.determined(complaint, at=ASKED)
    assert f"/portal/complaints/{complaint.reference}/object/" in buyer.get("/portal/").content.decode()


def test_of_two_requests_each_is_answered_by_its_own_button(buyer, complaint):
    first, second = file.asked(complaint, "buyer", at=ASKED), file.asked(complaint, "buyer", at=ASKED)
    for number, request in enumerate((first, second), start=1):
        request.question = f"Question number {number}"
        request.save()
    page = buyer.get(f"/portal/complaints/{complaint.reference}/")
    for request in (first, second):
        assert address(complaint, request) in page.content.decode()
        assert text(page).count(request.question) >= 2
    form = buyer.get(address(complaint, second))
    assert "Question number 2" in text(form)
    assert "Question number 1" not in text(form)
    typed = {"key": "k", "request": second.pk, "words": "The second one."}
    assert buyer.post(address(complaint, second), typed).status_code == 302
    assert complaint.evidence_requests.get(pk=second.pk).answer.body == "The second one."
    assert complaint.evidence_requests.get(pk=first.pk).answered_at is None


def test_staff_who_buy_for_themselves_are_asked_for_nobody_elses(client, complaint):
    file.asked(complaint, "buyer", at=ASKED)
    client.force_login(SupportFactory())
    assert "wait for you" not in text(client.get("/portal/"))
