"""A seller's day in the browser: from the queue to the completed visit."""

from datetime import timedelta

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.support.wait import WebDriverWait

from cases.models import Offer, ServiceAppointment
from tests.browser.page import PATIENCE, axe, looks_right
from tests.factories import cases as make
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Seat


def covered(product=None):
    """A line paid a month ago by the real clock, which the live server reads."""
    paid = clock.now() - timedelta(days=30)
    return make.a_cover(product, placed_at=paid, paid_at=paid)


@pytest.fixture
def appointment():
    """A request that came in an hour ago."""
    return make.requested(covered(), at=clock.now() - timedelta(hours=1))


@pytest.fixture
def owner(appointment):
    # A long name is cut short in the head of the page; it pushes nothing out of the window.
    return make.a_member(appointment.seller, Seat.OWNER, name="Konstantina Papadopoulou-Featherstonehaugh")


def local(at):
    return at.strftime("%Y-%m-%dT%H:%M")


def fill(page, name, value):
    """Set a date and time as the control keeps it; its keyboard differs from country to country."""
    page.driver.execute_script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        page.find(f'[name="{name}"]'),
        value,
    )


def told(page, words):
    """Wait until the page that a click leads to says this."""
    wait = WebDriverWait(page.driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
    wait.until(lambda _driver: words in page.text, f"{words!r} is not on {page.path}")


def test_from_the_queue_to_the_completed_visit(page, appointment, owner):
    engineer = make.an_engineer(appointment.seller, name="Amira Haddad")
    page.log_in(owner).visit("/dashboard/")
    assert "47 h" in page.find("[data-queue]").text or "46 h" in page.find("[data-queue]").text
    page.find("body").send_keys("j")
    assert page.driver.switch_to.active_element.text == appointment.case.title
    page.click("Reply")
    told(page, "An effective response has")
    axe(page)
    assert len(page.all(".need-met")) == 3
    begins = clock.now() + timedelta(hours=6)  # near enough to check in before
    fill(page, "starts_at_1", local(begins))
    fill(page, "ends_at_1", local(begins + timedelta(hours=2)))
    page.write("contact_name", "Service desk")
    page.write("price_terms", "free of charge")
    assert len(page.all(".need-met")) == 6
    page.click("Send the offer")
    told(page, "The offer is with the buyer.")
    make.accepted(Offer.objects.get(), at=clock.now())
    page.visit("/dashboard/?view=confirm")
    page.press(".table-cards .btn-primary")
    told(page, "All four are required")
    axe(page)
    page.find(f'[name="engineer"] option[value="{engineer.pk}"]').click()
    for name in ("service_period", "number_of_services", "service_scope"):
        page.write(name, "as told")
    page.press("main form button[type=submit]")
    told(page, "There is a problem")
    assert page.find('[name="service_scope"]').get_attribute("value") == "as told"
    axe(page)
    page.write("charging_standard", "free of charge")
    page.press("main form button[type=submit]")
    told(page, "The visit is confirmed.")
    assert "5 Palm Street" in page.text
    page.driver.delete_all_cookies()
    page.log_in(engineer.user).visit("/dashboard/")
    assert "5 Palm Street" in page.text
    page.click("Check in")
    told(page, "The service begins now.")
    axe(page)
    page.click("Check in now")
    told(page, "Checked in.")
    page.click("Complete the visit")
    told(page, "The buyer sees your report")
    page.write("report", "Replaced the harness.")
    page.click("Save the report")
    told(page, "The report is saved.")
    axe(page)
    assert ServiceAppointment.objects.get().state == "completed"


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/calendar/", "/dashboard/products/", "/dashboard/points/",
                                  "/dashboard/points/add/", "/dashboard/engineers/", "/dashboard/programme/"])  # fmt: skip
def test_a_page_of_the_seller_looks_right(page, appointment, owner, path):
    remote = make.requested(covered(appointment.case.cover.line.product), at=clock.now(), method="remote")
    make.accepted(make.offered(remote, at=clock.now()), at=clock.now())
    make.a_point(appointment.seller)
    make.an_engineer(appointment.seller)

    looks_right(page.log_in(owner).visit(path))
