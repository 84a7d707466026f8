"""Another engineer comes to a confirmed visit: who may be sent, who is told, and that nothing else moves."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from cases.actions.substitutes import send_another_engineer
from cases.actions.visits import check_in
from cases.models import Deadline, Visit
from cases.queries import visits_for
from tests.cases.test_planning import UNFIT, agreed, confirmed, refused
from tests.cases.test_verification import sealed
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import UserFactory
from tests.factories.visits import BEGINS, R0
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1"), pytest.mark.clause("2.3.1")]


@pytest.fixture
def visit():
    return make_visit.planned()


@pytest.fixture
def owner(visit):
    return make.seller_of(visit.appointment)


def sent(visit, **given):
    by = given.pop("by", None) or make.seller_of(visit.appointment)
    return send_another_engineer(visit, by=by, at=given.pop("at", R0), **given)


def told() -> Event:
    return Event.objects.get(kind="visit.engineer_changed")


def test_another_engineer_comes_and_nothing_else_moves(frozen, visit, owner):
    frozen.move_to(BEGINS)
    before = list(Deadline.objects.order_by("id").values("clock", "state", "due_at", "ended_at"))
    ill, well = visit.engineer, make.an_engineer(visit.appointment.seller, name="Amira Haddad")
    assert sent(visit, engineer=well, reason="The other one is ill.").engineer == well
    kept = Visit.objects.get()
    assert (kept.engineer, kept.contact_name, kept.state, kept.starts_at) == (well, "", "planned", BEGINS)
    assert list(Deadline.objects.order_by("id").values("clock", "state", "due_at", "ended_at")) == before
    event = told()
    assert (event.clause, event.before, event.after) == ("2.3.1", {"state": "confirmed"}, {"state": "confirmed"})
    assert event.detail == {
        "visit": 1, "instead_of": ill.pk, "engineer": well.pk, "reason": "The other one is ill.", "side": "seller",
    }  # fmt: skip
    sealed()
    call_command("verify", stdout=StringIO())


def test_the_buyer_is_told_who_comes(visit):
    sent(visit, engineer=make.an_engineer(visit.appointment.seller, name="Amira Haddad"), reason="The flu.")
    event, buyer = told(), visit.appointment.buyer
    comes = Visit.objects.get().engineer.user
    assert [each.user for each in announcer_of(event.stream).audience(event)] == [buyer, visit.engineer.user, comes]
    notice = announcer_of(event.stream).notice(event, buyer)
    assert "Amira Haddad" in notice.text
    assert "5 Mar 2026" in notice.text
    assert "flu" not in notice.text


def test_the_one_who_comes_reaches_the_case_and_the_other_no_longer(visit):
    was = make_visit.engineer_of(visit)
    new = make.an_engineer(visit.appointment.seller)
    comes = Actor(channel=Channel.DASHBOARD, user=new.user, seller_id=new.seller_id, seat=Seat.ENGINEER)
    assert (visits_for(was).count(), visits_for(comes).count()) == (1, 0)
    sent(visit, engineer=new)
    assert (visits_for(was).count(), visits_for(comes).count()) == (0, 1)
    with pytest.raises(PermissionDenied):
        check_in(visit, by=was, at=BEGINS)
    assert check_in(visit, by=comes, at=BEGINS).state == "checked_in"


@pytest.mark.parametrize(("kept", "reason"), UNFIT)
def test_nobody_is_sent_who_cannot_come(visit, kept, reason):
    unfit = make.an_engineer(visit.appointment.seller, **kept)
    assert refused(sent, visit, engineer=unfit) == ("engineer_unfit", 422, reason)
    assert Visit.objects.get().engineer == visit.engineer
    assert not Event.objects.filter(kind="visit.engineer_changed").exists()


def test_nobody_is_sent_who_is_elsewhere(visit):
    seller = visit.appointment.seller
    busy = make.an_engineer(seller)
    confirmed(agreed(seller), engineer=busy)
    assert refused(sent, visit, engineer=busy) == ("engineer_booked", 409, "booked")


def test_it_is_somebody_else_of_the_sellers_own(visit):
    assert refused(sent, visit) == ("nobody_named", 422, None)
    assert refused(sent, visit, engineer=visit.engineer) == ("same_engineer", 409, None)
    assert refused(sent, visit, engineer=make.an_engineer(make.a_seller())) == ("engineer_of_another", 422, None)
    kept = sent(visit, contact_name=" Mr Karim ")
    assert (kept.engineer, kept.contact_name) == (None, "Mr Karim")
    assert refused(sent, visit, contact_name="mr karim") == ("same_engineer", 409, None)


def test_only_to_a_visit_that_is_planned(visit, owner):
    other = make.an_engineer(visit.appointment.seller)
    check_in(visit, by=owner, at=BEGINS)
    assert refused(sent, visit, engineer=other, at=BEGINS) == ("not_planned", 409, None)


def test_the_same_command_twice_changes_nothing(visit, owner):
    by = make.with_key(owner, "swap")
    for other in (make.an_engineer(visit.appointment.seller), make.an_engineer(visit.appointment.seller)):
        sent(visit, engineer=other, by=by)
    assert Visit.objects.get().engineer_id == told().detail["engineer"]
    assert refused(check_in, visit, by=by, at=BEGINS)[:2] == ("idempotency_key_reused", 422)


def test_the_buyer_the_engineer_and_strangers_send_nobody(visit):
    other = make.an_engineer(visit.appointment.seller)
    competitor = make.seller_of(make.a_cover())
    stranger = Actor(channel=Channel.PORTAL, user=UserFactory())
    for nobody in (make.buyer_of(visit.appointment), make_visit.engineer_of(visit), competitor, stranger):
        with pytest.raises(PermissionDenied):
            sent(visit, engineer=other, by=nobody)


@pytest.mark.parametrize("method", ["point", "remote"])
def test_who_serves_at_a_point_or_by_video_can_change_too(method):
    cover = make.a_cover()
    given = {"point": make.a_point(cover.seller, has_published_slots=False)} if method == "point" else {}
    appointment = make.requested(cover, at=R0, method=method, **given)
    make.accepted(make.offered(appointment, at=R0, **given), at=R0)
    engineer = make.an_engineer(cover.seller, areas=["DE"])
    assert sent(appointment.visits.get(), engineer=engineer).engineer == engineer
