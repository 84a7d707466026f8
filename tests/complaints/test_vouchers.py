"""Each head of a loss has the file of its bill: kept safely, read by finance, auditors and the seller heard (3.4)."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.actions import losses
from complaints.losses import Head
from complaints.models import LossClaim, LossItem, Voucher
from complaints.vouchers import NotAVoucher, safe_voucher
from sellers.models import Seller
from tests.factories import losses as lost
from tests.factories import violations as judged
from tests.factories.accounts import AdministratorFactory, AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import MembershipFactory, SellerFactory
from tests.factories.service import a_photo
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.4")]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def address(voucher):
    return reverse("voucher", args=[voucher.pk])


def a_member(seller, seat=Seat.OWNER):
    return MembershipFactory(seller=seller, seat=seat).user


def statuses(client, voucher, people):
    found = []
    for person in people:
        client.force_login(person)
        answer = client.get(address(voucher))
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        found.append(answer.status_code)
    return found


def test_the_file_is_kept_with_its_hash_and_the_event_names_it():
    claim = lost.a_draft()
    bill, page = claim.vouchers.order_by("pk")
    assert (bill.name, bill.content_type, bill.size) == ("bill 17.pdf", "application/pdf", len(lost.A_PDF))
    assert bill.file.name == f"losses/{claim.pk}/{lost.BILL.sha256}.pdf"
    with bill.file.open() as file:
        assert file.read() == lost.A_PDF
    heads = Event.objects.get(kind="loss.drafted").detail["heads"]
    assert [head["sha256"] for head in heads] == [bill.sha256, page.sha256]


def test_finance_auditors_and_the_seller_who_is_heard_read_it(client):
    claim = lost.a_draft()
    voucher = claim.vouchers.first()
    owner, staff = a_member(claim.seller), a_member(claim.seller, Seat.STAFF)
    assert statuses(client, voucher, [FinanceFactory(), AuditorFactory()]) == [200, 200]
    assert statuses(client, voucher, [owner, staff]) == [404, 404], "a draft is the staff's own"
    lost.a_notified(claim)
    assert statuses(client, voucher, [owner, staff]) == [200, 200]


def test_it_is_nobody_elses(client):
    claim = lost.a_notified()
    voucher = claim.vouchers.first()
    strangers = [
        a_member(claim.seller, Seat.ENGINEER), a_member(SellerFactory()), claim.violation.appointment.buyer,
        UserFactory(), SupportFactory(), AdministratorFactory(),
    ]  # fmt: skip
    assert statuses(client, voucher, strangers) == [404] * len(strangers)
    client.logout()
    assert client.get(address(voucher)).status_code == 302
    client.force_login(FinanceFactory())
    assert client.get("/files/vouchers/999999/").status_code == 404


def test_a_pdf_is_saved_and_never_opened_in_our_pages(client):
    bill, page = lost.a_draft().vouchers.order_by("pk")
    client.force_login(FinanceFactory())
    answer = client.get(address(bill))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert b"".join(answer.streaming_content) == lost.A_PDF
    shown = client.get(address(page))
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert b"".join(shown.streaming_content) == lost.PAGE.content


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90 a program", b"<html><script>alert(1)</script></html>", b"%PDF-1.7 cut off", b"\xff\xd8\xff broken"],
    ids=["empty", "program", "page", "cut off", "broken"],
)
def test_nothing_but_a_whole_pdf_or_a_photo_is_taken(content):
    with pytest.raises(NotAVoucher):
        safe_voucher(io.BytesIO(content), "bill.pdf")


def test_a_photo_is_encoded_anew_and_size_is_bounded():
    taken = safe_voucher(io.BytesIO(a_photo().content), "bill.png")
    assert (taken.content_type, taken.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    with pytest.raises(NotAVoucher):
        safe_voucher(io.BytesIO(b"%PDF-" + bytes(10 * 1024 * 1024) + b"%%EOF"), "large.pdf")


def test_a_changed_draft_keeps_its_files_and_none_is_deleted(client):
    claim = lost.a_draft()
    bill, page = claim.vouchers.order_by("pk")
    kept = Head("transport", lost.NOTARY.amount, "EUR", "Bill 18", "The way", kept=page.pk)
    losses.redraft(claim, [kept], by=lost.of_finance(), at=lost.DRAFTED + HOUR)
    assert [item.file for item in LossItem.objects.filter(claim=claim)] == [page]
    assert list(claim.vouchers.order_by("pk")) == [bill, page]
    other = lost.a_draft(claim.violation)
    with pytest.raises(RuleBroken) as told:
        losses.redraft(
            claim, [Head("other", lost.NOTARY.amount, "EUR", "B", "n", kept=other.vouchers.first().pk)],
            by=lost.of_finance(), at=lost.DRAFTED + HOUR,
        )  # fmt: skip
    assert told.value.code == "voucher_file_missing"
    lost.a_notified(claim)
    owner = a_member(Seller.objects.get(pk=claim.seller_id))
    assert statuses(client, bill, [owner]) == [404], "what no head rests on any more is not the seller's"
    assert statuses(client, page, [owner]) == [200]


def test_a_draft_from_before_is_not_put_up_without_its_files():
    claim = lost.a_draft()
    LossItem.objects.filter(claim=claim).update(file=None)
    claim = LossClaim.objects.get(pk=claim.pk)
    with pytest.raises(RuleBroken) as told:
        losses.put_up(claim, reason="Please look.", by=lost.of_finance(), at=lost.DRAFTED)
    assert (told.value.code, told.value.status) == ("voucher_file_missing", 422)


def typed(**changed):
    heads = {f"head_{n}": "attorney" for n in range(1, 5)}
    return {
        **heads, "amount_1": "12.50", "currency_1": "cny", "voucher_1": "Bill 17", "note_1": "Advice",
        "reason": "The refusal.", **changed,
    }  # fmt: skip


def test_finance_drafts_with_the_file_at_the_desk_and_nothing_typed_is_lost(client):
    violation = judged.a_confirmed()
    client.force_login(FinanceFactory())
    step = reverse("admin:complaints_violation_step", args=["claim-loss"]) + f"?thing={violation.pk}"
    assert 'enctype="multipart/form-data"' in client.get(step).content.decode()
    page = client.post(step, typed()).content.decode()
    assert "Add the bill itself" in page
    assert "Advice" in page
    wrong = SimpleUploadedFile("bill.exe", b"MZ")
    assert "neither a PDF nor a photo" in client.post(step, typed(file_1=wrong)).content.decode()
    assert not LossClaim.objects.exists()
    client.post(step, typed(file_1=SimpleUploadedFile("bill.pdf", lost.A_PDF)))
    claim = LossClaim.objects.get()
    assert [(item.voucher, item.file.name) for item in claim.items.all()] == [("Bill 17", "bill.pdf")]
    shown = client.get(reverse("admin:complaints_lossclaim_change", args=[claim.pk])).content.decode()
    assert address(Voucher.objects.get()) in shown


def test_a_draft_is_changed_from_what_it_says_and_its_file_stays(client):
    claim = lost.a_draft()
    client.force_login(FinanceFactory())
    step = reverse("admin:complaints_lossclaim_step", args=["redraft"]) + f"?thing={claim.pk}"
    page = client.get(step).content.decode()
    assert "Advice on the complaint" in page
    assert "Kept 1" not in page, "what is hidden has no label"
    assert "“bill 17.pdf” is kept unless you choose another file." in page
    kept = claim.vouchers.order_by("pk").first()
    client.post(step, typed(kept_1=kept.pk))
    assert [item.file for item in LossItem.objects.filter(claim=claim)] == [kept]


def test_the_seller_finds_the_file_on_the_page_of_the_claim(client):
    claim = lost.a_notified()
    client.force_login(a_member(claim.seller))
    page = client.get(reverse("dashboard:loss", args=[claim.pk])).content.decode()
    assert address(claim.vouchers.first()) in page
