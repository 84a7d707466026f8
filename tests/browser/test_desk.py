"""The staff desk in the browser: index, charts, lists, at both widths and in both themes."""

from datetime import timedelta

import pytest
from selenium.webdriver.support.select import Select

from cases.actions.offers import refuse
from cases.sweep import sweep_batch
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import AdministratorFactory, AuditorFactory, UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.desk.actions import save_filter

pytestmark = pytest.mark.django_db(transaction=True)

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(frozen, page):
    """An auditor's desk with something waiting and something to draw."""
    auditor = AuditorFactory()
    make.offered(make.requested(at=R0), at=R0 + HOUR)
    refused = make.requested(at=R0)
    refuse(refused, "No spare parts.", by=make.seller_of(refused), at=R0 + 2 * HOUR)
    make.requested(at=R0)
    claim.a_restriction(make.a_cover(), at=R0)
    by = Actor(channel=Channel.ADMIN, user=auditor)
    save_filter("cases.servicecase", name="Open ones", query="state__exact=open", by=by, at=R0)
    frozen.move_to(R0 + 60 * HOUR)
    sweep_batch(at=R0 + 60 * HOUR)
    return page.log_in(auditor)


def test_the_index_shows_what_waits_and_draws_figures(desk):
    desk.visit("/admin/")
    assert "waits for your role: auditor" in desk.text.lower()
    desk.click("The numbers as a table")
    looks_right(desk)


def test_a_number_leads_to_its_rows(desk):
    desk.visit("/admin/desk/figures/")
    looks_right(desk)
    desk.visit("/admin/desk/figures/")
    desk.click("The numbers as a table")
    desk.press("section.card table td a")
    assert "figure=answers" in desk.path
    assert len(desk.all("#result_list tbody tr")) == 1


def test_a_filter_is_saved_where_it_is_used(desk):
    desk.visit("/admin/cases/serviceappointment/?state__exact=requested")
    desk.write("name", "Untouched")
    desk.press(".desk-filters input[type=submit]")
    assert "Untouched" in desk.find(".desk-links").text
    looks_right(desk)
    desk.visit("/admin/desk/filters/")
    looks_right(desk)


def test_an_administrator_opens_a_reading_access(frozen, page):
    page.log_in(AdministratorFactory()).visit("/admin/desk/readingaccess/add/")
    looks_right(page)


def test_an_administrator_binds_people_to_a_seller(page):
    seller, person = make.a_seller(name="Harbour Audio"), UserFactory(email="new@example.com")
    page.log_in(AdministratorFactory())
    looks_right(page.visit("/admin/sellers/apiclient/add/"))
    looks_right(page.visit("/admin/sellers/engineer/add/"))
    looks_right(page.visit("/admin/sellers/membership/add/"))
    page.scripts(are_on=False).visit("/admin/sellers/membership/add/")
    Select(page.find("[name=seller]")).select_by_visible_text("Harbour Audio")
    page.write("user", "nobody@example.com")
    Select(page.find("[name=seat]")).select_by_value("staff")
    page.press("[name=_save]")
    assert "Nobody logs in with this e-mail address." in page.text
    page.write("user", "New@example.com ")
    page.press("[name=_save]")
    page.find(".messagelist .success")
    assert person.membership.seller == seller
    looks_right(page.scripts(are_on=True).visit(f"/admin/sellers/membership/{person.membership.pk}/change/"))
    assert page.find(".field-user .readonly").text == str(person)
