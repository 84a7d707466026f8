"""A complaint in the browser: filed, negotiated, handed over, answered, determined, objected to and reviewed."""

from datetime import timedelta

import pytest

from complaints.models import Complaint
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.accounts import SupportFactory
from tests.factories.complaints import FILED, HOUR, MICROSECOND, NEGOTIATED
from zestech_aftersales import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("3.3")]
SEND = "main form .btn-primary"
DESK = ".submit-row input[type=submit]"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def standing():
    with clock.standing_at(FILED) as standing:
        yield standing


def test_what_is_not_accepted_says_why_and_where_to_go(page, standing):
    rejected = file.filed(file.unanswered(protection="bank_transfer"))
    page.log_in(rejected.buyer)
    looks_right(page.visit(f"/portal/complaints/{rejected.reference}/"))
    looks_right(page.visit(f"/portal/cases/{rejected.case.reference}/complain/?breach=told"))


def ruled(page, officer, complaint, step, liability, reason):
    """A decision of support, with the clause that was not kept."""
    page.log_in(officer)
    page.visit(f"/admin/complaints/complaint/{complaint.pk}/change/")
    page.click(step)
    looks_right(page)
    page.press(f"input[name=liability][value={liability}]")
    page.press("input[name=clauses][value='2.3.1']")
    page.write("reason", reason)
    page.press(DESK)
    page.find(".messagelist .success")


@pytest.mark.clause("3.4")
@pytest.mark.clause("4.2")
def test_from_filing_to_the_review(page, standing):
    appointment = file.unanswered()
    buyer, owner = appointment.buyer, make.seller_of(appointment).user
    first, second = SupportFactory(), SupportFactory()

    page.log_in(buyer)
    page.visit(f"/portal/cases/{appointment.case.reference}/")
    page.press("#complaints a.btn")
    looks_right(page)
    page.click("Complain of this")
    looks_right(page)
    page.press(SEND)
    assert "There is a problem" in page.find(".error-summary").text
    page.complaints()
    page.write("statement", "Nobody ever answered.")
    page.write("remedy", "Send somebody.")
    page.press(SEND)
    complaint = Complaint.objects.get()
    assert page.path == f"/portal/complaints/{complaint.reference}/"
    page.click("Make a proposal")
    looks_right(page)
    page.write("text", "An engineer comes within a week.")
    page.press(SEND)

    standing.move_by(HOUR)
    page.log_in(owner)
    looks_right(page.visit("/dashboard/judgement/complaints/"))
    page.click("Nobody ever answered.")
    page.click("Make a proposal")
    page.write("text", "Bring it to our point.")
    page.press(SEND)
    looks_right(page)
    assert "An engineer comes within a week." in page.text

    standing.move_to(NEGOTIATED + MICROSECOND)
    page.log_in(buyer)
    looks_right(page.visit(f"/portal/complaints/{complaint.reference}/"))
    page.click("Hand it to the platform")
    page.press(SEND)
    assert Complaint.objects.get().state == "escalated"

    page.log_in(first)
    looks_right(page.visit("/admin/complaints/complaint/"))
    looks_right(page.visit(f"/admin/complaints/complaint/{complaint.pk}/change/"))
    page.click("Ask for evidence")
    page.write("question", "Show the list of your calls.")
    page.press(DESK)
    page.find(".messagelist .success")

    standing.move_by(HOUR)
    page.log_in(owner)
    page.visit(f"/dashboard/judgement/complaints/{complaint.reference}/")
    page.click("Answer the request for evidence")
    looks_right(page)
    assert "Show the list of your calls." in page.text
    page.write("words", "We called twice.")
    page.press(SEND)

    standing.move_by(HOUR)
    ruled(page, first, complaint, "Determine", "seller", "Nothing shows a call within the limit.")
    page.log_in(owner)
    looks_right(page.visit(f"/dashboard/judgement/complaints/{complaint.reference}/"))
    assert "Nothing shows a call within the limit." in page.text
    page.click("Object to the decision")
    page.write("text", "It was settled on the telephone.")
    page.write("evidence", "The bill of our telephone company.")
    page.press("main form .btn-danger")
    assert Complaint.objects.get().state == "objected"

    standing.move_by(timedelta(days=1))
    ruled(page, second, complaint, "Decide on the objection", "shared", "Both sides could have called once more.")
    page.log_in(buyer)
    looks_right(page.visit(f"/portal/complaints/{complaint.reference}/"))
    assert "Both sides could have called once more." in page.text
    decisions = [(each.liability, each.decided_by) for each in Complaint.objects.get().determinations.order_by("id")]
    assert decisions == [("seller", first), ("shared", second)]
