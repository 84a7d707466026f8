"""A loss in the browser: drafted by finance, approved by an auditor, contested and lowered; or met with silence."""

from datetime import timedelta

import pytest

from complaints.models import LossClaim
from complaints.sweep import sweep
from tests.browser.page import looks_right
from tests.factories import cases as make
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AuditorFactory, FinanceFactory
from tests.factories.service import picture
from zestech_aftersales import clock

pytestmark = pytest.mark.django_db(transaction=True)
DESK = ".submit-row input[type=submit]"


@pytest.fixture
def standing():
    with clock.standing_at(lost.DRAFTED) as standing:
        yield standing


def taken(page, claim, step, **typed):
    """A step of the staff desk."""
    page.visit(f"/admin/complaints/lossclaim/{claim.pk}/change/")
    page.click(step)
    for name, words in typed.items():
        page.write(name, words)
    page.press(DESK)
    page.find(".messagelist .success")


def test_from_the_draft_to_what_is_owed(page, standing, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    violation = judged.a_confirmed()
    owner, finance, auditor = make.seller_of(violation).user, FinanceFactory(), AuditorFactory()

    page.log_in(finance)
    page.visit(f"/admin/complaints/violation/{violation.pk}/change/")
    page.click("Claim a loss")
    looks_right(page)
    typed = {"amount_1": "1200.50", "currency_1": "cny", "note_1": "Advice on the complaint", "reason": "Refused."}
    for name, words in typed.items():
        page.write(name, words)
    page.press(DESK)
    page.find(".errorlist")
    page.complaints()
    assert page.find("[name=reason]").get_attribute("value") == "Refused."
    bill = tmp_path / "bill.png"
    bill.write_bytes(picture())
    page.write("voucher_1", "Bill 17")
    page.find("[name=file_1]").send_keys(str(bill))
    page.press(DESK)
    page.find(".messagelist .success")
    claim = LossClaim.objects.get()
    taken(page, claim, "Put up for approval", reason="Please look.")
    looks_right(page)
    assert "“Approve and notify the seller” is not for you" in page.text
    assert not page.all('.object-tools a[href*="steps/approve/"]')

    page.log_in(auditor)
    taken(page, claim, "Approve and notify the seller", reason="So it is.")

    page.log_in(owner)
    page.visit("/dashboard/judgement/")
    page.click("1200.50 CNY")
    looks_right(page)
    assert "Advice on the complaint" in page.text
    page.press("input[name=decision][value=contest]")
    page.write("words", "The bill is not ours.")
    page.press("main form .btn-primary")
    assert "contested" in page.text

    page.log_in(AuditorFactory())
    taken(page, claim, "Lower it", percent="50", reason="Half of it was another matter.")
    taken(page, claim, "Make it final", reason="As lowered.")
    looks_right(page)
    page.log_in(finance)
    taken(page, claim, "Note the payment", reason="Receipt 3.")
    assert LossClaim.objects.get().state == "recovered"
    page.log_in(owner)
    looks_right(page.visit(f"/dashboard/judgement/losses/{claim.pk}/"))
    assert "Half of it was another matter." in page.text


def test_silence_counts_as_not_contested(page, standing):
    claim = lost.a_notified()
    page.log_in(make.seller_of(claim).user)
    standing.move_to(lost.ANSWER_DUE + timedelta(hours=1))
    sweep(at=lost.ANSWER_DUE + timedelta(hours=1))
    page.visit(f"/dashboard/judgement/losses/{claim.pk}/")
    assert "Not contested" in page.text
    assert not page.all("input[name=decision]")
