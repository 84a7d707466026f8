"""The judgement's pages of staff, seller and buyer in the browser: in both widths and themes, without a fault."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.actions import losses
from complaints.models import Audit
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory
from tests.factories.clearances import a_violation
from tests.factories.complaints import HOUR, NEGOTIATED
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory
from zestech_aftersales import clock
from zestech_aftersales.dashboard.judgement.sections import SHOWN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def standing():
    with clock.standing_at(lost.DRAFTED) as standing:
        yield standing


def desk(thing):
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def step(thing, name):
    return f"/admin/{thing._meta.app_label}/{thing._meta.model_name}/steps/{name}/?thing={thing.pk}"


def test_losses_at_the_desk(page, standing):
    drafter, settler = lost.of_finance(), claim.an_auditor()
    found = losses.put_up(lost.a_draft(by=drafter), reason="Look.", by=drafter, at=lost.DRAFTED)
    losses.approve(found, reason="Yes.", by=claim.an_auditor(), at=lost.DRAFTED)
    losses.answer(found, "Not ours.", contests=True, by=make.seller_of(found), at=lost.DRAFTED + HOUR)
    standing.move_to(lost.DRAFTED + 2 * HOUR)
    page.log_in(drafter.user)
    looks_right(page.visit(desk(found)))
    assert "somebody else settles" in page.text
    page.log_in(settler.user)
    looks_right(page.visit(step(found, "adjust")))
    page.write(f"amount_{found.items.get(currency='CNY').pk}", "200.50")
    page.write("reason", "Half of it.")
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")
    assert "200.50 CNY" in page.text


def test_what_is_owed_back_and_the_ledger(page, standing):
    found = lost.a_final()
    losses.recover(found, reason="Receipt 5", by=lost.of_finance(), at=lost.DRAFTED + 5 * HOUR)
    judged.an_overturned(judged.an_appealed(found.violation))
    lost.a_notified(lost.a_draft(judged.a_confirmed(), lost.ATTORNEY))
    standing.move_to(judged.APPEALED + timedelta(days=2))
    page.log_in(lost.of_finance().user)
    looks_right(page.visit(step(found, "pay-back")))
    page.driver.execute_script("document.querySelector('[name=paid_on]').value = arguments[0]", "2026-03-27")
    page.write("reference", "Transfer 77")
    page.press(".submit-row input[type=submit]")
    page.find(".messagelist .success")
    looks_right(page.visit("/admin/complaints/lossclaim/"))
    page.click("Ledger of losses")
    looks_right(page)
    page.click(found.seller.name)
    looks_right(page)
    assert "Transfer 77" in page.text
    page.log_in(make.seller_of(found).user)
    looks_right(page.visit(f"/dashboard/judgement/losses/{found.pk}/"))
    assert "paid back to you" in page.text


def test_screening_and_a_violation(page, standing):
    applicant, near = SellerFactory(enrolled=False), SellerFactory()
    AffiliationFactory(seller=applicant, affiliate=near)
    application = EnrolmentFactory(seller=applicant, state="applied", applied_at=lost.DRAFTED)
    Audit.objects.create(seller=applicant, part="cause", opened_at=lost.DRAFTED)
    a_violation(near, at=lost.DRAFTED)
    page.log_in(AuditorFactory())
    looks_right(page.visit(desk(application)))
    assert near.name in page.text
    looks_right(page.visit(desk(lost.a_draft().violation)))


def test_the_sellers_one_queue(page, standing):
    violation = judged.a_notified()
    for _n in range(SHOWN + 1):
        a_violation(violation.seller, at=judged.R0)
    due = violation.deadlines.get().due_at
    for apart in (-HOUR, HOUR):
        make.requested(make.a_cover(make.a_product(violation.seller)), at=due - timedelta(hours=48) + apart)
    standing.move_to(due - timedelta(hours=3))
    page.log_in(make.seller_of(violation).user)
    looks_right(page.visit("/dashboard/"))
    assert page.text.index("to be heard on") > 0
    looks_right(page.visit("/dashboard/judgement/"))
    page.click("All: Violations")
    looks_right(page)
    page.click("Older")
    assert "page=2" in page.path


def test_what_a_complaint_asks_of_its_buyer(page, standing):
    complaint = file.escalated()
    for _n in range(2):
        file.asked(complaint, "buyer", at=NEGOTIATED + HOUR)
    standing.move_to(NEGOTIATED + 2 * HOUR)
    page.log_in(complaint.buyer)
    looks_right(page.visit("/portal/"))
    looks_right(page.visit("/portal/cases/"))
    looks_right(page.visit("/portal/complaints/"))
    looks_right(page.visit(f"/portal/complaints/{complaint.reference}/"))
    page.click("Answer the request for evidence")
    looks_right(page)
