"""At the desk in the browser: a complaint filed for a buyer, a loss drafted with its bill, and the seller who reads it."""

import pytest

from complaints.models import Complaint, LossClaim
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import FinanceFactory, SupportFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_support_files_a_complaint_for_a_buyer(frozen, page):
    appointment = file.unanswered()
    frozen.move_to(file.FILED)
    page.log_in(SupportFactory())
    page.visit(f"/admin/cases/servicecase/{appointment.case_id}/file/")
    page.click("File a complaint for the buyer")
    looks_right(page)
    page.press("input[name=breach]")
    page.write("remedy", "A visit this week.")
    page.press("input[type=submit].default")
    assert "Please correct what is marked below." in page.text
    assert page.find("[name=remedy]").get_attribute("value") == "A visit this week."
    page.write("statement", "He called: nobody came.")
    page.press("input[type=submit].default")
    assert "is taken up" in page.text
    assert Complaint.objects.get().state == "negotiating"


def test_finance_drafts_a_loss_with_its_bill_and_the_seller_reads_it(frozen, page, tmp_path):
    violation = judged.a_confirmed()
    bill = tmp_path / "bill.pdf"
    bill.write_bytes(lost.A_PDF)
    frozen.move_to(lost.DRAFTED)
    page.log_in(FinanceFactory())
    page.visit(f"/admin/complaints/violation/steps/claim-loss/?thing={violation.pk}")
    looks_right(page)
    for name, typed in (("amount_1", "12.50"), ("currency_1", "CNY"), ("voucher_1", "17"), ("note_1", "Advice"), ("reason", "The refusal.")):  # fmt: skip
        page.write(name, typed)
    page.find("[name=file_1]").send_keys(str(bill))
    page.press("input[type=submit].default")
    claim = LossClaim.objects.get()
    assert claim.items.get().file.name == "bill.pdf"
    lost.a_notified(claim)
    page.log_in(make.seller_of(claim).user)
    page.visit(f"/dashboard/judgement/losses/{claim.pk}/")
    assert "bill.pdf" in page.text
    looks_right(page)
