"""A seller's own promise made, replaced and ended; a flagged offer with its indicators, walked in the browser."""

from datetime import timedelta
from decimal import Decimal

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from cases.actions.confirm import confirm
from cases.actions.disclose import disclose
from cases.actions.rulings import flag, rule_on_offer
from sellers.models import SellerCommitment
from sellers.terms import Dimension, Promise
from tests.browser.page import looks_right
from tests.browser.test_dashboard import covered
from tests.browser.test_visits import told
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.sellers import commit
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("2.3.3")]
HOUR = timedelta(hours=1)
WORDS = "We reply within 24 hours, in holidays within 72 hours."


def test_a_promise_is_made_replaced_and_ended(page):
    product = make.a_product()
    page.log_in(make.a_member(product.seller)).visit("/dashboard/commitments/").click("Make a promise")
    looks_right(page)
    page.wide(1280).write("statement", WORDS)
    page.press('button[name="read"]')
    told(page, "Filled in as the system reads the words.")
    Select(page.driver.find_element(By.NAME, "product")).select_by_visible_text(str(product))
    page.press('main form .card-foot button[type="submit"]')
    told(page, "The promise is recorded and judged.")
    assert SellerCommitment.objects.get().state == "split"
    looks_right(page)
    page.wide(1280).click("Replace it")
    told(page, "It replaces")
    looks_right(page)
    page.wide(1280).write("statement", "We reply within 36 hours.")
    Select(page.driver.find_element(By.NAME, "what_1")).select_by_value("response_hours")
    page.write("value_1", "36")
    page.press('main form .card-foot button[type="submit"]')
    told(page, "Replaced by" if page.path.endswith("/1/") else "It replaces")
    page.click("End it")
    looks_right(page)
    page.wide(1280).write("reason", "The desk is too small.")
    page.press('main form .card-foot button[type="submit"]')
    told(page, "The promise has ended.")
    looks_right(page.visit("/dashboard/commitments/?view=ended"))
    support = SupportFactory()
    page.driver.delete_all_cookies()
    page.log_in(support).visit(f"/admin/sellers/seller/{product.seller_id}/change/")
    looks_right(page)
    page.click("Record a promise")
    looks_right(page)


@pytest.mark.clause("2.3.1")
def test_a_flagged_offer_is_read_with_its_indicators(page):
    at = clock.now() - 6 * HOUR
    product = make.a_product()
    commit(product, Promise(Dimension.CHARGE, "free"), begins_at=at - timedelta(days=60))
    appointment = make.requested(covered(product), at=at)
    offer = make.offered(
        appointment, at=at + HOUR, plan="Please send the unit to our factory.", windows=make.far_off(at),
        price_amount=Decimal("20.00"), price_currency="USD", price_terms="20 USD for the journey",
    )  # fmt: skip
    flag(offer, "I am to send it to China and pay.", by=make.buyer_of(appointment), at=at + 2 * HOUR)
    auditor = AuditorFactory()
    page.log_in(auditor).visit(f"/admin/cases/offer/{offer.pk}/change/")
    looks_right(page)
    for words in ("I am to send it to China and pay.", "found", "The seller has promised that the service is free."):
        assert words in page.text
    page.driver.delete_all_cookies()
    case = f"cases/{appointment.case.reference}/"
    looks_right(page.log_in(appointment.buyer).visit(f"/portal/{case}"))
    assert "Outside the promise:" in page.text
    by = Actor(channel=Channel.ADMIN, user=auditor)
    rule_on_offer(make.fresh(offer), is_reasonable=False, reason="Local service is owed.", by=by, at=at + 3 * HOUR)
    page.driver.delete_all_cookies()
    page.log_in(make.seller_of(appointment).user)
    looks_right(page.visit(f"/dashboard/{case}"))
    assert "Local service is owed." in page.text


@pytest.mark.clause("3.1")
def test_service_terms_raised_after_the_confirmation_are_shown_as_such(page):
    at = clock.now() - 6 * HOUR
    appointment = make.requested(covered(), at=at)
    seller = make.seller_of(appointment)
    make.accepted(make.offered(appointment, at=at + HOUR), at=at + 2 * HOUR)
    confirmed = confirm(appointment, items=make.ALL_ITEMS, by=seller, at=at + 3 * HOUR)
    dearer = type(make.ALL_ITEMS)("a year", "two", "repair", "at cost", Decimal("90.00"), "USD")
    disclose(confirmed, dearer, by=seller, at=at + 4 * HOUR)
    page.log_in(appointment.buyer).visit(f"/portal/cases/{appointment.case.reference}/")
    looks_right(page)
    assert "Version 2 was told after the confirmation." in page.text
