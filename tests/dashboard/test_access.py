"""Who reaches which page of the dashboard: owner, staff, engineer, another seller, buyer, platform staff, nobody."""

import pytest

from tests.dashboard.conftest import R0, address
from tests.factories import cases as make
from tests.factories import sellers as kept
from tests.factories.accounts import UserFactory
from tests.pages import posted

pytestmark = pytest.mark.django_db

FOR_EVERY_SEAT = ["/dashboard/", "/dashboard/calendar/"]
FOR_OWNER_AND_STAFF = [
    "/dashboard/cases.csv",
    "/dashboard/products/",
    "/dashboard/points/",
    "/dashboard/points/add/",
    "/dashboard/engineers/",
    "/dashboard/engineers/add/",
    "/dashboard/programme/",
]
FOR_THE_OWNER = ["/dashboard/programme/apply/"]


def status(client, person, path):
    client.force_login(person)
    return client.get(path).status_code


@pytest.mark.parametrize("path", FOR_EVERY_SEAT + FOR_OWNER_AND_STAFF + FOR_THE_OWNER)
def test_each_seat_reaches_its_own_pages(client, people, path):
    assert status(client, people.owner, path) == 200
    assert status(client, people.staff, path) == (403 if path in FOR_THE_OWNER else 200)
    assert status(client, people.engineer, path) == (200 if path in FOR_EVERY_SEAT else 403)
    assert status(client, people.stranger, path) == 200  # his own, see below
    for outsider in (people.buyer, people.support, UserFactory()):
        assert status(client, outsider, path) == 403
    client.logout()
    assert client.get(path).headers["Location"].startswith("/accounts/login/")


def test_the_refusal_says_where_one_belongs(client, people):
    client.force_login(people.buyer)
    assert "for a seller’s own people" in client.get("/dashboard/").content.decode()
    client.force_login(people.support)
    assert "staff desk" in client.get("/dashboard/").content.decode()
    client.force_login(people.engineer)
    assert "owner and staff" in client.get("/dashboard/points/").content.decode()


def test_another_seller_sees_nothing_of_this_one(client, people, appointment):
    point = make.a_point(appointment.seller, name="Dubai Marina")
    make.accepted(make.offered(appointment, at=R0), at=R0)
    client.force_login(people.stranger)
    for path in FOR_EVERY_SEAT + FOR_OWNER_AND_STAFF:
        for view in ("reply", "all"):
            page = client.get(path, {"view": view, "q": ""}).content.decode()
            for secret in (appointment.case.reference, "Dubai Marina", people.engineer_row.user.email):
                assert secret not in page, (path, secret)
    for path in (
        address(appointment),
        address(appointment, "confirm"),
        address(appointment, "message"),
        f"/dashboard/points/{point.pk}/",
        f"/dashboard/engineers/{people.engineer_row.pk}/",
    ):
        assert client.get(path).status_code == 404, path
        assert client.post(path, {}).status_code == 404, path


def test_an_engineer_sees_his_own_visits_only(client, people, appointment, frozen):
    make.accepted(make.offered(appointment, at=R0), at=R0)
    client.force_login(people.engineer)
    assert client.get(address(appointment)).status_code == 404
    assert "No visits" in client.get("/dashboard/").content.decode()
    client.force_login(people.owner)
    posted(client, address(appointment, "confirm"), {"engineer": people.engineer_row.pk, **dict.fromkeys(
            ("service_period", "number_of_services", "service_scope", "charging_standard"), "as told"
        )},
    )  # fmt: skip
    assert make.fresh(appointment).state == "confirmed"
    client.force_login(people.engineer)
    page = client.get("/dashboard/").content.decode()
    assert appointment.case.reference in page
    assert "5 Palm Street" in page
    assert client.get(address(appointment)).status_code == 200
    colleague = make.an_engineer(appointment.seller, name="Colleague")
    client.force_login(colleague.user)
    assert client.get(address(appointment)).status_code == 404
    assert appointment.case.reference not in client.get("/dashboard/").content.decode()


@pytest.mark.clause("1.1")
def test_only_the_owner_joins_and_leaves(client, people, appointment):
    kept.EnrolmentFactory(seller=appointment.seller)
    for person, expected in ((people.staff, 403), (people.engineer, 403), (people.owner, 302)):
        client.force_login(person)
        answer = client.post("/dashboard/programme/leave/", {"reason": "We move on.", "is_understood": "on"})
        assert answer.status_code == expected
