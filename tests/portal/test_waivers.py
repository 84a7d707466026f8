"""The waiver of a whole cover: only by the buyer, specific, in two commands (4.1.1)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from cases.actions.waivers import confirm_waiver, drop_waiver, state_waiver
from cases.models import Deadline, Waiver
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.accounts import UserFactory
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR = timedelta(hours=1)


@pytest.fixture
def cover():
    return make.a_cover()


def stated(cover, *, at=R0, **given):
    wanted = {"order_number": cover.order.number, "statement": "I sold the car.", "by": make.buyer_of(cover)}
    return state_waiver(cover, **wanted | given, at=at)


def test_it_takes_two_commands_and_ends_what_is_open(cover):
    appointment = make.requested(cover, at=R0)
    waiver = stated(cover, at=R0 + HOUR)
    assert (make.fresh(cover).state, make.fresh(appointment).state) == ("active", "requested")
    confirm_waiver(waiver, by=make.buyer_of(cover), at=R0 + 2 * HOUR)
    assert make.fresh(cover).state == "waived"
    appointment = make.fresh(appointment)
    assert (appointment.state, appointment.end_reason) == ("excluded", "waived")
    assert not Deadline.objects.filter(appointment=appointment, state__in=["running", "missed"]).exists()
    with pytest.raises(RuleBroken, match="not_covered"):
        make.requested(cover, at=R0 + 3 * HOUR)
    kinds = Event.objects.filter(subject=f"cover/{cover.pk}").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["cover.waiver_stated", "cover.waived"]
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def test_a_limit_that_passed_before_stays_on_the_record(cover):
    appointment = make.requested(cover, at=R0)
    confirm_waiver(stated(cover, at=DUE), by=make.buyer_of(cover), at=DUE + HOUR)
    assert (make.fresh(appointment).state, make.fresh(appointment).ended_at) == ("deemed_refused", DUE)


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [({"order_number": "ORD-other"}, ["order_number"]), ({"statement": " "}, ["statement"])],
)
def test_it_is_specific(cover, wrong, missing):
    with pytest.raises(RuleBroken, match="not_specific") as refused:
        stated(cover, **wrong)
    assert refused.value.context == {"missing": missing}


def test_one_key_never_says_and_confirms(cover):
    buyer = make.with_key(make.buyer_of(cover), "k")
    waiver = stated(cover, by=buyer)
    assert stated(cover, by=buyer) == waiver
    with pytest.raises(RuleBroken, match="idempotency_key_reused"):
        confirm_waiver(waiver, by=buyer, at=R0 + HOUR)
    buyer = make.with_key(buyer, "l")
    for _n in range(2):
        assert confirm_waiver(waiver, by=buyer, at=R0 + HOUR).state == "confirmed"


def test_only_the_buyer_himself_gives_up_his_cover(cover):
    support = replace(claim.a_supporter(), acting_for=cover.buyer)
    for by in (make.seller_of(cover), support, claim.an_auditor(), make.buyer_of(make.a_cover())):
        with pytest.raises(PermissionDenied):
            stated(cover, by=by)
    waiver = stated(cover)
    with pytest.raises(PermissionDenied):
        confirm_waiver(waiver, by=support, at=R0 + HOUR)


def test_dropped_it_is_gone(cover):
    waiver = stated(cover)
    with pytest.raises(RuleBroken, match="already_stated"):
        stated(cover)
    drop_waiver(waiver, by=make.buyer_of(cover), at=R0 + HOUR)
    with pytest.raises(TransitionNotAllowed):
        confirm_waiver(waiver, by=make.buyer_of(cover), at=R0 + 2 * HOUR)
    assert make.fresh(cover).state == "active"


def test_there_must_be_a_cover_to_give_up():
    cover = make.a_cover(make.a_product(marked=False))
    with pytest.raises(RuleBroken, match="not_covered"):
        stated(cover)


def test_on_two_pages_of_the_portal(client, cover, frozen):
    client.force_login(cover.buyer)
    first = f"/portal/covers/{cover.pk}/waive/"
    assert client.get(first).status_code == 200
    assert client.post(first, {"order_number": "wrong", "statement": "Sold", "key": "a"}).status_code == 422
    answer = client.post(first, {"order_number": cover.order.number, "statement": "Sold", "key": "b"})
    second = answer.headers["Location"]
    assert make.fresh(cover).state == "active"
    assert client.get(first).headers["Location"] == second
    client.post(second, {"answer": "drop", "key": "c"})
    assert Waiver.objects.get().state == "dropped"
    second = client.post(first, {"order_number": cover.order.number, "statement": "Sold", "key": "d"}).headers[
        "Location"
    ]
    assert "Sold" in client.get(second).content.decode()
    client.post(second, {"answer": "confirm", "key": "e"})
    assert make.fresh(cover).state == "waived"
    assert client.get(second).status_code == 302


def test_a_stranger_finds_neither_page(client, cover, frozen):
    waiver = stated(cover)
    for person in (UserFactory(), make.seller_of(cover).user):
        client.force_login(person)
        assert client.get(f"/portal/covers/{cover.pk}/waive/").status_code == 404
        assert client.post(f"/portal/waivers/{waiver.pk}/", {"answer": "confirm"}).status_code == 404
