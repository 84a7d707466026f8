"""Held slots: for a buyer who is booking, and for one who decides on an offer; they end by the instant alone."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.holds import hold_slot, let_go_of_slot
from cases.actions.offers import offer, revise
from cases.actions.visits import check_in, complete
from cases.free_slots import free_slots
from cases.models import SlotSeat
from cases.models.seat import occupied_at
from cases.queries import hold_of
from cases.tasks import free_holds
from cases.terms import Window
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.2.1")]

AT = instant("2026-03-02T01:15:30Z")
SLOT = instant("2026-03-09T06:00:00Z")
# Seals are the relay's.
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
HOLD = timedelta(minutes=settings.SLOT_HOLD_MINUTES)
OTHER_SLOT = SLOT + 3 * HOUR
FIRST, SECOND = Window(SLOT, SLOT + HOUR), Window(OTHER_SLOT, OTHER_SLOT + HOUR)


@pytest.fixture
def point():
    return make.a_point(make.a_seller())


def cover_at(point):
    return make.a_cover(make.a_product(point.seller))


def held(point, *, at=AT, slot=SLOT, cover=None):
    cover = cover or cover_at(point)
    hold_slot(cover, point, slot, by=make.buyer_of(cover), at=at)
    return cover


def booked(cover, point, *, at, slot=SLOT):
    wish = make.a_service_request(method="point", point=point, slot_starts_at=slot)
    return request_service(cover, wish, by=make.buyer_of(cover), at=at)


def refused(call, *args, **given):
    with pytest.raises(RuleBroken) as told:
        call(*args, **given)
    return told.value.code, told.value.status


def offered_at(point, *windows, at=AT, **given):
    """An offer of times at the point to a buyer who asked for a door visit."""
    appointment = make.requested(given.pop("cover", None) or cover_at(point), at=at)
    return make.offered(appointment, at=at, method="point", point=point, windows=list(windows), **given)


def taken(point):
    return sorted(SlotSeat.objects.filter(point=point, released_at=None, held_until=None).values_list("starts_at"))


# --- While a buyer is booking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "outcome"), [(HOLD, ("slot_taken", 409)), (HOLD + MICROSECOND, None)], ids=["last instant", "one later"]
)
def test_nobody_else_books_a_held_slot_up_to_and_including_its_last_instant(point, after, outcome):
    held(point)
    other = cover_at(point)
    if outcome:
        assert refused(booked, other, point, at=AT + after) == outcome
    else:
        assert booked(other, point, at=AT + after).slot_starts_at == SLOT
    (kept,) = SlotSeat.objects.filter(held_until=AT + HOLD)
    assert kept.released_at == (None if outcome else AT + HOLD)


def test_the_predicate_and_its_sql_twin_agree_at_every_instant_around_the_end(point):
    held(point)
    for at in (AT, AT + HOLD - MICROSECOND, AT + HOLD, AT + HOLD + MICROSECOND):
        (seat,) = SlotSeat.objects.all()
        assert seat.counts_at(at) is SlotSeat.objects.filter(occupied_at(at)).exists()


def test_the_hold_turns_into_the_seat(point):
    cover = held(point)
    appointment = booked(cover, point, at=AT + HOLD)
    (seat,) = SlotSeat.objects.all()
    assert (seat.appointment, seat.held_until, seat.taken_at, seat.released_at) == (appointment, None, AT + HOLD, None)


def test_an_expired_hold_costs_nothing_while_the_slot_is_free_and_says_so_once_it_has_gone(point):
    late, lucky = held(point), held(point, slot=OTHER_SLOT)
    after = AT + HOLD + MICROSECOND
    assert booked(lucky, point, at=after, slot=OTHER_SLOT).slot_starts_at == OTHER_SLOT
    booked(cover_at(point), point, at=after)
    assert refused(booked, late, point, at=after) == ("hold_expired", 409)
    assert taken(point) == [(SLOT,), (OTHER_SLOT,)]


def test_a_buyer_holds_one_slot_at_a_time_and_can_let_go(point):
    cover = held(point)
    held(point, slot=OTHER_SLOT, cover=cover, at=AT + MICROSECOND)
    assert SlotSeat.objects.filter(occupied_at(AT + MICROSECOND)).get().starts_at == OTHER_SLOT
    buyer = make.buyer_of(cover)
    assert hold_of(buyer, point, OTHER_SLOT, at=AT + MICROSECOND)
    let_go_of_slot(cover, by=buyer, at=AT + 2 * MICROSECOND)
    assert not SlotSeat.objects.filter(occupied_at(AT + 2 * MICROSECOND)).exists()


def test_a_held_slot_is_free_for_its_holder_and_taken_for_others(point):
    cover = held(point)
    for who, at, is_free in (
        (cover, AT, True),
        (cover_at(point), AT, False),
        (cover_at(point), AT + HOLD + MICROSECOND, True),
    ):
        free = free_slots([point], make.buyer_of(who), at=at, days=14)
        assert (SLOT in [slot.starts_at for slot in free]) is is_free


def test_only_the_buyer_holds_published_slots_of_his_own_seller(point):
    cover = cover_at(point)
    buyer, other = make.buyer_of(cover), make.a_point(make.a_seller())
    for by in (make.seller_of(cover), make.buyer_of(cover_at(point))):
        with pytest.raises(PermissionDenied):
            hold_slot(cover, point, SLOT, by=by, at=AT)
    assert refused(hold_slot, cover, other, SLOT, by=buyer, at=AT) == ("point_required", 422)
    for wrong in (None, SLOT + MICROSECOND, SLOT - 8 * 24 * HOUR):
        assert refused(hold_slot, cover, point, wrong, by=buyer, at=AT) == ("slot_not_published", 422)
    by_agreement = make.a_point(point.seller, has_published_slots=False)
    assert hold_slot(cover, by_agreement, None, by=buyer, at=AT) is None
    assert not SlotSeat.objects.exists()


def test_the_task_only_writes_down_what_is_over(point, frozen):
    held(point)
    frozen.move_to(AT + HOLD)
    free_holds()
    assert SlotSeat.objects.get().released_at is None
    frozen.move_to(AT + HOLD + MICROSECOND)
    free_holds()
    free_holds()
    assert SlotSeat.objects.get().released_at == AT + HOLD


# --- While a buyer decides on an offer --------------------------------------------------------------------------------


def test_every_offered_slot_is_held_and_only_the_chosen_one_is_taken(point):
    made = offered_at(point, FIRST, SECOND)
    assert refused(booked, cover_at(point), point, at=AT) == ("slot_taken", 409)
    assert refused(booked, cover_at(point), point, at=AT, slot=OTHER_SLOT) == ("slot_taken", 409)
    make.accepted(made, at=AT + HOLD, window=1)
    assert taken(point) == [(OTHER_SLOT,)]
    assert booked(cover_at(point), point, at=AT + HOLD).slot_starts_at == SLOT
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_a_time_that_is_full_is_not_offered(point):
    booked(cover_at(point), point, at=AT)
    assert refused(offered_at, point, FIRST) == ("slot_taken", 409)
    assert offered_at(point, SECOND).state == "standing"


def test_a_window_takes_every_slot_it_reaches_into_and_a_time_outside_the_hours_none(point):
    half_past = Window(SLOT + HOUR / 2, SLOT + 2 * HOUR)
    make.accepted(offered_at(point, half_past), at=AT)
    assert taken(point) == [(SLOT,), (SLOT + HOUR,)]
    evening = Window(SLOT + 12 * HOUR, SLOT + 13 * HOUR)
    make.accepted(offered_at(point, evening), at=AT)
    assert len(taken(point)) == 2


@pytest.mark.parametrize(("after", "code"), [(HOLD, "slot_taken"), (HOLD + MICROSECOND, "hold_expired")])
def test_the_offer_stands_longer_than_the_hold(point, after, code):
    made = offered_at(point, FIRST)
    rival = cover_at(point)
    if code == "slot_taken":
        assert refused(booked, rival, point, at=AT + after) == (code, 409)
        make.accepted(made, at=AT + after)
        assert taken(point) == [(SLOT,)]
        return
    booked(rival, point, at=AT + after)
    assert refused(make.accepted, made, at=AT + after) == (code, 409)
    assert (make.fresh(made).state, make.fresh(made.appointment).state) == ("standing", "proposed")


def test_an_expired_hold_is_taken_where_the_slot_is_still_free(point):
    make.accepted(offered_at(point, FIRST), at=AT + 2 * HOLD)
    assert taken(point) == [(SLOT,)]


@pytest.mark.parametrize("end", ["revised", "countered", "cancelled"])
def test_what_no_offer_names_any_more_is_held_no_more(point, end):
    made = offered_at(point, FIRST)
    buyer = make.buyer_of(made.appointment)
    match end:
        case "revised":
            terms = make.offer_terms(AT, method="point", point=point, windows=[SECOND])
            revise(made, terms, by=make.seller_of(made.appointment), at=AT)
        case "countered":
            counter(made, wish="Another day.", by=buyer, at=AT)
        case "cancelled":
            make.cancelled(made.appointment, at=AT)
    assert booked(cover_at(point), point, at=AT).slot_starts_at == SLOT


def test_a_late_offer_holds_nothing_and_takes_its_slot_once_accepted(point):
    appointment = make.requested(cover_at(point), at=AT)
    late = AT + timedelta(hours=48) + MICROSECOND
    assert refused(make.offered, appointment, at=late, method="point", point=point, windows=[FIRST])[0] == (
        "deadline_passed"
    )
    assert not SlotSeat.objects.exists()
    make.accepted(appointment.offers.get(), at=late)
    assert taken(point) == [(SLOT,)]


# --- A visit that is moved --------------------------------------------------------------------------------------------


@pytest.fixture
def visit(point):
    """A visit at the point in the first slot."""
    appointment = booked(cover_at(point), point, at=AT)
    return make.accepted(make.offered(appointment, at=AT, point=point, windows=[FIRST]), at=AT).visits.get()


def test_a_moved_visit_gives_its_seat_back_and_takes_another(point, visit):
    seller, buyer = make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    proposal = make_visit.proposed(visit.appointment, by=seller, at=AT, windows=[SECOND])
    # Until the yes the visit keeps its seat, and the proposed one is held.
    for slot in (SLOT, OTHER_SLOT):
        assert refused(booked, cover_at(point), point, at=AT, slot=slot) == ("slot_taken", 409)
    make_visit.taken(proposal, by=buyer, at=AT + HOUR)
    assert taken(point) == [(OTHER_SLOT,)]
    assert booked(cover_at(point), point, at=AT + HOUR).slot_starts_at == SLOT
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_a_visit_is_not_moved_to_where_somebody_else_sits(point, visit):
    seller, buyer = make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    proposal = make_visit.proposed(visit.appointment, by=buyer, at=AT, windows=[SECOND])
    booked(cover_at(point), point, at=AT + HOLD + MICROSECOND, slot=OTHER_SLOT)
    assert refused(make_visit.taken, proposal, by=seller, at=AT + HOUR) == ("hold_expired", 409)
    assert refused(make_visit.proposed, visit.appointment, by=buyer, at=AT + HOUR, windows=[SECOND])[0] == "slot_taken"
    assert (make.fresh(visit).state, make.fresh(proposal).state) == ("planned", "standing")
    assert taken(point) == [(SLOT,), (OTHER_SLOT,)]


def test_another_visit_holds_its_own_seat_and_takes_it_with_the_buyers_yes(point, visit):
    appointment, seller = visit.appointment, make.seller_of(visit.appointment)
    begun = check_in(visit, by=seller, at=SLOT)
    again = Window(SLOT + 24 * HOUR, SLOT + 25 * HOUR)
    complete(begun, "Part is missing.", another=again, by=seller, at=SLOT)
    held = appointment.seats.get(starts_at=again.starts_at)
    assert (held.released_at, held.held_until) == (None, SLOT + timedelta(minutes=30))
    make_visit.taken(appointment.proposals.get(), by=make.buyer_of(appointment), at=SLOT)
    assert taken(point) == [(again.starts_at,)]


def test_a_lowered_capacity_gives_out_no_seat_before_enough_are_free():
    point = make.a_point(make.a_seller(), capacity=2)
    appointments = [booked(cover_at(point), point, at=AT) for _seat in range(2)]
    point.capacity = 1
    point.save()
    make.cancelled(appointments[0], at=AT)
    assert refused(booked, cover_at(point), point, at=AT) == ("slot_taken", 409)
    make.cancelled(appointments[1], at=AT)
    assert booked(cover_at(point), point, at=AT)


def test_a_double_click_on_an_offer_holds_once(point):
    appointment = make.requested(cover_at(point), at=AT)
    by = make.with_key(make.seller_of(appointment), "twice")
    terms = make.offer_terms(AT, method="point", point=point, windows=[FIRST])
    made = {offer(appointment, terms, by=by, at=AT).pk for _click in range(2)}
    assert len(made) == SlotSeat.objects.filter(released_at=None).count() == 1
    assert accept(appointment.offers.get(), by=make.buyer_of(appointment), at=AT).state == "confirmed"
