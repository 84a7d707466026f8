"""The whole way in the browser: an audit, its finding, the violation, the clearance by two, the seller's appeal."""

from datetime import timedelta

import pytest

from complaints.models import Audit, Clearance, Violation
from sellers.models import Enrolment
from tests.browser.page import looks_right
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory
from tests.factories.sellers import EnrolmentFactory
from zestech_aftersales import clock
from zestech_aftersales.accounts.actors import Actor, Channel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("3.2")]
HOUR = timedelta(hours=1)
SUBMIT = ".submit-row input[type=submit]"


def taken(page, address, **words):
    """A step of the staff desk with what it asks for."""
    page.visit(f"/admin/complaints/{address}")
    for name, text in words.items():
        page.write(name, text)
    page.press(SUBMIT)
    page.find(".messagelist .success")


def answered(page, address, words):
    """What the seller says on the page of a judged thing."""
    page.visit(address)
    page.write("words", words)
    page.press("main form button[type=submit]")


def test_from_an_audit_to_a_clearance_and_its_appeal(page):
    with clock.standing_at(audit.NOTIFIED) as standing:
        first, second, third = AuditorFactory(), AuditorFactory(), AuditorFactory()
        seller = judged.unanswered().seller
        page.log_in(first).visit("/admin/complaints/audit/add/")
        page.write("seller", seller.slug)
        page.write("cause", "Buyers tell of silence.")
        page.press(SUBMIT)
        page.find(".messagelist .success")
        opened = Audit.objects.get()
        assert (opened.seller, opened.cause, opened.opened_by) == (seller, "Buyers tell of silence.", first)
        audit.looked_through(opened, by=Actor(channel=Channel.ADMIN, user=first), breaches=(), at=audit.NOTIFIED)
        silent = opened.items.get(question="answered")
        page.visit(f"/admin/complaints/audititem/steps/find/?thing={silent.pk}")
        page.press("input[name=verdict][value=breach]")
        page.write("note", "Nobody answered.")
        page.press(SUBMIT)
        page.find(".messagelist .success")
        owner = make.seller_of(opened).user
        case = opened.items.exclude(appointment=None).first().appointment.case
        EnrolmentFactory(seller=opened.seller)

        taken(page, f"audit/steps/notify/?thing={opened.pk}")
        page.log_in(owner)
        answered(page, f"/dashboard/judgement/audits/{opened.pk}/", "Our desk was closed.")
        standing.move_by(HOUR)
        page.log_in(first)
        taken(page, f"audit/steps/close-findings/?thing={opened.pk}", reason="A closed desk is no excuse.")
        assert Audit.objects.get().state == "findings"
        violation = Violation.objects.get()
        page.visit(f"/admin/complaints/violation/{violation.pk}/change/")
        assert "another auditor decides" in page.text

        page.log_in(second)
        taken(page, f"violation/steps/notify/?thing={violation.pk}", finding="Nobody answered for two days.")
        page.log_in(owner)
        looks_right(page.visit("/dashboard/"))
        answered(page, f"/dashboard/judgement/violations/{violation.pk}/", "It was a holiday.")
        standing.move_by(HOUR)
        page.log_in(second)
        taken(page, f"violation/steps/confirm/?thing={violation.pk}", reason="Holidays stop no limit.")

        page.visit("/admin/complaints/clearance/propose/")
        page.click(opened.seller.name)
        page.write("reason", "Nobody answers there.")
        page.press("input[name=violations]")
        page.press(SUBMIT)
        clearance = Clearance.objects.get()
        page.log_in(first)
        taken(page, f"clearance/steps/approve/?thing={clearance.pk}", reason="I have read it all.")
        assert Enrolment.objects.get().state == "cleared"

        page.log_in(case.buyer)
        looks_right(page.visit(f"/portal/cases/{case.reference}/"))
        # The seller's clearance takes nothing from him: his request, his cover and his complaint stand (4.3).
        for words in ("Deemed refused", "Covered until", "Complain", "Book again in this case"):
            assert words in page.text
        assert "Nobody answers there." not in page.text
        page.log_in(owner)
        looks_right(page.visit("/dashboard/programme/"))
        assert "Nobody answers there." in page.text
        answered(page, f"/dashboard/judgement/violations/{violation.pk}/", "The mail server was away.")
        standing.move_by(HOUR)
        page.log_in(third)
        taken(page, f"violation/steps/overturn/?thing={violation.pk}", reason="So it was.")
        page.log_in(owner)
        assert "Your clearance" not in page.visit("/dashboard/programme/").text
    clearance = Clearance.objects.get()
    assert (clearance.decision.proposer, clearance.decision.approver) == (second, first)
    assert (clearance.state, Enrolment.objects.get().state) == ("lifted", "active")
