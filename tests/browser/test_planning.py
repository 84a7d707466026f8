"""Planning in the browser: an engineer's day off, and a held time that runs out while the buyer decides."""

from datetime import timedelta

import pytest
from django.conf import settings
from selenium.webdriver.support.select import Select

from cases.models import ServiceAppointment
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories.visits import R0
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "main form .btn-primary"


@pytest.fixture
def standing():
    with clock.standing_at(R0) as standing:
        yield standing


def test_an_engineer_with_a_day_off_is_not_planned(page, standing):
    appointment = make.requested(at=R0)
    engineer = make.an_engineer(appointment.seller, name="Amira")
    make.an_engineer(appointment.seller, name="Badr")
    make.accepted(make.offered(appointment, at=R0), at=R0)  # the first window: 5 March
    page.log_in(make.seller_of(appointment).user)
    looks_right(page.visit(f"/dashboard/engineers/{engineer.pk}/"))
    page.write("days_off", "2026-03-05")
    page.press(SEND)
    looks_right(page.visit(f"/dashboard/cases/{appointment.case.reference}/confirm/"))
    choice = Select(page.find("[name=engineer]"))
    amira = next(each.text for each in choice.options if each.text.startswith("Amira"))
    assert "has a day off" in amira
    items = {
        "service_period": "until the cover ends", "number_of_services": "no limit", "service_scope": "all of it",
        "charging_standard": "free",
    }  # fmt: skip
    for name, words in items.items():
        page.write(name, words)
    choice.select_by_visible_text(amira)
    page.press(SEND)
    assert "has a day off then" in page.find(".error-summary").text
    page.complaints()
    assert page.find("[name=service_scope]").get_attribute("value") == "all of it"
    Select(page.find("[name=engineer]")).select_by_visible_text("Badr")
    page.press(SEND)
    assert make.fresh(appointment).visits.get().engineer.name == "Badr"


def test_a_held_time_runs_out_and_is_somebody_elses(page, standing):
    cover = make.a_cover()
    point = make.a_point(cover.seller, city="Dubai")
    page.log_in(cover.buyer)
    page.visit(f"/portal/book/?cover={cover.pk}")
    page.press("main .card-foot button")
    page.write("title", "No CAN-bus signal")
    page.write("description", "The buttons do nothing.")
    page.press("main .card-foot button")
    page.press("input[name=method][value=point]")
    assert not page.find("[name=address]").is_displayed(), "an address is asked for the door alone"
    page.press(".slot")
    chosen = page.find("input[name=place]:checked").get_attribute("value")
    page.press("main .card-foot button")
    assert "Held for you until" in page.text

    standing.move_by(timedelta(minutes=settings.SLOT_HOLD_MINUTES, seconds=1))
    looks_right(page)
    assert "no longer held for you" in page.text
    other = make.a_cover(make.a_product(cover.seller))
    slot = next(iter(point.slots_between(R0, R0 + timedelta(days=2))))
    assert chosen == f"{point.pk}@{slot.starts_at.isoformat()}"
    make.requested(other, at=standing.instant, method="point", point=point, slot_starts_at=slot.starts_at)
    page.press("main .card-foot button")
    assert "There is a problem" in page.find(".error-summary").text
    page.complaints()
    assert ServiceAppointment.objects.count() == 1
    page.click("Choose a time")
    page.press(".slot")
    page.press("main .card-foot button")
    page.press("main .card-foot button")
    assert "Your request is received." in page.text
