"""No-shows, other dates and links of sessions, by the API of either side."""

from __future__ import annotations

import pytest

from cases.models import Deadline
from tests.api.test_appointments import refused
from tests.factories import cases as make
from tests.factories import visits
from tests.factories.accounts import UserFactory
from tests.factories.api import a_caller
from tests.factories.cases import a_seller, an_engineer
from tests.factories.visits import BEGINS, ENDS, GRACE

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

LATER = {"starts_at": "2026-03-09T09:00:00+04:00", "ends_at": "2026-03-09T11:00:00+04:00"}
LATER_STILL = {"starts_at": "2026-03-10T09:00:00+04:00", "ends_at": "2026-03-10T11:00:00+04:00"}


@pytest.fixture
def visit(frozen):
    return visits.planned()


@pytest.fixture
def seller(visit):
    return a_caller(seller=visit.appointment.seller)


@pytest.fixture
def buyer(visit):
    return a_caller(buyer=visit.appointment.buyer)


@pytest.fixture
def at(visit) -> str:
    return f"appointments/{visit.appointment_id}"


def owed_date(visit) -> Deadline | None:
    return Deadline.objects.filter(appointment=visit.appointment_id, clock="new_date", state="running").first()


def test_nobody_came_and_a_new_date_is_found(frozen, visit, seller, buyer, at):
    frozen.move_to(ENDS)
    told = {"visit": visit.pk, "evidence": "I waited all morning."}
    refused(buyer.post(f"{at}/report-seller-no-show/", told), 409, "too_early", "2.3.1")
    frozen.move_to(ENDS + GRACE)
    refused(buyer.post(f"{at}/report-seller-no-show/", {"visit": visit.pk}), 422, "evidence_required", "2.3.1")
    refused(seller.post(f"{at}/report-seller-no-show/", told), 403, "permission_denied")
    reported = [buyer.post(f"{at}/report-seller-no-show/", told, key="r") for _click in range(2)]
    assert [(each.status_code, each.json()["state"]) for each in reported] == [(200, "seller_no_show")] * 2
    refused(buyer.post(f"{at}/report-seller-no-show/", told), 409, "not_planned", "2.3.1")
    assert owed_date(visit)
    disputed = seller.post(f"{at}/dispute-no-show/", {"visit": visit.pk, "evidence": "The bell was off."})
    assert (disputed.status_code, disputed.json()["state"]) == (200, "seller_no_show")
    refused(buyer.post(f"{at}/dispute-no-show/", told), 403, "permission_denied")

    made = seller.post(f"{at}/propose-date/", {"windows": [LATER, LATER_STILL], "reason": "The van broke down."})
    assert (made.status_code, made.json()["side"], made.json()["state"]) == (201, "seller", "standing")
    assert owed_date(visit) is None
    no = buyer.post(f"{at}/decline-date/", {"date": made.json()["id"], "wish": "In the afternoon."})
    assert (no.json()["state"], no.json()["wish"]) == ("declined", "In the afternoon.")
    assert owed_date(visit)
    refused(
        buyer.post(f"{at}/accept-date/", {"date": made.json()["id"], "window": 0}),
        409,
        "proposal_not_standing",
        "2.3.1",
    )

    again = seller.post(f"{at}/propose-date/", {"windows": [LATER, LATER_STILL]}).json()
    refused(buyer.post(f"{at}/accept-date/", {"date": again["id"]}), 422, "window_required", "2.3.1")
    yes = buyer.post(f"{at}/accept-date/", {"date": again["id"], "window": 1})
    assert (yes.status_code, yes.json()["state"], yes.json()["number"]) == (200, "planned", 2)
    assert yes.json()["starts_at"] == "2026-03-10T05:00:00.000000Z"
    listed = buyer.get("proposed-dates/", appointment=visit.appointment_id).json()["results"]
    assert [each["state"] for each in listed] == ["accepted", "declined"]
    assert seller.get("proposed-dates/", state="accepted").json()["results"][0]["id"] == again["id"]


@pytest.mark.clause("4.1.1")
def test_the_buyer_was_not_there(frozen, visit, seller, buyer, at):
    frozen.move_to(BEGINS + GRACE)
    told = {"visit": visit.pk, "evidence": "Rang for half an hour."}
    refused(buyer.post(f"{at}/report-buyer-no-show/", told), 403, "permission_denied")
    assert seller.post(f"{at}/report-buyer-no-show/", told).json()["state"] == "buyer_no_show"
    assert seller.get(f"{at}/").json()["state"] == "confirmed"
    assert owed_date(visit) is None
    assert buyer.post(f"{at}/dispute-no-show/", told | {"evidence": "I was."}).status_code == 200
    thread = buyer.get(f"cases/{visit.appointment.case.reference}/").json()["messages"]
    assert [each["body"] for each in thread][-2:] == ["Rang for half an hour.", "I was."]


def test_both_agree_on_another_date(frozen, visit, seller, buyer, at):
    refused(buyer.post(f"{at}/propose-date/", {"windows": []}), 422, "windows_invalid", "2.3.1")
    wish = buyer.post(f"{at}/propose-date/", {"windows": [LATER]}, key="w").json()
    assert buyer.post(f"{at}/propose-date/", {"windows": [LATER]}, key="w").json()["id"] == wish["id"]
    refused(buyer.post(f"{at}/accept-date/", {"date": wish["id"]}), 403, "permission_denied")
    refused(seller.post(f"{at}/decline-date/", {"date": wish["id"]}), 422, "wish_required", "2.3.1")
    moved = seller.post(f"{at}/accept-date/", {"date": wish["id"]})
    assert (moved.status_code, moved.json()["engineer"]) == (200, visit.engineer_id)
    states = [each["state"] for each in buyer.get(f"{at}/").json()["visits"]]
    assert states == ["rescheduled", "planned"]


@pytest.mark.clause("2.2.1")
def test_the_link_of_a_session(frozen):
    visit = visits.planned(method="remote")
    seller, buyer = a_caller(seller=visit.appointment.seller), a_caller(buyer=visit.appointment.buyer)
    path = f"appointments/{visit.appointment_id}/video-link/"
    told = {"visit": visit.pk, "video_url": "https://video.example/room"}
    refused(seller.post(path, told | {"video_url": "http://video.example"}), 422, "video_link_invalid", "2.2.1")
    refused(buyer.post(path, told), 403, "permission_denied")
    assert seller.post(path, told).json()["video_url"] == "https://video.example/room"
    refused(seller.post(path, told | {"visit": visit.pk + 1}), 400, "invalid")


@pytest.mark.clause("2.2.1")
def test_another_engineer_is_sent(visit, seller, buyer, at):
    path, told = f"{at}/send-another-engineer/", {"visit": visit.pk}
    refused(seller.post(path, told), 422, "nobody_named", "2.3.1")
    refused(seller.post(path, told | {"engineer": an_engineer(a_seller()).pk}), 400, "invalid")
    refused(seller.post(path, told | {"engineer": visit.engineer_id}), 409, "same_engineer", "2.3.1")
    off = an_engineer(visit.appointment.seller, days_off=["2026-03-05"])
    refused(seller.post(path, told | {"engineer": off.pk}), 422, "engineer_unfit", "2.2.1")
    comes = an_engineer(visit.appointment.seller)
    refused(buyer.post(path, told | {"contact_name": "My cousin"}), 403, "permission_denied")
    done = [seller.post(path, told | {"engineer": comes.pk, "reason": "Ill."}, key="e") for _click in range(2)]
    assert [(each.status_code, each.json()["engineer"]) for each in done] == [(200, comes.pk)] * 2
    assert buyer.get(f"{at}/").json()["visits"][0]["engineer"] == comes.pk


STEPS = {
    "send-another-engineer": {"visit": 1, "contact_name": "x"},
    "report-seller-no-show": {"visit": 1, "evidence": "x"},
    "report-buyer-no-show": {"visit": 1, "evidence": "x"},
    "report-broken-off": {"visit": 1, "evidence": "x"},
    "dispute-no-show": {"visit": 1, "evidence": "x"},
    "video-link": {"visit": 1, "video_url": "https://video.example"},
    "propose-date": {"windows": [LATER]},
    "accept-date": {"date": 1},
    "decline-date": {"date": 1, "wish": "x"},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_stranger_can_do_nothing_and_a_reader_neither(visit, at, step):
    for stranger in (a_caller(seller=a_seller()), a_caller(buyer=UserFactory())):
        refused(stranger.post(f"{at}/{step}/", STEPS[step]), 404, "not_found")
        assert stranger.get("proposed-dates/").json()["results"] == []
    reader = a_caller("cases:read", seller=visit.appointment.seller)
    refused(reader.post(f"{at}/{step}/", STEPS[step]), 403, "insufficient_scope")


def test_a_colleague_can(visit, at):
    colleague = a_caller(seller=visit.appointment.seller)
    assert colleague.post(f"{at}/propose-date/", {"windows": [LATER]}).status_code == 201


def test_the_work_was_broken_off(frozen, visit, seller, buyer, at):
    frozen.move_to(BEGINS)
    told = {"visit": visit.pk, "evidence": "He left."}
    refused(buyer.post(f"{at}/report-broken-off/", told), 409, "not_under_way", "2.3.1")
    assert seller.post(f"{at}/check-in/", {"visit": visit.pk}).status_code == 200
    frozen.move_to(BEGINS + GRACE)
    assert buyer.post(f"{at}/report-broken-off/", told).json()["state"] == "broken_off"
    assert seller.get(f"{at}/").json()["state"] == "confirmed"
    assert owed_date(visit)


def test_nobody_checks_in_days_before(visit, seller, at):
    refused(seller.post(f"{at}/check-in/", {"visit": visit.pk}), 409, "too_early", "2.3.1")


@pytest.mark.clause("2.2.1")
def test_a_new_date_names_who_comes(visit, seller, buyer, at):
    other = an_engineer(visit.appointment.seller, name="Li")
    stranger = an_engineer(a_seller())
    body = {"windows": [LATER], "engineer": stranger.pk}
    assert seller.post(f"{at}/propose-date/", body).status_code == 400
    made = seller.post(f"{at}/propose-date/", body | {"engineer": other.pk}).json()
    assert (made["engineer"], made["visit"], made["offer"]) == (other.pk, visit.pk, None)
    assert buyer.post(f"{at}/accept-date/", {"date": made["id"]}).json()["engineer"] == other.pk


def test_an_agreed_date_moves_before_the_confirmation(frozen):
    appointment = make.requested(at=visits.R0)
    make.accepted(make.offered(appointment, at=visits.R0), at=visits.R0)
    seller, buyer = a_caller(seller=appointment.seller), a_caller(buyer=appointment.buyer)
    at = f"appointments/{appointment.pk}"
    made = buyer.post(f"{at}/propose-date/", {"windows": [LATER]}).json()
    assert (made["visit"], made["offer"]) == (None, appointment.offers.get().pk)
    agreed = [seller.post(f"{at}/accept-date/", {"date": made["id"]}, key="a") for _click in range(2)]
    assert [(each.status_code, each.json()["state"]) for each in agreed] == [(200, "accepted")] * 2


@pytest.mark.clause("2.2.1")
def test_free_slots_of_a_cover(frozen):
    point = make.a_point(a_seller())
    cover = make.a_cover(make.a_product(point.seller))
    buyer = a_caller(buyer=cover.buyer)
    free = buyer.get(f"covers/{cover.pk}/slots/").json()["slots"]
    assert {
        "point": point.pk,
        "starts_at": "2026-03-02T06:00:00.000000Z",
        "ends_at": "2026-03-02T07:00:00.000000Z",
        "seats": 1,
    } in free
    body = {
        "cover": cover.pk, "title": "No sound", "method": "point", "service_type": "fault_detection", "point": point.pk,
        "slot_starts_at": free[0]["starts_at"],
    }  # fmt: skip
    assert buyer.post("appointments/", body).status_code == 201
    assert buyer.get(f"covers/{cover.pk}/slots/").json()["slots"] == free[1:]
    assert a_caller(buyer=UserFactory()).get(f"covers/{cover.pk}/slots/").status_code == 404
