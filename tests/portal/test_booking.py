"""Booking in four steps, as a buyer does it."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from cases.models import Attachment, Deadline, ServiceAppointment, SlotSeat
from tests.factories import cases as make
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1")]

NOW = instant("2026-03-02T01:15:30Z")


@pytest.fixture
def cover(frozen):
    return make.a_cover()


@pytest.fixture
def buyer(client, cover):
    client.force_login(cover.buyer)
    return client


def photo():
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    picture.seek(0)
    picture.name = "dash.png"
    return picture


def describe(buyer, cover, **given):
    buyer.post("/portal/book/", {"cover": cover.pk})
    typed = {"title": "No CAN-bus signal", "description": "Buttons are dead.", "service_type": "fault_detection"}
    return buyer.post("/portal/book/fault/", {**typed, **given})


DOOR = {"method": "door", "address": "5 Palm Street", "city": "Dubai", "country": "ae", "phone": "+971 4 0"}


def test_four_steps_make_a_request_with_its_limits(buyer, cover, frozen, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert describe(buyer, cover, photos=[photo()]).headers["Location"] == "/portal/book/method/"
    assert buyer.post("/portal/book/method/", DOOR).headers["Location"] == "/portal/book/check/"
    page = buyer.get("/portal/book/check/")
    assert "5 Palm Street, Dubai AE" in page.content.decode()
    frozen.move_to(NOW + timedelta(minutes=5))
    answer = buyer.post("/portal/book/check/", {"key": page.context["form"]["key"].value()})
    appointment = ServiceAppointment.objects.get()
    assert answer.headers["Location"] == f"/portal/booked/{appointment.case.reference}/"
    # The clocks count from the last step's request, not from the first page.
    assert appointment.received_at == NOW + timedelta(minutes=5)
    assert set(Deadline.objects.values_list("clock", flat=True)) == {"response", "confirmation"}
    assert Attachment.objects.get().content_type == "image/jpeg"
    confirmation = buyer.get(answer.headers["Location"]).content.decode()
    assert appointment.case.reference in confirmation
    assert "2.3.1" in confirmation
    assert not list((tmp_path / "drafts").iterdir())


@pytest.mark.clause("2.2.1")
def test_video_guidance_asks_for_no_place_and_no_address(buyer, cover):
    describe(buyer, cover, service_type="video_guidance")
    page = buyer.get("/portal/book/method/")
    assert [value for value, _label in page.context["form"].fields["method"].choices] == ["remote"]
    assert "ask-door" not in page.content.decode()
    assert buyer.post("/portal/book/method/", DOOR).status_code == 422
    assert buyer.post("/portal/book/method/", {"method": "remote"}).headers["Location"] == "/portal/book/check/"
    page = buyer.get("/portal/book/check/")
    buyer.post("/portal/book/check/", {"key": page.context["form"]["key"].value()})
    assert Deadline.objects.get().clock == "solution"


def test_sending_twice_makes_one_request(buyer, cover):
    describe(buyer, cover)
    buyer.post("/portal/book/method/", DOOR)
    key = buyer.get("/portal/book/check/").context["form"]["key"].value()
    buyer.post("/portal/book/check/", {"key": key})
    describe(buyer, cover)
    assert ServiceAppointment.objects.count() == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(buyer, cover):
    answer = describe(buyer, cover, title="")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#id_title"' in page
    assert "Buttons are dead." in page
    describe(buyer, cover)
    answer = buyer.post("/portal/book/method/", {"method": "door", "wish": "mornings"})
    assert answer.status_code == 422
    assert 'href="#id_address"' in answer.content.decode()
    assert "mornings" in answer.content.decode()


def test_a_file_that_is_no_photo_is_refused_by_name(buyer, cover):
    fake = io.BytesIO(b"<script>alert(1)</script>")
    fake.name = "photo.jpg"
    answer = describe(buyer, cover, photos=[fake])
    assert answer.status_code == 422
    assert "“photo.jpg” is not a photo" in answer.content.decode()


def test_a_service_point_is_booked_with_a_free_time(buyer, cover):
    point = make.a_point(cover.seller)
    describe(buyer, cover)
    page = buyer.get("/portal/book/method/")
    first, second = [value for _day, times in page.context["form"].places for value, _time in times][:2]
    other = make.a_cover(cover.line.product)
    SlotSeat.objects.create(
        point=point, starts_at=instant(first.partition("@")[2]), seat=1,
        appointment=make.requested(other, at=NOW), taken_at=NOW,
    )  # fmt: skip
    answer = buyer.post("/portal/book/method/", {"method": "point", "place": first})
    assert answer.status_code == 422
    buyer.post("/portal/book/method/", {"method": "point", "place": second})
    buyer.post("/portal/book/check/", {"key": "k"})
    appointment = ServiceAppointment.objects.get(method="point")
    assert appointment.slot_starts_at == instant(second.partition("@")[2])
    assert SlotSeat.objects.filter(appointment=appointment, released_at=None).count() == 1


def test_a_line_without_cover_cannot_be_chosen(client, frozen):
    cover = make.a_cover(make.a_product(marked=False))
    client.force_login(cover.buyer)
    page = client.get("/portal/book/").content.decode()
    assert "did not bear the after-sales service mark" in page
    assert client.post("/portal/book/", {"cover": cover.pk}).status_code == 422


def test_somebody_elses_line_cannot_be_chosen(buyer, cover):
    other = make.a_cover()
    assert buyer.post("/portal/book/", {"cover": other.pk}).status_code == 422


def test_steps_cannot_be_skipped(buyer):
    assert buyer.get("/portal/book/check/").headers["Location"] == "/portal/book/"


def test_strangers_must_log_in(client):
    assert client.get("/portal/").headers["Location"].startswith("/accounts/login/")
