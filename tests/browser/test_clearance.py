"""Clearance in the browser: proposed and approved by two auditors, read and appealed by the seller, undone by a third."""

from datetime import timedelta

import pytest

from sellers.models import Enrolment
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory
from tests.factories.violations import CONFIRMED, a_confirmed
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)
SUBMIT = ".submit-row input[type=submit]"


@pytest.fixture
def standing():
    with clock.standing_at(CONFIRMED + timedelta(hours=1)) as standing:
        yield standing


def state_of(seller):
    return Enrolment.objects.get(seller=seller).state


def test_from_two_signatures_to_a_seller_that_takes_part_again(page, standing):
    violation = a_confirmed()
    seller, owner = violation.seller, make.seller_of(violation).user
    EnrolmentFactory(seller=seller)
    applicant = EnrolmentFactory(seller=SellerFactory(enrolled=False, name="Sister of it"), state="applied")
    AffiliationFactory(seller=seller, affiliate=applicant.seller)
    first, second, third = AuditorFactory(), AuditorFactory(), AuditorFactory()

    page.log_in(first)
    looks_right(page.visit("/admin/complaints/clearance/propose/"))
    page.click(seller.name)
    looks_right(page)
    assert "Sister of it" in page.text
    page.write("reason", "Late, and nobody answered.")
    page.press(SUBMIT)
    page.find(".errornote")
    page.press("input[name=violations]")
    page.press(SUBMIT)
    assert "Another auditor has to approve it." in page.text
    looks_right(page)
    assert "Approve and clear" not in page.text
    assert state_of(seller) == "active"
    proposal = page.path

    page.log_in(second)
    looks_right(page.visit(proposal))
    page.click("Approve and clear")
    looks_right(page)
    page.write("reason", "I have read it all.")
    page.press(SUBMIT)
    page.find(".messagelist .success")
    assert state_of(seller) == "cleared"
    looks_right(page.visit("/admin/complaints/clearance/"))

    standing.move_by(timedelta(days=1))
    page.log_in(owner)
    looks_right(page.visit("/dashboard/programme/"))
    assert "Your clearance" in page.text
    assert "Late, and nobody answered." in page.text
    looks_right(page.visit("/dashboard/programme/run-off/"))
    page.visit("/dashboard/programme/")
    page.click(str(violation))
    page.write("words", "The mail server was away.")
    page.press("main .card-foot button[type=submit]")

    standing.move_by(timedelta(days=1))
    page.log_in(third)
    page.visit(f"/admin/complaints/violation/{violation.pk}/change/")
    page.click("Overturn")
    page.write("reason", "So it was.")
    page.press(SUBMIT)
    page.find(".messagelist .success")
    assert state_of(seller) == "active"
    looks_right(page.visit(proposal))
    assert "No violation that it cites still stands." in page.text

    page.log_in(owner)
    looks_right(page.visit("/dashboard/programme/"))
    assert "Your clearance" not in page.text


def test_an_auditor_keeps_the_graph(page, standing):
    AffiliationFactory()
    page.log_in(AuditorFactory())
    looks_right(page.visit("/admin/sellers/affiliation/"))
    looks_right(page.visit("/admin/sellers/affiliation/add/"))
