"""Another date: who comes then, before the seller has confirmed, and where a service point is open (2.2.1, 2.3.1)."""

from datetime import timedelta

import pytest

from cases.actions.confirm import confirm
from cases.actions.new_dates import accept_new_date, propose_new_date
from cases.case_file import case_file
from cases.models import Visit
from cases.queries import appointments_for
from cases.terms import Window
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.visits import R0
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def visit():
    return make_visit.planned()


def now(thing):
    return make.fresh(thing)


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def sound(at):
    return [found for found in verify(Tally(), at=at) if found.what != "seal"]


def choices(appointment, by, at):
    return [choice.name for choice in case_file(appointment.case, by, at=at).choices]


# --- who comes then, and dates before the confirmation ----------------------------------------------------------------


@pytest.mark.clause("2.2.1")
def test_a_new_date_names_who_comes_then(visit):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    window = make_visit.window_after(R0, 5)
    engineer = visit.engineer
    engineer.days_off = [window.starts_at.date().isoformat()]
    engineer.save()
    assert refused(propose_new_date, appointment, [window], by=seller, at=R0) == ("engineer_unfit", 422)
    other = make.an_engineer(appointment.seller, name="Li")
    stranger = make.an_engineer(make.a_seller())
    assert refused(propose_new_date, appointment, [window], engineer=stranger, by=seller, at=R0) == (
        "engineer_of_another", 422,
    )  # fmt: skip
    made = propose_new_date(appointment, [window], engineer=other, by=seller, at=R0)
    assert now(visit).engineer == engineer
    assert make_visit.taken(made, by=buyer, at=R0).engineer == other


@pytest.mark.clause("2.2.1")
def test_the_seller_names_somebody_with_his_yes(visit):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    window = make_visit.window_after(R0, 5)
    visit.engineer.days_off = [window.starts_at.date().isoformat()]
    visit.engineer.save()
    wish = propose_new_date(appointment, [window], contact_name="Nobody asked", by=buyer, at=R0)
    assert refused(accept_new_date, wish, by=seller, at=R0) == ("engineer_unfit", 422)
    new = accept_new_date(wish, contact_name="Mr Chen", by=seller, at=R0)
    assert (new.engineer, new.contact_name) == (None, "Mr Chen")


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_an_agreed_date_is_moved_before_the_seller_confirms(side):
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0), at=R0)
    sides = {"buyer": make.buyer_of(appointment), "seller": make.seller_of(appointment)}
    before = now(appointment).next_due_at
    assert "propose_date" in choices(appointment, sides[side], R0)
    made = make_visit.proposed(appointment, by=sides.pop(side), at=R0)
    (other,) = sides.values()
    assert "accept_date" in choices(appointment, other, R0)
    answered = accept_new_date(made, window=1, by=other, at=R0)
    assert (answered, answered.state, now(appointment).state) == (made, "accepted", "agreed")
    assert now(appointment).next_due_at == before
    assert Event.objects.filter(kind="visit.date_agreed", subject=appointment.subject).count() == 1
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0)
    planned, window = appointment.visits.get(), make_visit.window_after(R0, 3)
    assert (planned.starts_at, planned.ends_at) == (window.starts_at, window.ends_at)
    assert sound(R0) == []


def test_a_date_left_unanswered_before_the_confirmation_is_about_the_visit_afterwards():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0), at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    wish = make_visit.proposed(appointment, by=buyer, at=R0)
    confirm(appointment, items=make.ALL_ITEMS, by=seller, at=R0)
    assert make_visit.taken(wish, by=seller, at=R0).number == 2
    assert Visit.objects.get(number=1).state == "rescheduled"


# --- service points ---------------------------------------------------------------------------------------------------


@pytest.mark.clause("2.2.1")
def test_no_visit_is_offered_where_a_point_is_closed_or_takes_nobody():
    point = make.a_point(make.a_seller())
    cover = make.a_cover(make.a_product(point.seller))
    slot = point.slots_between(R0 + 2 * DAY, R0 + 4 * DAY)[0]
    booked = make.requested(cover, at=R0, method="point", point=point, slot_starts_at=slot.starts_at)
    windows = [Window(slot.starts_at + DAY, slot.ends_at + DAY)]
    point.closed_days = [windows[0].starts_at.date().isoformat()]
    point.save()
    assert refused(make.offered, booked, at=R0, point=point, windows=windows) == ("point_unfit", 422)
    visit = make.accepted(
        make.offered(booked, at=R0, point=point, windows=[Window(slot.starts_at, slot.ends_at)]), at=R0
    )
    seller = make.seller_of(booked)
    assert refused(propose_new_date, visit, windows, by=seller, at=R0) == ("point_unfit", 422)
    point.is_active = False
    point.save()
    open_day = [Window(slot.starts_at + 2 * DAY, slot.ends_at + 2 * DAY)]
    assert refused(propose_new_date, visit, open_day, by=seller, at=R0) == ("point_unfit", 422)


@pytest.mark.clause("2.2.1")
def test_seats_of_longer_slots_count_for_as_long_as_they_were_taken():
    point = make.a_point(make.a_seller(), slot_minutes=60)
    slot = point.slots_between(R0 + 2 * DAY, R0 + 4 * DAY)[0]

    def booked(starts_at):
        cover = make.a_cover(make.a_product(point.seller))
        return make.requested(cover, at=R0, method="point", point=point, slot_starts_at=starts_at)

    booked(slot.starts_at)
    point.slot_minutes = 30
    point.save()
    assert refused(booked, slot.starts_at + timedelta(minutes=30)) == ("slot_taken", 409)
    assert booked(slot.ends_at).state == "requested"


@pytest.mark.clause("2.2.1")
def test_who_does_not_come_any_more_no_longer_reaches_the_case(visit):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    was = make_visit.engineer_of(visit)
    assert appointments_for(was).get() == appointment
    comes = make.an_engineer(appointment.seller, user=make.a_member(appointment.seller, "engineer"), name="Li")
    made = propose_new_date(appointment, [make_visit.window_after(R0, 5)], engineer=comes, by=seller, at=R0)
    new = make_visit.taken(made, by=buyer, at=R0)
    assert not appointments_for(was).exists()
    assert appointments_for(make_visit.engineer_of(new)).get() == appointment
