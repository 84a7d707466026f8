"""Parts, visit and report in the pages: typed by the seller or the engineer, read by the buyer before he signs."""

import pytest

from cases.models import Attachment, PartsList, UsedPart, Visit
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.service import an_upload
from tests.factories.visits import BEGINS
from tests.pages import as_shown

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1"), pytest.mark.clause("3.1")]

PART = {
    "name_1": "CAN harness", "number_1": "ZT-H1", "quantity_1": "2", "brought_by_1": "seller", "paid_by_1": "buyer",
    "amount_1": "49.00", "currency": "USD",
}  # fmt: skip


@pytest.fixture
def visit(frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    visit = make_visit.planned()
    frozen.move_to(BEGINS)
    return visit


def address(visit, channel, *more):
    return "/".join([f"/{channel}/cases", visit.appointment.case.reference, *more, ""])


def seen(client, user, url):
    client.force_login(user)
    return client.get(url)


def sent(client, user, url, typed):
    client.force_login(user)
    return client.post(url, as_shown(url, {"key": f"{url} {user.pk} {len(typed)}", **typed}))


def test_parts_report_and_photo_reach_the_buyer_before_he_signs(client, visit):
    owner, buyer = make.seller_of(visit.appointment).user, visit.appointment.buyer
    page = seen(client, owner, address(visit, "dashboard"))
    assert "list_parts" in [choice.name for choice in page.context["file"].choices]
    assert sent(client, owner, address(visit, "dashboard", "list_parts"), PART).status_code == 302
    text = seen(client, buyer, address(visit, "portal")).content.decode()
    assert "2 × CAN harness" in text
    assert "the buyer pays 49.00 USD" in text
    assert "charge not in the service terms" in text
    engineer = visit.engineer.user
    sent(client, engineer, address(visit, "dashboard", "check_in"), {})
    form = seen(client, engineer, address(visit, "dashboard", "complete")).context["form"]
    assert (form["name_1"].value(), form["amount_1"].value(), form["currency"].value()) == (
        "CAN harness",
        PartsList.objects.get().parts.get().amount,
        "USD",
    )
    report = {"report": "Harness replaced.", "result": "remedied", "photos": an_upload(), **PART}
    assert sent(client, engineer, address(visit, "dashboard", "complete"), report).status_code == 302
    signing = seen(client, buyer, address(visit, "portal", "sign_off")).content.decode()
    photo = Attachment.objects.get()
    for words in ("Harness replaced.", "the fault is remedied", "2 × CAN harness", "charge not told before", photo.url):
        assert words in signing
    shown = client.get(photo.url)
    assert (shown.headers["Content-Type"], b"".join(shown.streaming_content)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    for stranger in (UserFactory(), make.a_member(make.a_seller())):
        assert seen(client, stranger, photo.url).status_code == 404
    assert b"".join(seen(client, owner, photo.url).streaming_content)


def test_what_was_typed_stays_and_the_fault_is_named_at_its_field(client, visit):
    owner = make.seller_of(visit.appointment).user
    url = address(visit, "dashboard", "list_parts")
    answer = sent(client, owner, url, {**PART, "amount_1": "", "currency": ""})
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"amount_1", "currency"}
    assert form["name_1"].value() == "CAN harness"
    assert "/rules/#c-3.1" in answer.content.decode()
    assert not PartsList.objects.exists()


def test_saved_parts_come_back_with_room_for_more_and_can_be_cleared(client, visit):
    owner = make.seller_of(visit.appointment).user
    url = address(visit, "dashboard", "list_parts")
    many = {f"{name}_{n}": value for n in range(1, 4) for name, value in (("name", f"Fuse {n}"), ("quantity", "1"))}
    assert sent(client, owner, url, many).status_code == 302
    form = seen(client, owner, url).context["form"]
    assert (form.count, form["name_3"].value()) == (6, "Fuse 3")
    assert sent(client, owner, url, {}).status_code == 302
    assert "Nothing is needed." in seen(client, visit.appointment.buyer, address(visit, "portal")).content.decode()


def test_no_file_but_a_photo_is_taken_with_a_report(client, visit):
    owner = make.seller_of(visit.appointment).user
    sent(client, owner, address(visit, "dashboard", "check_in"), {})
    script = an_upload("harness.png", b"<script>alert(1)</script>")
    answer = sent(client, owner, address(visit, "dashboard", "complete"), {"report": "Done.", "photos": script})
    assert answer.status_code == 422
    assert "is not a photo" in answer.content.decode()
    assert Visit.objects.get(pk=visit.pk).state == "checked_in"
    assert not UsedPart.objects.exists()


def test_a_buyer_tells_no_parts(client, visit):
    buyer = visit.appointment.buyer
    assert sent(client, buyer, address(visit, "portal", "list_parts"), PART).status_code == 403
    assert sent(client, UserFactory(), address(visit, "portal", "list_parts"), PART).status_code == 404
    assert not PartsList.objects.exists()
