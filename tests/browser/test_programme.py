"""The programme in the browser: applied, screened, active, marked, the badge in a shop's page, left."""

from datetime import timedelta

import pytest

from sellers.models import Enrolment, MarkPeriod
from tests.browser.page import axe, keep_picture, looks_right
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Seat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("1.1"), pytest.mark.clause("4.3")]


def applied(page, owner):
    """Apply, once with a part left out."""
    page.log_in(owner).visit("/dashboard/programme/")
    page.click("Apply")
    looks_right(page)
    page.press('[name="service_types"][value="installation"]')
    page.press('[name="methods"][value="door"]')
    page.write("charging", "Free inside the cover; parts at list price.")
    page.write("contact_name", "Mei Lin")
    page.press('[name="is_agreed"]')
    page.press("form.card button[type=submit]")
    assert page.complaints()  # the answer 422 is told by the browser
    assert "This is needed." in page.text
    assert page.find('[name="contact_name"]').get_attribute("value") == "Mei Lin"
    page.write("places", "AE, DE Frankfurt")
    page.press("form.card button[type=submit]")
    page.find("#stated")
    looks_right(page)


def screened(page, enrolment):
    """Support reads what was stated beside what there is, and activates."""
    page.log_in(SupportFactory()).visit(f"/admin/sellers/enrolment/{enrolment.pk}/change/")
    assert "no engineer takes visits" in page.text
    looks_right(page)
    page.click("Activate")
    page.write("reason", "Spoken to on the phone; engineers follow.")
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")


def test_from_the_application_to_the_run_off(page):
    paid = clock.now() - timedelta(days=30)
    cover = make.a_cover(placed_at=paid, paid_at=paid)
    seller = cover.seller
    owner = make.a_member(seller, Seat.OWNER, name="Mei Lin")
    bare = make.a_product(seller, name="Bare unit", marked=False)
    applied(page, owner)
    screened(page, Enrolment.objects.get(seller=seller))

    page.log_in(owner).visit(f"/dashboard/products/{bare.pk}/mark/")
    looks_right(page)
    page.press("form.card button[type=submit]")
    page.find(".products, main")
    looks_right(page.visit("/dashboard/products/"))
    page.press("main section details summary")
    axe(page)
    assert page.overflow() <= 0
    keep_picture(page, "products-with-badge")
    assert MarkPeriod.objects.get(product=bare).ends_at is None

    badge = f"/marks/{seller.slug}/{bare.sku}/badge.svg"
    for address in (badge, f"{badge}?lang=zh"):
        page.visit(address)
        assert "Bare unit" in page.find("desc").get_attribute("textContent")
        keep_picture(page, f"badge-{address}")
        # A picture opened by itself has no page that would name an icon.
        assert not [each for each in page.complaints() if "favicon" not in each]
    page.visit(f"/dashboard/products/{bare.pk}/unmark/")
    looks_right(page)

    page.visit("/dashboard/programme/leave/")
    assert cover.order.number in page.text
    looks_right(page)
    page.write("reason", "We close.")
    page.press('[name="is_understood"]')
    page.press("form.card button[type=submit]")
    page.find("#standing")
    looks_right(page.visit("/dashboard/"))
    assert "what stays bound" in page.text
    assert cover.order.number in page.text
    # The browser may keep the answer for a minute under its own address.
    page.visit(f"{badge}?lang=en")
    assert "no longer valid" in page.find("title").get_attribute("textContent")
