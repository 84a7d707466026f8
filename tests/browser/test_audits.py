"""An audit in the browser: looked through by the auditor, answered by the seller, closed with its findings."""

import pytest

from complaints.models import Audit
from tests.browser.page import looks_right
from tests.factories import audits as audit
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("3.2")]


def found(page, item, verdict, note=""):
    page.visit(f"/admin/complaints/audititem/steps/find/?thing={item.pk}")
    page.press(f"input[name=verdict][value={verdict}]")
    page.write("note", note)
    page.press(".submit-row input[type=submit]")


def test_one_audit_to_its_findings(frozen, page):
    auditor = claim.an_auditor()
    opened = audit.an_audit(by=auditor)
    owner = make.seller_of(opened).user
    lines = {item.question: item for item in opened.items.all()}
    audit.looked_through(opened, by=auditor, breaches=())
    frozen.move_to(audit.NOTIFIED)
    page.log_in(auditor.user).visit(f"/admin/complaints/audititem/{lines['answered'].pk}/change/")
    assert "the timeline holds its hash" in page.text
    looks_right(page)
    found(page, lines["answered"], "breach", "The request of 2 March was answered by nobody.")
    page.visit(f"/admin/complaints/audit/{opened.pk}/change/")
    assert "5 of 5, breaches: 1" in page.text
    looks_right(page)
    page.visit(f"/admin/complaints/audit/steps/notify/?thing={opened.pk}")
    assert "is heard as long as the rules give him" in page.text
    looks_right(page)
    page.visit(f"/admin/complaints/audit/steps/notify/?thing={opened.pk}")
    page.press(".submit-row input[type=submit]")

    page.log_in(owner).visit(f"/dashboard/judgement/audits/{opened.pk}/")
    assert "Provisional findings" in page.text
    assert "answered by nobody" in page.text
    looks_right(page)
    page.visit("/dashboard/judgement/")
    looks_right(page)
    page.visit(f"/dashboard/judgement/audits/{opened.pk}/")
    page.write("words", "Our desk was closed for the holidays.")
    page.press("form.card button[type=submit]")
    assert "Our desk was closed" in page.text

    page.log_in(auditor.user).visit(f"/admin/complaints/audit/steps/close-findings/?thing={opened.pk}")
    page.write("reason", "Holidays stop no limit.")
    page.press(".submit-row input[type=submit]")
    assert "is done" in page.find(".messagelist .success").text
    assert Audit.objects.get().state == "findings"

    page.log_in(owner).visit(f"/dashboard/judgement/audits/{opened.pk}/")
    assert "Holidays stop no limit." in page.text
    looks_right(page)


def test_a_sample_can_be_read_on_a_phone(frozen, page):
    judged.unanswered()
    sample = audit.a_sample()
    frozen.move_to(audit.DRAWN)
    page.log_in(claim.an_auditor().user).visit(f"/admin/complaints/auditdraw/{sample.pk}/change/")
    assert "the same sellers are drawn" in page.text
    looks_right(page)
    page.visit("/admin/complaints/audit/")
    looks_right(page)
    page.visit("/admin/complaints/audit/add/")
    looks_right(page)
