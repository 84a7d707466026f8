"""The main way through the API, and every refusal on it."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Deadline, Offer, ServiceAppointment
from tests.api.bodies import ITEMS, a_request, an_offer
from tests.clock_fixture import R0
from tests.factories.api import a_caller
from tests.factories.cases import a_cover, a_point, a_product, an_engineer, fresh
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db


def refused(answer, status: int, code: str, clause: str = "") -> dict[str, Any]:
    """The problem of an answer, once it has its form."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem.get("clause", "") == clause
    if clause:
        assert problem["type"].endswith(f"/rules/#c-{clause}")
    return problem


def events(thing: ServiceAppointment) -> list[str]:
    return list(Event.objects.filter(stream=f"case/{thing.case_id}").order_by("id").values_list("kind", flat=True))


def test_a_door_visit_from_request_to_report(frozen):
    cover = a_cover()
    buyer, seller = a_caller(buyer=cover.buyer), a_caller(seller=cover.seller)
    engineer = an_engineer(cover.seller)

    made = buyer.post("appointments/", a_request(cover.pk))
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["state"] == "requested"
    assert made.json()["received_at"] == "2026-03-02T01:15:30.000000Z"
    assert made.json()["next_due_at"] == "2026-03-04T01:15:30.000000Z"

    frozen.move_to("2026-03-02T05:00:00Z")
    offer = seller.post(f"appointments/{pk}/offer/", an_offer(engineer=engineer.pk))
    assert offer.status_code == 201
    assert offer.json()["windows"][0]["starts_at"] == "2026-03-09T05:00:00.000000Z"

    countered = buyer.post(f"appointments/{pk}/counter/", {"offer": offer.json()["id"], "wish": "Mornings only"})
    assert (countered.status_code, countered.json()["side"]) == (201, "buyer")
    again = seller.post(f"appointments/{pk}/offer/", an_offer(engineer=engineer.pk)).json()
    better = seller.post(f"appointments/{pk}/revise/", an_offer(replaces=again["id"], engineer=engineer.pk)).json()
    agreed = buyer.post(f"appointments/{pk}/accept/", {"offer": better["id"], "window": 1})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")

    told = seller.post(f"appointments/{pk}/disclose/", ITEMS)
    assert (told.status_code, told.json()["version"]) == (201, 1)
    read = buyer.post(f"appointments/{pk}/acknowledge/", {"disclosure": told.json()["id"]})
    assert read.json()["acknowledged_at"] == "2026-03-02T05:00:00.000000Z"
    confirmed = seller.post(f"appointments/{pk}/confirm/")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed")

    [visit] = seller.get(f"appointments/{pk}/").json()["visits"]
    assert visit["starts_at"] == "2026-03-10T05:00:00.000000Z"
    frozen.move_to("2026-03-10T05:05:00Z")
    assert seller.post(f"appointments/{pk}/check-in/", {"visit": visit["id"]}).json()["state"] == "checked_in"
    another = {"starts_at": "2026-03-12T09:00:00+04:00", "ends_at": "2026-03-12T10:00:00+04:00"}
    going_on = seller.post(
        f"appointments/{pk}/complete/", {"visit": visit["id"], "report": "Harness ordered.", "another": another}
    )
    assert going_on.json()["state"] == "confirmed"
    [proposed] = buyer.get("proposed-dates/", appointment=pk).json()["results"]
    assert buyer.post(f"appointments/{pk}/accept-date/", {"date": proposed["id"]}).json()["state"] == "planned"
    frozen.move_to("2026-03-12T05:00:00Z")
    second = seller.get(f"appointments/{pk}/").json()["visits"][1]
    seller.post(f"appointments/{pk}/check-in/", {"visit": second["id"]})
    done = seller.post(f"appointments/{pk}/complete/", {"visit": second["id"], "report": "Harness replaced."})
    assert (done.json()["state"], done.json()["effective_at"]) == ("completed", "2026-03-12T05:00:00.000000Z")

    case = buyer.get(f"cases/{done.json()['case']}/").json()
    assert case["state"] == "resolved"
    assert [event["kind"] for event in case["history"]][:2] == ["appointment.requested", "appointment.proposed"]
    assert case["history"][0]["channel"] == "api"


def test_a_service_point_is_confirmed_by_acceptance(frozen):
    cover = a_cover()
    point = a_point(cover.seller)
    buyer, seller = a_caller(buyer=cover.buyer), a_caller(seller=cover.seller)
    slot = "2026-03-05T10:00:00+04:00"
    assert buyer.get(f"covers/{cover.pk}/").json()["points"][0]["id"] == point.pk
    made = buyer.post("appointments/", a_request(cover.pk, method="point", point=point.pk, slot_starts_at=slot)).json()
    offer = an_offer(method="point", point=point.pk, plan="Replace the harness.", disclosure=ITEMS)
    incomplete = seller.post(
        f"appointments/{made['id']}/offer/", offer | {"disclosure": ITEMS | {"service_scope": " "}}
    )
    assert refused(incomplete, 422, "disclosure_incomplete", "3.1")["context"] == {"missing": ["service_scope"]}
    taken = a_caller(buyer=a_cover(cover.line.product).buyer)
    mine = taken.get("covers/").json()["results"][0]["id"]
    again = taken.post("appointments/", a_request(mine, method="point", point=point.pk, slot_starts_at=slot))
    refused(again, 409, "slot_taken", "2.2.1")
    offered = seller.post(f"appointments/{made['id']}/offer/", offer).json()
    agreed = buyer.post(f"appointments/{made['id']}/accept/", {"offer": offered["id"], "window": 0})
    assert agreed.json()["state"] == "confirmed"
    refused(seller.post(f"appointments/{made['id']}/confirm/"), 409, "confirmed_by_acceptance", "2.3.2")


@pytest.mark.scenario("S04")
@pytest.mark.clause("2.3.1")
@pytest.mark.django_db(transaction=True)
def test_s04_a_late_reply_is_refused_and_kept(frozen, appointment, seller, buyer):
    frozen.move_to("2026-03-04T01:15:31Z")
    late = seller.post(f"appointments/{appointment.pk}/offer/", an_offer())
    refused(late, 409, "deadline_passed", "2.3.1")

    kept = fresh(appointment)
    assert (kept.state, kept.ended_at.isoformat()) == ("deemed_refused", "2026-03-04T01:15:30+00:00")
    assert Offer.objects.get(appointment=appointment).is_late
    expiry, evidence = Event.objects.filter(stream=appointment.case.stream).order_by("id")[1:]
    assert (expiry.kind, expiry.effective_at, expiry.recorded_at.isoformat()) == (
        "appointment.deemed_refused",
        kept.ended_at,
        "2026-03-04T01:15:31+00:00",
    )
    assert evidence.kind == "offer.late"
    seen = buyer.get(f"appointments/{appointment.pk}/").json()
    assert (seen["state"], seen["effective_at"]) == ("deemed_refused", "2026-03-04T01:15:30.000000Z")
    assert seen["provisional"] is True
    cured = buyer.post(f"appointments/{appointment.pk}/accept/", {"offer": seen["offers"][0]["id"], "window": 0})
    assert cured.json()["state"] == "agreed"


@pytest.mark.scenario("S16")
def test_s16_a_time_of_receipt_in_the_body_is_refused(appointment, seller):
    answer = seller.post(f"appointments/{appointment.pk}/offer/", an_offer(received_at="2026-03-01T00:00:00Z"))
    problem = refused(answer, 400, "invalid")
    assert problem["errors"] == [{"pointer": "#/received_at", "detail": "There is no such field.", "code": "unknown"}]
    assert not Offer.objects.exists()
    assert events(appointment) == ["appointment.requested"]


@pytest.mark.scenario("S61")
@pytest.mark.clause("3.1")
def test_s61_confirming_with_an_empty_charging_standard(frozen, appointment, seller, buyer):
    offer = seller.post(f"appointments/{appointment.pk}/offer/", an_offer()).json()
    buyer.post(f"appointments/{appointment.pk}/accept/", {"offer": offer["id"], "window": 0})
    items = ITEMS | {"charging_standard": ""}
    answer = seller.post(f"appointments/{appointment.pk}/confirm/", {"disclosure": items})
    assert refused(answer, 422, "disclosure_incomplete", "3.1")["context"] == {"missing": ["charging_standard"]}
    seen = seller.get(f"appointments/{appointment.pk}/").json()
    assert (seen["state"], seen["disclosures"]) == ("agreed", [])
    clocks = {clock["clock"]: clock["state"] for clock in seen["deadlines"]}
    assert clocks["confirmation"] == "running"
    assert seller.post(f"appointments/{appointment.pk}/confirm/", {"disclosure": ITEMS}).status_code == 200


@pytest.mark.scenario("S82")
def test_s82_the_same_key_makes_one_offer(appointment, seller):
    first, second = (seller.post(f"appointments/{appointment.pk}/offer/", an_offer(), key="click-1") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert Offer.objects.count() == 1
    assert events(appointment) == ["appointment.requested", "appointment.proposed"]


@pytest.mark.scenario("S82")
def test_s82_two_keys_are_two_tabs(appointment, seller):
    assert seller.post(f"appointments/{appointment.pk}/offer/", an_offer(), key="tab-1").status_code == 201
    refused(
        seller.post(f"appointments/{appointment.pk}/offer/", an_offer(), key="tab-2"), 409, "already_proposed", "2.3.1"
    )
    assert Offer.objects.count() == 1


def test_a_repeat_answers_with_its_own_offer_even_later(appointment, seller, buyer):
    path = f"appointments/{appointment.pk}"
    first = seller.post(f"{path}/offer/", an_offer(), key="reply").json()
    buyer.post(f"{path}/counter/", {"offer": first["id"], "wish": "Mornings only"})
    assert seller.post(f"{path}/offer/", an_offer(), key="reply").json() == first | {"state": "replaced"}


def test_the_same_key_requests_once(frozen):
    cover = a_cover()
    buyer = a_caller(buyer=cover.buyer)
    first, second = (buyer.post("appointments/", a_request(cover.pk), key="book") for _ in range(2))
    assert first.json() == second.json()
    assert ServiceAppointment.objects.count() == 1


def test_a_key_that_was_spent_on_something_else(appointment, seller):
    seller.post(f"appointments/{appointment.pk}/offer/", an_offer(), key="k")
    refused(
        seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": "no"}, key="k"), 422, "idempotency_key_reused"
    )
    message = seller.post(f"cases/{appointment.case.reference}/messages/", {"body": "Hello"}, key="k")
    refused(message, 422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["é", "k" * 256])
def test_a_key_no_one_can_keep(appointment, seller, key):
    answer = seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": "no"}, key=key)
    assert refused(answer, 400, "invalid")["errors"][0]["pointer"] == "#/Idempotency-Key"


@pytest.mark.scenario("S15")
def test_refuse_needs_a_reason_and_is_at_once(frozen, appointment, seller):
    refused(seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": " "}), 422, "reason_required", "2.3.1")
    frozen.move_to("2026-03-02T06:15:30Z")
    done = seller.post(f"appointments/{appointment.pk}/refuse/", {"reason": "No engineer in Dubai."}).json()
    assert (done["state"], done["effective_at"]) == ("refused", "2026-03-02T06:15:30.000000Z")


def test_cancel(appointment, buyer):
    done = buyer.post(f"appointments/{appointment.pk}/cancel/", {"reason": "It works again."}).json()
    assert (done["state"], done["end_reason"], done["next_due_at"]) == ("cancelled", "It works again.", None)
    problem = refused(buyer.post(f"appointments/{appointment.pk}/cancel/"), 409, "illegal_transition")
    assert problem["context"] == {"state": "cancelled"}


def test_what_cannot_be_done_yet(appointment, seller, buyer):
    refused(seller.post(f"appointments/{appointment.pk}/confirm/"), 409, "illegal_transition")
    refused(
        seller.post(f"appointments/{appointment.pk}/offer/", an_offer(windows=[])), 422, "offer_incomplete", "2.3.1"
    )
    offer = seller.post(f"appointments/{appointment.pk}/offer/", an_offer()).json()["id"]
    path = f"appointments/{appointment.pk}"
    refused(buyer.post(f"{path}/accept/", {"offer": offer}), 422, "window_required", "2.3.1")
    refused(buyer.post(f"{path}/counter/", {"offer": offer}), 422, "counter_incomplete", "2.3.1")
    refused(buyer.post(f"{path}/accept/", {"offer": offer + 1}), 400, "invalid")
    refused(seller.post(f"{path}/check-in/", {"visit": 1}), 400, "invalid")
    refused(seller.post(f"{path}/offer/", an_offer(engineer=1)), 400, "invalid")
    seller.post(f"{path}/revise/", an_offer(replaces=offer))
    refused(buyer.post(f"{path}/accept/", {"offer": offer, "window": 0}), 409, "offer_not_standing", "2.3.1")


def test_the_other_sides_steps_are_forbidden(appointment, seller, buyer):
    path = f"appointments/{appointment.pk}"
    refused(buyer.post(f"{path}/offer/", an_offer()), 403, "permission_denied")
    refused(seller.post(f"{path}/cancel/"), 403, "permission_denied")
    refused(seller.post("appointments/", a_request(appointment.case.cover_id)), 403, "permission_denied")


def test_requests_that_nobody_owes(frozen):
    not_owed = a_cover(a_product(marked=False))
    buyer = a_caller(buyer=not_owed.buyer)
    refused(buyer.post("appointments/", a_request(not_owed.pk)), 422, "not_covered", "1.1")
    cover = a_cover(a_product(methods=["remote"], service_types=["video_guidance"]))
    owner = a_caller(buyer=cover.buyer)
    refused(owner.post("appointments/", a_request(cover.pk)), 422, "method_not_offered", "2.2.1")
    refused(owner.post("appointments/", a_request(cover.pk, method="remote")), 422, "service_not_offered", "2.1.1")
    refused(owner.post("appointments/", a_request(cover.pk, title="")), 400, "invalid")
    frozen.move_to("2027-01-01T00:00:00Z")
    video = a_request(cover.pk, method="remote", service_type="video_guidance")
    refused(owner.post("appointments/", video), 422, "cover_expired", "2.3.4")


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize("methods", [["door"], ["door", "point", "remote"]])
def test_video_guidance_alone_is_booked_as_remote_whatever_the_page_offers(methods, frozen):
    cover = a_cover(a_product(methods=methods, service_types=["video_guidance", "installation"]))
    buyer = a_caller(buyer=cover.buyer)
    at_the_door = a_request(cover.pk, service_type="video_guidance")
    refused(buyer.post("appointments/", at_the_door), 422, "video_needs_no_visit", "2.2.1")
    assert not ServiceAppointment.objects.exists()
    made = buyer.post("appointments/", a_request(cover.pk, method="remote", service_type="video_guidance"))
    assert (made.status_code, [row.clock for row in Deadline.objects.all()]) == (201, ["solution"])


def test_a_case_goes_on_with_another_appointment(frozen, appointment, buyer):
    body = a_request(appointment.case.cover_id, case=appointment.case.reference, title="")
    refused(buyer.post("appointments/", body), 409, "already_open", "2.3.4")
    buyer.post(f"appointments/{appointment.pk}/cancel/")
    made = buyer.post("appointments/", body)
    assert made.json()["case"] == appointment.case.reference


def test_a_fault_that_comes_back_reopens_its_case(frozen, appointment, seller, buyer):
    def served(pk: int, day: str) -> dict[str, Any]:
        path = f"appointments/{pk}"
        window = {"starts_at": f"{day}T09:00:00+04:00", "ends_at": f"{day}T11:00:00+04:00"}
        offer = seller.post(f"{path}/offer/", an_offer(windows=[window])).json()
        buyer.post(f"{path}/accept/", {"offer": offer["id"], "window": 0})
        seller.post(f"{path}/confirm/", {"disclosure": ITEMS})
        visit = {"visit": seller.get(f"{path}/").json()["visits"][0]["id"]}
        frozen.move_to(window["starts_at"])
        seller.post(f"{path}/check-in/", visit)
        return seller.post(f"{path}/complete/", visit | {"report": "Done."}).json()

    assert served(appointment.pk, "2026-03-09")["state"] == "completed"
    case = f"cases/{appointment.case.reference}/"
    assert buyer.get(case).json()["state"] == "resolved"
    again = buyer.post("appointments/", a_request(appointment.case.cover_id, case=appointment.case.reference)).json()
    assert buyer.get(case).json()["state"] == "open"
    assert served(again["id"], "2026-03-11")["state"] == "completed"
    assert buyer.get(case).json()["state"] == "resolved"
    assert events(appointment).count("case.reopened") == 1


def test_a_flagged_offer_waits_for_an_auditor(appointment, seller, buyer):
    path = f"appointments/{appointment.pk}"
    offer = seller.post(f"{path}/offer/", an_offer()).json()
    refused(buyer.post(f"{path}/flag/", {"offer": offer["id"]}), 422, "reason_required", "2.3.1")
    flagged = buyer.post(f"{path}/flag/", {"offer": offer["id"], "reason": "It is to be sent abroad."})
    assert (flagged.status_code, flagged.json()["state"]) == (200, "flagged")
    [said] = seller.get(f"{path}/").json()["rulings"]
    assert (said["offer"], said["kind"], said["reason"]) == (offer["id"], "offer.flagged", "It is to be sent abroad.")


def test_provisional_until_the_limit_has_settled(frozen, appointment, seller):
    path = f"appointments/{appointment.pk}/"
    frozen.move_to("2026-03-04T01:15:30Z")
    assert seller.get(path).json()["provisional"] is False
    frozen.move_to("2026-03-04T01:15:30.000001Z")
    assert seller.get(path).json()["provisional"] is True
    listed = seller.get("appointments/").json()["results"]
    assert [row["provisional"] for row in listed] == [True]
    clocks = {row["clock"]: row["provisional"] for row in seller.get("deadlines/").json()["results"]}
    assert clocks == {"response": True, "confirmation": False}
    frozen.move_to("2026-03-04T01:16:00.000001Z")
    assert seller.get(path).json()["provisional"] is False


def test_an_instant_without_offset_is_refused(appointment, seller):
    window = {"starts_at": "2026-03-09T09:00:00", "ends_at": "0001-01-01T00:00:00+14:00"}
    answer = seller.post(f"appointments/{appointment.pk}/offer/", an_offer(windows=[window]))
    pointers = [error["pointer"] for error in refused(answer, 400, "invalid")["errors"]]
    assert pointers == ["#/windows/0/starts_at", "#/windows/0/ends_at"]


def test_the_address_is_told_once_the_visit_is_confirmed(appointment, seller, buyer):
    path = f"appointments/{appointment.pk}/"
    assert buyer.get(path).json()["address"] == "5 Palm Street"
    assert (seller.get(path).json()["address"], seller.get(path).json()["phone"]) == ("", "")
    offer = seller.post(f"{path}offer/", an_offer()).json()
    buyer.post(f"{path}accept/", {"offer": offer["id"], "window": 0})
    seller.post(f"{path}confirm/", {"disclosure": ITEMS})
    assert seller.get(path).json()["address"] == "5 Palm Street"


def test_at_is_the_instant_of_receipt(appointment, seller):
    seller.post(f"appointments/{appointment.pk}/offer/", an_offer())
    assert Offer.objects.get().received_at == R0
