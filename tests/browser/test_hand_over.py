"""Who looks after what, in the browser: assigned, handed over as a whole; and the case file with its internal notes."""

import pytest
from selenium.webdriver.support.select import Select

from complaints.models import Violation
from tests.browser.page import looks_right
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory, SupportFactory
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)
DESK = ".submit-row input[type=submit]"
NOTE = "The buyer has told this story three times."


@pytest.fixture(autouse=True)
def standing():
    with clock.standing_at(judged.SWEPT) as standing:
        yield standing


def test_a_violation_is_assigned_and_handed_over(page):
    violation = judged.a_candidate()
    leaving, staying = AuditorFactory(name="Leaving Auditor"), AuditorFactory(name="Staying Auditor")
    page.log_in(leaving)
    page.visit(f"/admin/complaints/violation/{violation.pk}/change/")
    page.click("Assign")
    looks_right(page)
    Select(page.find("[name=officer]")).select_by_visible_text("Leaving Auditor")
    page.write("reason", "Mine.")
    page.press(DESK)
    page.find(".messagelist .success")

    page.log_in(staying)
    page.visit("/admin/")
    page.click("Hand over what is assigned to somebody")
    looks_right(page)
    Select(page.find("[name=person]")).select_by_visible_text("Leaving Auditor")
    Select(page.find("[name=officer]")).select_by_visible_text("Staying Auditor")
    page.write("reason", "On leave.")
    page.press(DESK)
    assert str(violation) in page.text
    page.press("input[name=confirmed]")
    assert "Handed over" in page.text
    assert Violation.objects.get().officer == staying
    page.visit("/admin/")
    page.click("Violations assigned to me")
    assert len(page.all("#result_list tbody tr")) == 1


def test_the_case_file_has_it_all_and_the_buyer_reads_no_internal_note(page):
    violation = judged.a_candidate()
    case = violation.appointment.case
    page.log_in(SupportFactory())
    page.visit(f"/admin/cases/servicecase/{case.pk}/change/")
    page.click("Everything on one page")
    page.write("text", NOTE)
    page.press("#notes input[type=submit], #notes button")
    page.find(".messagelist .success")
    assert NOTE in page.text
    assert "Service requested" in page.find("section[aria-labelledby=head-history]").text
    looks_right(page)
    looks_right(page.visit(f"/admin/cases/servicecase/{case.pk}/pack/"))

    page.log_in(case.buyer)
    page.visit(f"/portal/cases/{case.reference}/")
    assert NOTE not in page.text
    page.click("PDF and evidence")
    looks_right(page)
    assert NOTE not in page.text
