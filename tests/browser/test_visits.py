"""A visit that did not take place, walked by buyer and seller: the report, the new date, the service, the sign-off."""

from datetime import timedelta

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from cases.actions.visits import check_in
from cases.models import ServiceAppointment, Visit
from tests.browser.page import PATIENCE, axe, looks_right
from tests.browser.test_dashboard import covered, fill, local
from tests.factories import cases as make
from tests.factories import visits as make_visit
from zestech_aftersales import clock


@pytest.fixture
def visit():
    """A visit whose window ended an hour ago, by the real clock that the live server reads."""
    at = clock.now()
    visit = make_visit.planned(at=at - timedelta(days=4), cover=covered())
    Visit.objects.filter(pk=visit.pk).update(starts_at=at - timedelta(hours=3), ends_at=at - timedelta(hours=1))
    return make.fresh(visit)


def told(page, words):
    """Wait until the page that a click leads to says so."""
    WebDriverWait(page.driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda _driver: words in page.text
    )


@pytest.mark.clause("2.3.1")
def test_nobody_came_and_a_new_date_is_agreed_on(page, visit):
    case = visit.appointment.case.reference
    buyer, seller = visit.appointment.buyer, make.seller_of(visit.appointment).user
    page.log_in(buyer).visit(f"/portal/cases/{case}/").click("Nobody came")
    axe(page)
    page.write("evidence", "I waited from nine to twelve.")
    page.click("Report it")
    told(page, "The seller must offer a new date in time.")
    assert "Waiting for a new date" in page.text
    axe(page)
    page.driver.delete_all_cookies()
    page.log_in(seller).visit("/dashboard/").click("Offer a new date")
    axe(page)
    begins = clock.now() + timedelta(days=2)
    fill(page, "starts_at_1", local(begins))
    fill(page, "ends_at_1", local(begins + timedelta(hours=2)))
    page.click("Propose it")
    told(page, "The date is proposed.")
    page.driver.delete_all_cookies()
    page.log_in(buyer).visit(f"/portal/cases/{case}/").click("Accept the proposed date")
    axe(page)
    page.click("Accept it")
    told(page, "The other side knows that this time suits you.")
    assert [each.state for each in Visit.objects.order_by("number")] == ["seller_no_show", "planned"]
    Visit.objects.filter(number=2).update(starts_at=clock.now())
    make_visit.done(Visit.objects.get(number=2), at=clock.now())
    page.visit(f"/portal/cases/{case}/").click("Sign off the service")
    axe(page)
    page.click("Sign it off")
    told(page, "The service is signed off.")
    axe(page)
    page.visit("/portal/cases/?view=closed")
    axe(page)
    assert case in page.text
    assert ServiceAppointment.objects.get().case.state == "closed"


@pytest.mark.clause("2.2.1")
def test_another_engineer_is_sent(page):
    at = clock.now()
    visit = make_visit.planned(at=at - timedelta(hours=1), cover=covered())
    seller = visit.appointment.seller
    make.an_engineer(seller, name="Amira Haddad")
    make.an_engineer(seller, name="Basil Nouri", areas=["DE"])
    case = visit.appointment.case.reference
    page.log_in(make.seller_of(visit.appointment).user)
    page.visit(f"/dashboard/cases/{case}/another_engineer/")
    looks_right(page)
    page.wide(1280).visit(f"/dashboard/cases/{case}/").click("Send another engineer")
    told(page, "no limit moves")
    assert "Basil Nouri – does not go there" in page.text
    page.write("reason", "He cannot come.")
    page.click("Send this engineer")
    told(page, "Choose the engineer who comes instead")
    axe(page)
    assert page.find('[name="reason"]').get_property("value") == "He cannot come."
    Select(page.find('[name="engineer"]')).select_by_visible_text("Amira Haddad")
    page.click("Send this engineer")
    told(page, "The buyer is told who comes.")
    page.driver.delete_all_cookies()
    page.log_in(visit.appointment.buyer).wide(390).visit(f"/portal/cases/{case}/")
    assert "Amira Haddad" in page.text
    assert "Somebody else comes to the visit" in page.text
    assert page.overflow() <= 0
    axe(page)


@pytest.mark.clause("2.3.1")
def test_an_agreed_date_is_moved_and_names_who_comes(page):
    at = clock.now()
    appointment = make.requested(covered(), at=at - timedelta(hours=2))
    make.accepted(make.offered(appointment, at=at - timedelta(hours=1)), at=at)
    make.an_engineer(appointment.seller, name="Amira Haddad")
    case = appointment.case.reference
    page.log_in(make.seller_of(appointment).user).visit(f"/dashboard/cases/{case}/").click("Propose another date")
    looks_right(page)
    page.wide(1280)
    begins = clock.now() + timedelta(days=4)
    fill(page, "starts_at_1", local(begins))
    fill(page, "ends_at_1", local(begins + timedelta(hours=2)))
    Select(page.find('[name="engineer"]')).select_by_visible_text("Amira Haddad")
    page.click("Propose it")
    told(page, "The date is proposed.")
    page.driver.delete_all_cookies()
    page.log_in(appointment.buyer).visit(f"/portal/cases/{case}/")
    assert "Amira Haddad" in page.text
    looks_right(page)
    page.wide(1280).visit(f"/portal/cases/{case}/").click("Accept the proposed date")
    page.click("Accept it")
    told(page, "The other side knows that this time suits you.")
    assert "the seller has not confirmed yet" in page.text
    axe(page)
    page.driver.delete_all_cookies()
    page.log_in(make.seller_of(appointment).user).visit(f"/dashboard/cases/{case}/confirm/")
    assert Select(page.find('[name="engineer"]')).first_selected_option.text == "Amira Haddad"
    axe(page)


@pytest.mark.clause("2.3.1")
def test_work_that_was_broken_off_is_reported(page, visit):
    case, at = visit.appointment.case.reference, clock.now()
    check_in(visit, by=make.seller_of(visit.appointment), at=at - timedelta(hours=1))
    page.log_in(visit.appointment.buyer).visit(f"/portal/cases/{case}/").click("The work was broken off")
    looks_right(page)
    page.wide(1280)
    page.write("evidence", "He had the wrong part and left.")
    page.click("Report it")
    told(page, "The seller must offer a new date in time.")
    looks_right(page)


@pytest.mark.clause("2.3.2")
def test_a_visit_without_a_time_says_so(page):
    at = clock.now()
    appointment = make.requested(covered(), at=at, method="remote")
    step = {"windows": [], "next_step": "We call you.", "next_step_at": at + timedelta(days=1)}
    make.accepted(make.offered(appointment, at=at, **step), at=at)
    page.log_in(appointment.buyer).visit(f"/portal/cases/{appointment.case.reference}/")
    assert "Time to be agreed" in page.text
    assert "Waiting for a new date" in page.text
    looks_right(page)
