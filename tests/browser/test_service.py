"""Parts, visit, report with a photo and sign-off; and a shipment: walked by seller, engineer and buyer."""

from datetime import timedelta

import pytest

from cases.models import ServiceAppointment, Shipment, Visit
from tests.browser.page import axe, keep_picture, looks_right
from tests.browser.test_dashboard import covered
from tests.browser.test_visits import told
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.service import picture
from zestech_aftersales import clock

pytestmark = pytest.mark.clause("2.1.1")


@pytest.fixture
def visit(settings, tmp_path):
    """A confirmed visit that is near, by the real clock that the live server reads."""
    settings.MEDIA_ROOT = tmp_path / "media"
    visit, at = make_visit.planned(at=clock.now(), cover=covered()), clock.now()
    Visit.objects.filter(pk=visit.pk).update(starts_at=at, ends_at=at + timedelta(hours=2))
    return make.fresh(visit)


def come_as(page, user, path):
    page.driver.delete_all_cookies()
    return page.log_in(user).visit(path)


def test_from_the_parts_to_the_sign_off(page, visit, tmp_path):
    case = visit.appointment.case.reference
    buyer, engineer = visit.appointment.buyer, visit.engineer.user
    photo = tmp_path / "harness.png"
    photo.write_bytes(picture((800, 600)))
    come_as(page, make.seller_of(visit.appointment).user, f"/dashboard/cases/{case}/").click("Parts for the visit")
    axe(page)
    page.write("name_1", "CAN harness")
    page.write("amount_1", "49.00")
    page.find('[name="paid_by_1"]').send_keys("buyer")
    page.write("currency", "USD")
    keep_picture(page, "parts-typed")
    page.click("Tell the buyer")
    told(page, "The parts are with the buyer.")
    come_as(page, buyer, f"/portal/cases/{case}/")
    assert "charge not in the service terms" in page.text
    come_as(page, engineer, f"/dashboard/cases/{case}/").click("Check in")
    page.click("Check in now")
    told(page, "Checked in.")
    page.visit(f"/dashboard/cases/{case}/complete/")
    axe(page)
    page.write("report", "Harness replaced, all buttons work.")
    page.find('[name="result"]').send_keys("the fault is remedied")
    page.find('[name="photos"]').send_keys(str(photo))
    keep_picture(page, "report-typed")
    page.click("Save the report")
    told(page, "The report is saved.")
    come_as(page, buyer, f"/portal/cases/{case}/sign_off/")
    for words in ("Harness replaced, all buttons work.", "the fault is remedied", "CAN harness", "charge not told"):
        assert words in page.text
    assert page.run("return document.querySelector('.photos img').naturalWidth") == 800
    looks_right(page)
    page.press('button.btn-primary[type="submit"]')
    told(page, "The service is signed off.")
    assert ServiceAppointment.objects.get().case.state == "closed"
    looks_right(page)


def test_a_shipment_from_the_announcement_to_the_receipt(page, visit):
    case = visit.appointment.case.reference
    come_as(page, make.seller_of(visit.appointment).user, f"/dashboard/cases/{case}/").click("Announce a shipment")
    axe(page)
    page.write("contents", "1 CAN harness ZT-H1")
    page.click("Announce it")
    told(page, "The shipment is announced.")
    page.click("It is on its way")
    axe(page)
    page.write("carrier", "Post")
    page.write("tracking_number", "RR123456789CN")
    page.write("tracking_url", "http://post.example/1")
    page.press('button.btn-primary[type="submit"]')
    assert "Give a link that begins with https://." in page.text
    page.complaints()  # the browser notes the 422 of the refused link
    page.write("tracking_url", "https://post.example/1")
    page.press('button.btn-primary[type="submit"]')
    told(page, "The buyer can follow the shipment.")
    come_as(page, visit.appointment.buyer, f"/portal/cases/{case}/")
    assert page.find('a[href="https://post.example/1"]').is_displayed()
    looks_right(page)
    page.click("It has come")
    axe(page)
    page.press('button.btn-primary[type="submit"]')
    told(page, "Receipt confirmed.")
    assert Shipment.objects.get().state == "received"
