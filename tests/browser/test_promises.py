"""A promise in a conversation and a longer limit, walked by buyer and seller."""

from datetime import timedelta

import pytest

from cases.actions.messages import write
from cases.models import ChatPromise, Deadline
from tests.browser.page import axe, looks_right
from tests.browser.test_dashboard import covered
from tests.browser.test_visits import told
from tests.factories import cases as make
from zestech_aftersales import clock

pytestmark = pytest.mark.clause("2.3.3")
WORDS = "For you we reply within 24 hours, and the warranty is two years."


@pytest.fixture
def appointment():
    return make.requested(covered(), at=clock.now() - timedelta(hours=2))


def test_the_buyer_reports_a_promise_and_the_seller_stands_by_it(page, appointment):
    message = write(appointment.case, WORDS, by=make.seller_of(appointment), at=clock.now())
    case = f"cases/{appointment.case.reference}/"
    page.log_in(appointment.buyer).visit(f"/portal/{case}").click("This is a promise")
    told(page, "Filled in as the system reads the words.")
    looks_right(page.wide(1280))
    page.click("Record the promise")
    told(page, "The promise is recorded.")
    axe(page)
    assert "reported as a promise by the buyer" in page.text
    page.driver.delete_all_cookies()
    page.log_in(make.seller_of(appointment).user).visit(f"/dashboard/{case}").click("This is a promise")
    told(page, "You confirm your own word.")
    page.click("Record the promise")
    told(page, "The promise is recorded.")
    assert [each.commitment.state for each in ChatPromise.objects.order_by("id")] == ["recorded", "binding"]
    for path in (
        "commitments/",
        "commitments/?view=recorded",
        f"commitments/{ChatPromise.objects.last().commitment_id}/",
    ):
        looks_right(page.visit(f"/dashboard/{path}"))
    page.driver.delete_all_cookies()
    page.log_in(appointment.buyer)
    looks_right(page.visit(f"/portal/covers/{appointment.case.cover_id}/promises/"))
    page.click("the message")
    assert page.path.endswith(f"#message-{message.pk}")


def test_a_longer_limit_is_asked_for_and_accepted(page, appointment):
    case = f"cases/{appointment.case.reference}/"
    page.log_in(make.seller_of(appointment).user).visit(f"/dashboard/{case}").click("Ask for a longer limit")
    page.write("amount", "72")
    page.write("reason", "The part comes on Thursday.")
    axe(page)
    page.click("Ask the buyer")
    told(page, "The buyer is asked for a longer limit.")
    page.driver.delete_all_cookies()
    page.log_in(appointment.buyer).visit(f"/portal/{case}")
    looks_right(page)
    page.click("Accept the longer limit")
    told(page, "This cannot be taken back")
    looks_right(page.wide(1280))
    page.click("Accept it")
    told(page, "The longer limit holds for this request.")
    row = Deadline.objects.get(appointment=appointment, clock="response")
    assert (row.amount, row.agreed_from) == (72, 48)
    looks_right(page.visit(f"/portal/{case}limits/{row.pk}/"))
    assert "instead of 48 hours" in page.text
