"""Shipments of spare parts and accessories: announced, sent, received by the buyer or not, lost, returned."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.actions.shipments import (
    announce_shipment,
    correct_tracking,
    end_shipment,
    receive,
    report_missing,
    ship,
)
from cases.checks.cases import CaseRows
from cases.models import Deadline, Shipment
from cases.terms import Parcel
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories.service import PARCEL, announced, sent_to
from tests.factories.visits import R0
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.1.1")]
HOUR = timedelta(hours=1)


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def kinds(appointment):
    return list(Event.objects.filter(subject__startswith="shipment/").values_list("kind", flat=True))


def test_a_spare_part_is_announced_sent_and_received(appointment):
    shipment = announced(appointment)
    assert (shipment.state, shipment.contents) == ("announced", "1 CAN harness")
    ship(shipment, Parcel(**PARCEL), by=make.seller_of(appointment), at=R0 + HOUR)
    receive(shipment, by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    now = make.fresh(shipment)
    assert (now.state, now.shipped_at, now.ended_at) == ("received", R0 + HOUR, R0 + 2 * HOUR)
    assert now.tracking_url == PARCEL["tracking_url"]
    assert kinds(appointment) == ["shipment.announced", "shipment.shipped", "shipment.received"]


def test_it_stops_no_limit(appointment):
    before = list(Deadline.objects.values("clock", "state", "due_at"))
    sent_to(appointment)
    assert list(Deadline.objects.values("clock", "state", "due_at")) == before
    late = instant("2026-03-04T01:15:30.000001Z")
    announced(appointment, at=late)
    assert make.fresh(appointment).state == "deemed_refused"


def test_what_has_not_come_may_be_lost_and_still_turn_up(appointment):
    shipment = sent_to(appointment)
    buyer, seller = make.buyer_of(appointment), make.seller_of(appointment)
    assert refused(report_missing, shipment, " ", by=buyer, at=R0) == ("reason_required", 422)
    missed = report_missing(shipment, "Two weeks now.", by=buyer, at=R0 + HOUR)
    assert (missed.state, missed.is_missed) == ("shipped", True)
    assert refused(end_shipment, shipment, "lost", "", by=seller, at=R0) == ("reason_required", 422)
    end_shipment(shipment, "lost", "The carrier has given it up.", by=seller, at=R0 + HOUR)
    assert refused(report_missing, shipment, "Still.", by=buyer, at=R0 + HOUR) == ("not_on_its_way", 409)
    assert receive(shipment, by=buyer, at=R0 + 2 * HOUR).state == "received"
    with pytest.raises(TransitionNotAllowed):
        end_shipment(shipment, "returned", "No.", by=seller, at=R0 + 2 * HOUR)


def test_what_came_back_is_not_received(appointment):
    shipment = sent_to(appointment)
    end_shipment(shipment, "returned", "Nobody took it in.", by=make.seller_of(appointment), at=R0 + HOUR)
    with pytest.raises(TransitionNotAllowed):
        receive(shipment, by=make.buyer_of(appointment), at=R0 + HOUR)


def test_nothing_is_received_before_it_was_sent(appointment):
    with pytest.raises(TransitionNotAllowed):
        receive(announced(appointment), by=make.buyer_of(appointment), at=R0)
    assert kinds(appointment) == ["shipment.announced"]


@pytest.mark.parametrize(
    "link",
    [
        "http://post.example/1",
        "javascript:alert(1)",
        "post.example/1",
        "https://",
        "https://post.example@evil.example/",
        "https://a b",
        "data:text/html,x",
    ],
)
def test_a_tracking_link_is_https_or_nothing(appointment, link):
    shipment = announced(appointment)
    by = make.seller_of(appointment)
    assert refused(ship, shipment, Parcel("Post", "RR1", link), by=by, at=R0) == ("shipment_incomplete", 422)
    assert make.fresh(shipment).state == "announced"
    assert ship(shipment, Parcel("Post", "RR1"), by=by, at=R0).tracking_url == ""


def test_carrier_and_number_are_needed(appointment):
    with pytest.raises(RuleBroken) as told:
        ship(announced(appointment), Parcel(" ", ""), by=make.seller_of(appointment), at=R0)
    assert told.value.context["missing"] == ["carrier", "tracking_number"]


def test_each_side_does_its_own_and_nobody_else_anything(appointment):
    shipment = sent_to(appointment)
    buyer, seller = make.buyer_of(appointment), make.seller_of(appointment)
    engineer = make.seller_of(appointment, seat="engineer")
    stranger, competitor = make.buyer_of(make.a_cover()), make.seller_of(make.a_product())
    for by in (seller, engineer, stranger, competitor):
        for call in (
            lambda by=by: receive(shipment, by=by, at=R0),
            lambda by=by: report_missing(shipment, "x", by=by, at=R0),
        ):
            with pytest.raises(PermissionDenied):
                call()
    for by in (buyer, engineer, stranger, competitor):
        with pytest.raises(PermissionDenied):
            end_shipment(shipment, "lost", "x", by=by, at=R0)
        with pytest.raises(PermissionDenied):
            announce_shipment(appointment.case, "accessory", "x", by=by, at=R0)
    assert make.fresh(shipment).state == "shipped"


def test_the_same_key_changes_nothing(appointment):
    by = make.with_key(make.seller_of(appointment), "once")
    first = announce_shipment(appointment.case, "accessory", "A bracket", by=by, at=R0)
    assert announce_shipment(appointment.case, "accessory", "Another", by=by, at=R0) == first
    assert Shipment.objects.count() == 1
    assert refused(ship, first, Parcel(**PARCEL), by=by, at=R0) == ("idempotency_key_reused", 422)
    buyer = make.with_key(make.buyer_of(appointment), "came")
    shipment = sent_to(appointment)
    receive(shipment, by=buyer, at=R0)
    assert receive(shipment, by=buyer, at=R0 + HOUR).ended_at == R0


def test_both_sides_hear_of_it(appointment):
    sent_to(appointment)
    while relay_batch(at=R0):
        pass
    told = Delivery.objects.filter(event__kind="shipment.shipped").values_list("recipient", flat=True)
    assert {appointment.buyer_id, make.seller_of(appointment).user_id} <= set(told)


@pytest.mark.parametrize("change", [{"state": "lost"}, {"announced_at": R0 - HOUR}, {"ended_at": R0 + HOUR}])
def test_a_tampered_shipment_is_found(appointment, change):
    shipment = sent_to(appointment)
    before = {name: getattr(shipment, name) for name in change}
    assert CaseRows.of([appointment.case_id]).shipments[appointment.case_id] == [shipment]
    Shipment.objects.filter(pk=shipment.pk).update(**change)
    found = list(verify(Tally(), at=instant("2020-01-01T00:00:00Z")))
    assert {each.thing for each in found} == {shipment.subject}
    Shipment.objects.filter(pk=shipment.pk).update(**before)


def test_a_wrong_tracking_number_is_corrected_while_it_travels(appointment):
    seller, right = make.seller_of(appointment), Parcel(**PARCEL | {"tracking_number": "RIGHT-1"})
    assert refused(correct_tracking, announced(appointment), right, by=seller, at=R0) == ("not_on_its_way", 409)
    shipment = sent_to(appointment)
    assert refused(correct_tracking, shipment, Parcel("", ""), by=seller, at=R0 + HOUR) == ("shipment_incomplete", 422)
    with pytest.raises(PermissionDenied):
        correct_tracking(shipment, right, by=make.buyer_of(appointment), at=R0 + HOUR)
    corrected = correct_tracking(shipment, right, by=seller, at=R0 + HOUR)
    assert (corrected.state, corrected.tracking_number) == ("shipped", "RIGHT-1")
    event = Event.objects.get(kind="shipment.corrected")
    assert event.detail["number_before"] == PARCEL["tracking_number"]
    assert [found for found in verify(Tally(), at=R0 + HOUR) if found.what != "seal"] == []
