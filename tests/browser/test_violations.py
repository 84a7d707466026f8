"""A violation in the browser: notified by an auditor, answered, confirmed by another, appealed, overturned by a third."""

from datetime import timedelta

import pytest

from complaints.models import Violation
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory
from zestech_aftersales import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("3.2")]

HOUR = timedelta(hours=1)


def taken(page, violation, button, reason):
    """A step of the staff desk with its reason."""
    page.visit(f"/admin/complaints/violation/{violation.pk}/change/")
    page.click(button)
    looks_right(page)
    page.write(*reason)
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")


def test_a_hearing_and_an_appeal(page):
    with clock.standing_at(judged.NOTIFIED) as standing:
        violation = judged.a_candidate()
        owner = make.seller_of(violation).user
        page.log_in(AuditorFactory())
        looks_right(page.visit("/admin/complaints/violation/"))
        looks_right(page.visit(f"/admin/complaints/violation/{violation.pk}/change/"))
        assert "found by the system: any auditor decides" in page.text
        taken(page, violation, "Notify the seller", ("finding", "Nobody answered for two days."))

        page.log_in(owner)
        looks_right(page.visit("/dashboard/"))
        assert "to be heard on" in page.text
        looks_right(page.visit("/dashboard/judgement/"))
        page.click("Missed limit")
        looks_right(page)
        page.press("main form .btn-primary")
        assert "There is a problem" in page.find(".error-summary").text
        assert "422" in page.complaints()[0]
        page.write("words", "Our desk was closed.")
        page.press("main form .btn-primary")
        assert "Your words are with the auditors." in page.text

        standing.move_to(judged.NOTIFIED + HOUR)
        page.log_in(AuditorFactory())
        taken(page, violation, "Confirm", ("reason", "A closed desk is no excuse."))

        page.log_in(owner)
        looks_right(page.visit(f"/dashboard/judgement/violations/{violation.pk}/"))
        assert "A closed desk is no excuse." in page.text
        page.write("words", "It was a public holiday.")
        page.press("main form .btn-primary")
        assert Violation.objects.get().state == "appealed"

        standing.move_to(judged.NOTIFIED + 2 * HOUR)
        page.log_in(AuditorFactory())
        taken(page, violation, "Overturn on appeal", ("reason", "So it was."))
        looks_right(page.visit(f"/admin/complaints/violation/{violation.pk}/history/"))

        page.log_in(owner)
        looks_right(page.visit(f"/dashboard/judgement/violations/{violation.pk}/"))
        assert "Overturned" in page.text
    assert Violation.objects.get().state == "overturned"
