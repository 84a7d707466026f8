"""The pages that count: the sum of a limit with its pauses, and what the limits would be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.models import Deadline
from sellers.terms import Dimension, Promise
from tests.browser.page import looks_right
from tests.complaints.test_sums import away
from tests.factories import cases as make
from tests.factories import complaints, violations
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)

R0 = instant("2026-03-02T01:15:30Z")


@pytest.fixture
def standing():
    """Our clock alone stands: the browser and its driver need a process clock that runs."""
    with clock.standing_at(R0) as standing:
        yield standing


@pytest.fixture
def appointment(standing):
    """A request under a promise, with an accepted offer."""
    product = make.a_product()
    commit(product, Promise(Dimension.RESPONSE_HOURS, 24))
    cover = make.a_cover(product)
    cover.buyer.time_zone = "America/Sao_Paulo"
    cover.buyer.save()
    appointment = make.requested(cover, at=R0)
    make.accepted(make.offered(appointment, at=R0 + timedelta(hours=10)), at=R0 + timedelta(hours=72, minutes=44))
    standing.move_to(R0 + timedelta(days=4))
    return appointment


def address(appointment, clock, channel="portal"):
    pk = Deadline.objects.get(appointment=appointment, clock=clock).pk
    return f"/{channel}/cases/{appointment.case.reference}/limits/{pk}/"


def test_a_sum_with_pauses_and_one_with_a_promise(page, appointment):
    row = Deadline.objects.get(appointment=appointment, clock="confirmation")
    row.pauses.create(
        begins_at=R0 + timedelta(hours=60), ends_at=R0 + timedelta(hours=80), cause="platform_outage",
        evidence="Incident of 4 March", voided_at=R0 + timedelta(hours=90),
    )  # fmt: skip
    page.log_in(appointment.buyer)
    page.visit(f"/portal/cases/{appointment.case.reference}/")
    page.press(f"a[href$='{address(appointment, 'confirmation')}']")
    assert "(UTC-3)" in page.text
    assert "62:44:00 h" in page.text
    assert "24:00 of Thu 19 Mar 2026, Asia/Shanghai" in page.text
    looks_right(page)
    looks_right(page.visit(address(appointment, "response")))
    assert "better than the 48 hours of edition 1" in page.text


def test_a_sum_of_the_seller(page, appointment):
    page.log_in(make.seller_of(appointment).user)
    looks_right(page.visit(address(appointment, "buyer_silence", "dashboard")))


def test_what_the_limits_would_be(page, appointment):
    page.log_in(appointment.buyer)
    page.visit(f"/portal/cases/{appointment.case.reference}/")
    page.press(f"a[href$='/covers/{appointment.case.cover_id}/limits/']")
    looks_right(page)
    page.press("main .card-foot button")
    assert "Respond to the request" in page.text
    looks_right(page)


@pytest.mark.clause("3.2")
def test_from_a_violation_to_the_sum_of_its_hearing(page, standing):
    violation = violations.a_notified()
    limit = violation.deadlines.get()
    away(limit.due_at - timedelta(hours=2), limit.due_at - timedelta(hours=1))
    standing.move_to(limit.due_at)
    page.log_in(make.seller_of(violation.appointment).user)
    page.visit(f"/dashboard/judgement/violations/{violation.pk}/")
    page.press(f".countdown a[href$='/judgement/limits/{limit.pk}/']")
    assert "Outage of the platform" in page.text
    assert "rounded up to 24:00, once" in page.text
    looks_right(page)


@pytest.mark.clause("3.3")
def test_from_a_complaint_to_the_sums_of_its_limits(page, standing):
    complaint = complaints.filed()
    standing.move_to(complaints.FILED + timedelta(hours=1))
    page.log_in(complaint.buyer)
    page.visit(f"/portal/complaints/{complaint.reference}/")
    looks_right(page)
    page.press("a[href$='/limits/negotiation/']")
    assert "3 natural days" in page.text
    looks_right(page)
