"""A buyer's way through the portal: booking, the offer, and the limit that passes."""

from datetime import timedelta

import pytest

from cases.models import ServiceAppointment
from cases.sweep import sweep_batch
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.instants import instant
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)

R0 = instant("2026-03-02T01:15:30Z")


def submit(page):
    """Press the button that goes on."""
    page.press("main .card-foot button")


@pytest.fixture
def standing():
    """Our clock alone stands: the browser and its driver need a process clock that runs."""
    with clock.standing_at(R0) as standing:
        yield standing


@pytest.fixture
def cover():
    cover = make.a_cover()
    make.a_point(cover.seller, city="Dubai")
    return cover


def test_booking_in_four_steps(page, standing, cover):
    page.log_in(cover.buyer)
    looks_right(page.visit("/portal/"))
    page.visit(f"/portal/book/?cover={cover.pk}")
    looks_right(page)
    submit(page)
    looks_right(page)
    submit(page)
    assert "There is a problem" in page.find(".error-summary").text
    assert "422" in page.complaints()[0]
    page.write("title", "No CAN-bus signal")
    page.write("description", "The steering-wheel buttons do nothing.")
    submit(page)
    looks_right(page)
    page.press("input[name=method][value=door]")
    page.write("address", "5 Palm Street")
    page.write("city", "Dubai")
    page.write("country", "AE")
    page.write("phone", "+971 4 000 0000")
    submit(page)
    looks_right(page)
    submit(page)
    appointment = ServiceAppointment.objects.get()
    assert appointment.case.reference in page.text
    assert "Time left for the seller’s reply" in page.text
    assert "Time left to confirm the appointment" in page.text
    looks_right(page)
    looks_right(page.visit("/portal/cases/"))


def test_a_buyer_accepts_an_offer(page, standing, cover):
    appointment = make.requested(cover, at=R0)
    make.offered(appointment, at=R0 + timedelta(hours=1))
    standing.move_to(R0 + timedelta(hours=2))
    page.log_in(appointment.buyer)
    looks_right(page.visit(f"/portal/cases/{appointment.case.reference}/"))
    page.press(f"a[href$='{appointment.case.reference}/accept/']")
    looks_right(page)
    page.press("input[name=window][value='1']")
    submit(page)
    assert "Waiting for the seller’s confirmation" in page.text
    assert make.fresh(appointment).state == "agreed"


def test_a_limit_passes_and_the_page_says_so(page, standing, cover):
    appointment = make.requested(cover, at=R0)
    page.log_in(appointment.buyer)
    standing.move_to(R0 + timedelta(hours=48, seconds=10))
    page.visit(f"/portal/cases/{appointment.case.reference}/")
    assert "being established" in page.text
    sweep_batch(at=R0 + timedelta(hours=49))
    standing.move_to(R0 + timedelta(hours=49))
    looks_right(page.visit(f"/portal/cases/{appointment.case.reference}/"))
    assert "Deemed refused" in page.text
    assert "Book again" in page.text
