"""Calendar, products, points, engineers and programme, as the seller's people see and change them."""

import pytest

from sellers.models import Engineer, Enrolment, ServicePoint
from sellers.terms import Dimension, Promise
from tests.dashboard.conftest import APPLICATION, R0
from tests.factories import cases as make
from tests.factories import sellers as kept
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

POINT = {
    "name": "Marina", "address": "1 Quay", "city": "Dubai", "country": "ae", "time_zone": "Asia/Dubai",
    "slot_minutes": 60, "capacity": 2, "is_active": "on", "has_published_slots": "on",
    "mon": "09:00-12:30, 13:30–17:00", "closed_days": "2026-12-25\n2026-01-01",
}  # fmt: skip


def texts(answer):
    return answer.content.decode()


@pytest.fixture
def visited(appointment):
    """A remote appointment whose visit is planned."""
    cover = make.a_cover(appointment.case.cover.line.product)
    remote = make.requested(cover, at=R0, method="remote", title="Firmware update fails")
    return make.accepted(make.offered(remote, at=R0), at=R0)


@pytest.mark.parametrize(
    ("week", "is_there"), [("2026-W10", True), ("2026-W11", False), ("", True), ("2026-W99", True)]
)
def test_the_calendar_shows_the_visits_of_a_week(seller, visited, week, is_there):
    answer = seller.get("/dashboard/calendar/", {"week": week})
    assert len(answer.context["days"]) == 7
    assert ("Firmware update fails" in texts(answer)) is is_there
    assert "2026-W0" in answer.context["earlier"] or week == "2026-W11"


@pytest.mark.parametrize("week", ["9999-W52", "0001-W01", "0000-W01", "x", "2026-W00"])
def test_a_week_no_calendar_knows_is_this_week(seller, week):
    assert seller.get("/dashboard/calendar/", {"week": week}).context["is_this_week"]


def test_days_are_those_of_the_viewers_zone(seller, people, visited):
    people.owner.time_zone = "Pacific/Auckland"
    people.owner.save()
    day = next(day for day in seller.get("/dashboard/calendar/").context["days"] if day.visits)
    # Thursday 01:00 UTC is Thursday 14:00 in Auckland.
    assert day.date.isoformat() == "2026-03-05"


@pytest.mark.clause("1.1")
@pytest.mark.clause("2.3.3")
def test_products_show_their_marks_and_what_binds(seller, appointment):
    product = appointment.case.cover.line.product
    kept.commit(product, Promise(Dimension.RESPONSE_HOURS, 24), Promise(Dimension.COVER_MONTHS, 6))
    make.a_product(appointment.seller, name="Bare unit", marked=False)
    page = texts(seller.get("/dashboard/products/"))
    assert "bears the mark" in page
    assert "Never marked" in page
    assert "hours to respond: 24" in page
    assert "product page" in page
    assert "narrower than the rules" in page


@pytest.mark.clause("2.2.1")
def test_a_point_is_added_once_and_changed(seller, appointment):
    for _click in range(2):
        assert (
            seller.post("/dashboard/points/add/", {**POINT, "key": "one"}).headers["Location"] == "/dashboard/points/"
        )
    point = ServicePoint.objects.get()
    assert point.seller == appointment.seller
    assert point.opening_hours == {"mon": [["09:00", "12:30"], ["13:30", "17:00"]]}
    assert point.closed_days == ["2026-01-01", "2026-12-25"]
    assert point.country == "AE"
    shown = seller.get(f"/dashboard/points/{point.pk}/").context["form"]
    assert shown["mon"].value() == "09:00-12:30, 13:30-17:00"
    assert shown["time_zone"].value() == "Asia/Dubai"
    for _click in range(2):
        typed = {**POINT, "mon": "", "tue": "10:00-24:00", "capacity": 3, "key": "two"}
        assert seller.post(f"/dashboard/points/{point.pk}/", typed).status_code == 302
    point = ServicePoint.objects.get()
    assert point.opening_hours == {"tue": [["10:00", "24:00"]]}
    assert point.capacity == 3
    assert list(Event.objects.filter(subject=f"point/{point.pk}").values_list("kind", flat=True)) == [
        "point.added",
        "point.changed",
    ]
    assert "10:00-24:00" in texts(seller.get("/dashboard/points/"))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("mon", "nine to five"), ("mon", "17:00-09:00"), ("tue", "09:00-12:00, 11:00-13:00"), ("wed", "09:00"),
     ("closed_days", "Christmas"), ("country", "Dubai"), ("capacity", "0"), ("name", ""), ("slot_minutes", "1")],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_lost(seller, field, wrong):
    answer = seller.post("/dashboard/points/add/", {**POINT, field: wrong})
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in texts(answer)
    assert "1 Quay" in texts(answer)
    assert wrong in texts(answer)
    assert not ServicePoint.objects.exists()


def test_an_engineer_is_added_and_changed(seller, people):
    login = make.a_member(people.engineer_row.seller, "engineer")
    typed = {"name": "Amira", "user": login.pk, "skills": ["installation"], "areas": "Dubai, Sharjah, Dubai",
             "time_zone": "Asia/Dubai", "is_active": "on"}  # fmt: skip
    for _click in range(2):
        assert seller.post("/dashboard/engineers/add/", {**typed, "key": "e"}).status_code == 302
    added = Engineer.objects.get(name="Amira")
    assert (added.areas, added.user, added.skills) == (["Dubai", "Sharjah"], login, ["installation"])
    assert "Sharjah" in texts(seller.get("/dashboard/engineers/"))
    assert seller.post(f"/dashboard/engineers/{added.pk}/", {**typed, "areas": "", "is_active": ""}).status_code == 302
    assert not Engineer.objects.get(name="Amira").is_active


def test_a_log_in_serves_one_engineer_only(seller, people):
    typed = {"name": "Second", "user": people.engineer.pk, "time_zone": "UTC"}
    answer = seller.post("/dashboard/engineers/add/", typed)
    assert answer.status_code == 422
    assert 'href="#id_user"' in texts(answer)
    assert "Second" in texts(answer)


@pytest.mark.clause("1.1")
@pytest.mark.clause("4.3")
def test_the_owner_applies_and_leaves_with_the_consequences_in_sight(seller, appointment):
    assert "You do not take part yet" in texts(seller.get("/dashboard/programme/"))
    for _click in range(2):
        assert seller.post("/dashboard/programme/apply/", {**APPLICATION, "key": "a"}).status_code == 302
    assert seller.post("/dashboard/programme/apply/", {**APPLICATION, "key": "b"}).status_code == 409
    Enrolment.objects.all().delete()
    kept.EnrolmentFactory(seller=appointment.seller)
    page = texts(seller.get("/dashboard/programme/leave/"))
    assert "every limit runs on: 1" in page
    assert "bear it now: 1" in page
    assert "/rules/#c-4.3" in page
    refused = seller.post("/dashboard/programme/leave/", {"reason": "We move on."})
    assert refused.status_code == 422
    assert "We move on." in texts(refused)
    typed = {"reason": "We move on.", "is_understood": "on", "key": "c"}
    for _click in range(2):
        assert seller.post("/dashboard/programme/leave/", typed).status_code == 302
    assert Enrolment.objects.get().state == "withdrawn"
    assert make.fresh(appointment).state == "requested"
    assert "withdrawn" in texts(seller.get("/dashboard/programme/")).lower()


@pytest.mark.clause("3.2")
def test_inside_the_bar_nobody_can_apply_and_the_page_says_until_when(seller, appointment):
    kept.EnrolmentFactory(seller=appointment.seller, state="cleared", cleared_at=R0)
    page = texts(seller.get("/dashboard/programme/"))
    assert "up to and including" in page
    assert "/dashboard/programme/apply/" not in page
    answer = seller.post("/dashboard/programme/apply/", {**APPLICATION, "key": "x"})
    assert answer.status_code == 409
    assert "/rules/#c-3.2" in texts(answer)
