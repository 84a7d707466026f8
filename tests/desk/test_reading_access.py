"""A buyer's address and phone in the admin: by role, or by a reading access that ends and records each look."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import ServiceAppointment
from tests.factories import cases as make
from tests.factories.accounts import AdministratorFactory, AuditorFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.desk.actions import close_reading, note_look, open_reading
from zestech_aftersales.desk.models import ReadingAccess
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
OPEN = "/admin/desk/readingaccess/add/"
LIST = "/admin/desk/readingaccess/"
ADDRESS, PHONE = "7 Hidden Lane", "+971 50 777"


@pytest.fixture
def appointment(frozen):
    return make.requested(
        make.a_cover(ship_address="9 Quiet Street", phone="+971 4 999"), at=R0, address=ADDRESS, phone=PHONE
    )


def pages(appointment):
    return (
        f"/admin/cases/serviceappointment/{appointment.pk}/change/",
        f"/admin/cases/order/{appointment.case.cover.order_id}/change/",
    )


def shown(client, appointment):
    """Whether either page shows where the buyer lives or his number."""
    text = "".join(client.get(page).content.decode() for page in pages(appointment))
    return any(secret in text for secret in (ADDRESS, PHONE, "9 Quiet Street", "+971 4 999"))


@pytest.mark.parametrize(
    ("role", "is_shown"), [("support", True), ("auditor", True), ("finance", False), ("administrator", False)]
)
def test_address_and_phone_are_shown_to_the_roles_that_need_them(client, at_desk, appointment, role, is_shown):
    at_desk(role)
    assert shown(client, appointment) is is_shown
    assert not Event.objects.filter(kind="access.looked").exists()


def test_an_access_shows_it_until_its_last_instant_and_records_each_look(client, at_desk, appointment, frozen):
    me = at_desk("administrator")
    client.post(OPEN, {"reason": "A court order names this buyer.", "hours": 2})
    access = ReadingAccess.objects.get()
    assert (access.person, access.ends_at) == (me, R0 + 2 * HOUR)
    frozen.move_to(access.ends_at)
    assert shown(client, appointment)
    looks = Event.objects.filter(stream=access.stream, kind="access.looked").order_by("id")
    order = appointment.case.cover.order
    assert [each.subject for each in looks] == [f"serviceappointment/{appointment.pk}", f"order/{order.pk}"]
    frozen.move_to(access.ends_at + timedelta(microseconds=1))
    assert not shown(client, appointment)
    assert looks.count() == 2


def test_it_helps_nobody_else(client, appointment):
    administrator = AdministratorFactory()
    open_reading(reason="A court order.", hours=1, by=Actor(channel=Channel.ADMIN, user=administrator), at=R0)
    client.force_login(AdministratorFactory())
    assert not shown(client, appointment)


def test_it_is_closed_before_its_end_by_its_own_administrator(client, at_desk, appointment):
    at_desk("administrator")
    client.post(OPEN, {"reason": "A court order.", "hours": 1})
    access = ReadingAccess.objects.get()
    with pytest.raises(PermissionDenied):
        close_reading(access, by=Actor(channel=Channel.ADMIN, user=AdministratorFactory()), at=R0)
    assert f"{LIST}steps/close/" in client.get(f"{LIST}{access.pk}/change/").content.decode()
    client.post(f"{LIST}steps/close/?thing={access.pk}")
    assert not shown(client, appointment)
    at_desk("administrator")
    assert f"{LIST}steps/close/" not in client.get(f"{LIST}{access.pk}/change/").content.decode()
    assert [each.kind for each in Event.objects.filter(stream=access.stream).order_by("id")] == [
        "access.opened",
        "access.closed",
    ]
    with pytest.raises(PermissionDenied):
        note_look(make.fresh(access), "order/1", by=Actor(channel=Channel.ADMIN, user=access.person), at=R0)


@pytest.mark.parametrize(("hours", "code"), [(0, "access_too_long"), (5, "access_too_long")])
def test_it_is_bounded(hours, code):
    by = Actor(channel=Channel.ADMIN, user=AdministratorFactory())
    with pytest.raises(RuleBroken) as refused:
        open_reading(reason="A court order.", hours=hours, by=by, at=R0)
    assert refused.value.code == code
    with pytest.raises(RuleBroken):
        open_reading(reason="  ", hours=1, by=by, at=R0)
    assert not ReadingAccess.objects.exists()


def test_only_administrators_open_one(client, at_desk, frozen):
    at_desk("auditor")
    assert client.post(OPEN, {"reason": "Curious.", "hours": 1}).status_code == 403
    with pytest.raises(PermissionDenied):
        open_reading(reason="Curious.", hours=1, by=Actor(channel=Channel.ADMIN, user=AuditorFactory()), at=R0)


def test_auditors_read_the_list_with_reasons_and_looks(client, at_desk, appointment):
    at_desk("administrator")
    client.post(OPEN, {"reason": "A court order names this buyer.", "hours": 1})
    client.get(pages(appointment)[0])
    access = ReadingAccess.objects.get()
    at_desk("auditor")
    assert "A court order names this buyer." in client.get(LIST).content.decode()
    history = client.get(f"{LIST}{access.pk}/history/").content.decode()
    assert "Read under the access" in history
    assert client.post(f"{LIST}{access.pk}/change/", {"reason": "None."}).status_code == 403
    for role in ("support", "finance"):
        at_desk(role)
        assert client.get(LIST).status_code == 403
        assert LIST not in client.get("/admin/").content.decode()


def test_the_search_does_not_find_people_by_phone(client, at_desk, appointment):
    at_desk("finance")
    assert not client.get("/admin/cases/serviceappointment/", {"q": PHONE}).context["cl"].result_count
    assert ServiceAppointment.objects.filter(phone=PHONE).exists()


@pytest.mark.parametrize(
    ("role", "is_shown"), [("support", True), ("auditor", True), ("finance", False), ("administrator", False)]
)
def test_the_buyers_own_pages_show_the_staff_no_more_than_the_desk_does(client, at_desk, appointment, role, is_shown):
    """Each role may follow a link into the portal; an access at the desk is recorded, so it opens nothing there."""
    me = at_desk(role)
    if role == "administrator":
        open_reading(reason="A court order.", hours=1, by=Actor(channel=Channel.ADMIN, user=me), at=R0)
    page = client.get(f"/portal/cases/{appointment.case.reference}/").content.decode()
    assert (ADDRESS in page, PHONE in page) == (is_shown, is_shown)
    client.post("/portal/book/", {"cover": appointment.case.cover_id})
    client.post(
        "/portal/book/fault/", {"title": "Dead", "description": "All of it.", "service_type": "fault_detection"}
    )
    form = client.get("/portal/book/method/").content.decode()
    assert ("9 Quiet Street" in form, "+971 4 999" in form) == (is_shown, is_shown)


def test_the_buyer_reads_what_he_wrote_himself(client, appointment):
    client.force_login(appointment.buyer)
    page = client.get(f"/portal/cases/{appointment.case.reference}/").content.decode()
    assert ADDRESS in page
    assert PHONE in page


@pytest.mark.parametrize("role", ["finance", "administrator", "support"])
@pytest.mark.parametrize(
    ("model", "lookup"),
    [("serviceappointment", "phone__startswith"), ("serviceappointment", "address__icontains"),
     ("serviceappointment", "address"), ("order", "ship_address__icontains"), ("order", "phone__regex")],
)  # fmt: skip
def test_nobody_guesses_hidden_details_by_narrowing_a_list(client, at_desk, appointment, role, model, lookup):
    at_desk(role)
    for address in (f"/admin/cases/{model}/", f"/admin/cases/{model}/export.csv"):
        assert client.get(address, {lookup: "7"}).status_code == 400


def test_nobody_guesses_at_the_hash_of_a_password(client, at_desk):
    at_desk("administrator")
    assert client.get("/admin/accounts/user/", {"password__startswith": "argon2"}).status_code == 400


def test_a_second_one_is_not_opened_behind_the_first(client, at_desk, appointment, frozen):
    """A double click opens one; closing it leaves nothing open; after its end another one can be opened."""
    at_desk("administrator")
    for _n in range(2):
        client.post(OPEN, {"reason": "A court order.", "hours": 1}, follow=True)
    access = ReadingAccess.objects.get()
    client.post(f"{LIST}steps/close/?thing={access.pk}")
    assert not shown(client, appointment)
    client.post(OPEN, {"reason": "The next order.", "hours": 1})
    assert ReadingAccess.objects.count() == 2
    frozen.move_to(R0 + 2 * HOUR)
    client.post(OPEN, {"reason": "A third.", "hours": 1})
    assert ReadingAccess.objects.count() == 3


def test_without_a_reason_none_is_opened(client, at_desk, frozen):
    at_desk("administrator")
    assert client.post(OPEN, {"reason": "   ", "hours": 1}).context["errors"]
    assert not ReadingAccess.objects.exists()
    assert not Event.objects.filter(kind="access.opened").exists()
