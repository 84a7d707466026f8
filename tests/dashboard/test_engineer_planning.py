"""Planning an engineer in the dashboard: what is kept, who is offered for a visit, and what is refused."""

import pytest

from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.visits import R0
from tests.pages import as_shown

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1")]


def test_the_list_says_who_cannot_come_and_the_step_refuses_him(client, frozen):
    visit = make_visit.planned()
    seller = visit.appointment.seller
    other = make.requested(make.a_cover(make.a_product(seller)), at=R0)
    off = make.an_engineer(seller, name="Offie", days_off=["2026-03-05"])
    client.force_login(make.seller_of(other).user)
    ref = other.case.reference
    for path in (
        "/dashboard/engineers/",
        f"/dashboard/engineers/{off.pk}/",
        "/dashboard/engineers/add/",
        "/dashboard/calendar/",
        f"/dashboard/cases/{ref}/offer/",
        f"/dashboard/cases/{ref}/",
    ):
        assert client.get(path).status_code == 200, path
    make.accepted(make.offered(other, at=R0), at=R0)
    page = client.get(f"/dashboard/cases/{ref}/confirm/").content.decode()
    assert "Offie – has a day off" in page
    assert "has another visit then" in page
    items = {"service_period": "a", "number_of_services": "b", "service_scope": "c", "charging_standard": "free"}
    step = f"/dashboard/cases/{ref}/confirm/"
    answer = client.post(step, as_shown(step, {"engineer": off.pk, "key": "1", **items}))
    assert answer.status_code == 422
    assert "has a day off then" in answer.content.decode()
    assert client.post(step, as_shown(step, {"contact_name": "Badr", "key": "2", **items})).status_code == 302
    typed = {
        "name": "Amira",
        "time_zone": "Asia/Dubai",
        "is_active": "on",
        "days_off": "2026-12-25",
        "mon": "09:00-17:00",
    }
    assert client.post(f"/dashboard/engineers/{off.pk}/", {**typed, "key": "3"}).status_code == 302
    client.force_login(visit.engineer.user)
    assert "What visits you are planned for" in client.get("/dashboard/").content.decode()


def test_whoever_plans_a_visit_sees_what_the_engineers_have_before_them(client, frozen):
    visit = make_visit.planned()
    other = make.requested(make.a_cover(make.a_product(visit.appointment.seller)), at=R0)
    client.force_login(make.seller_of(other).user)
    offer = f"/dashboard/cases/{other.case.reference}/offer/"
    assert "Planned already: Engineer: Thu 5 Mar" in client.get(offer).content.decode()
    own = client.get(f"/dashboard/cases/{visit.appointment.case.reference}/propose_date/").content.decode()
    assert "Planned already" not in own
    make.cancelled(visit.appointment, at=R0)
    assert "Planned already" not in client.get(offer).content.decode()
