"""Visits and reminders worked out by hand: excuses beside no-shows, owed dates, seats, shares of a moved limit."""

from datetime import timedelta

import pytest

from cases.actions.cancel import cancel
from cases.actions.claim_rulings import grant
from cases.actions.declared import grant_for_event
from cases.actions.holds import hold_slot
from cases.actions.new_dates import accept_new_date, decline_new_date
from cases.actions.no_shows import report_broken_off
from cases.actions.outages import decide_outage
from cases.actions.visits import check_in, complete
from cases.actions.waivers import confirm_waiver, state_waiver
from cases.models import Deadline
from cases.outages import apply_outages
from cases.reminders.loop import remind
from cases.sweep import sweep_batch
from cases.terms import Window
from cases.touched import touched_by
from complaints.breaches import breaches_of
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS, ENDS, GRACE, R0
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

DUE = instant("2026-03-04T01:15:30Z")
REPORTED = ENDS + GRACE
OWED = REPORTED + timedelta(hours=48)
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def visit():
    return make_visit.planned()


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def outcome(appointment):
    now = make.fresh(appointment)
    return now.state, now.ended_at


def breaches(appointment):
    return [(str(each.kind), each.occurred_at) for each in breaches_of([appointment.pk]).values() if each.is_fact]


def tolled(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize(("until", "is_excused"), [(ENDS, True), (ENDS - MICROSECOND, False)])
def test_an_embargo_excuses_the_missed_visit_and_not_the_date_that_is_owed(visit, until, is_excused):
    appointment = visit.appointment
    filed = claim.claimed(
        appointment, at=BEGINS - HOUR, begins_at=BEGINS - 12 * HOUR, ends_at=until, duties=["visit"], kind="ban",
        proven=True,
    )  # fmt: skip
    claim.granted(filed, at=BEGINS - HOUR / 2)
    make_visit.nobody_came(visit)
    assert breaches(appointment) == ([] if is_excused else [("no_show", ENDS)])
    assert clock(appointment, "new_date").due_at == OWED


@pytest.mark.clause("4.1.2")
def test_a_date_offered_under_a_claim_that_is_rejected_came_late(visit):
    appointment = visit.appointment
    make_visit.nobody_came(visit)
    filed = claim.claimed(
        appointment, at=REPORTED + 2 * HOUR, begins_at=REPORTED + HOUR, ends_at=REPORTED + 11 * HOUR,
        duties=["new_date"], proven=True,
    )  # fmt: skip
    assert clock(appointment, "new_date").due_at == OWED + 10 * HOUR
    make_visit.proposed(appointment, by=make.seller_of(appointment), at=OWED + HOUR)
    claim.rejected(filed, at=OWED + 2 * HOUR)
    assert outcome(appointment) == ("deemed_refused", OWED)


def test_a_date_kept_as_late_is_in_time_once_the_outage_is_tolled(visit):
    appointment = visit.appointment
    make_visit.nobody_came(visit)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make_visit.proposed(appointment, by=make.seller_of(appointment), at=OWED + HOUR)
    assert outcome(appointment) == ("deemed_refused", OWED)
    tolled(OWED - 2 * HOUR, OWED + HOUR / 2, at=OWED + 5 * HOUR)
    assert outcome(appointment) == ("confirmed", None)
    assert (clock(appointment, "new_date").state, clock(appointment, "new_date").ended_at) == ("met", OWED + HOUR)
    new = make_visit.taken(
        appointment.proposals.get(state="standing"), by=make.buyer_of(appointment), at=OWED + 6 * HOUR
    )
    assert new.state == "planned"
    assert breaches(appointment) == [("no_show", ENDS)]


def test_two_missed_visits_and_no_third_date_are_three_breaches(visit):
    appointment = visit.appointment
    make_visit.nobody_came(visit)
    made = make_visit.proposed(appointment, by=make.seller_of(appointment), at=REPORTED + HOUR)
    second = make_visit.taken(made, by=make.buyer_of(appointment), at=REPORTED + 2 * HOUR)
    missed_at = second.ends_at + GRACE
    make_visit.nobody_came(second, at=missed_at)
    sweep_batch(at=missed_at + 49 * HOUR)
    assert outcome(appointment) == ("deemed_refused", missed_at + 48 * HOUR)
    assert sorted(kind for kind, _at in breaches(appointment)) == ["missed_limit", "no_show", "no_show"]


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize("how", ["cancel", "waiver"])
def test_a_buyer_who_gives_up_while_a_date_is_owed_leaves_the_no_show_alone(visit, how):
    appointment, buyer = visit.appointment, make.buyer_of(visit.appointment)
    make_visit.nobody_came(visit)
    if how == "cancel":
        cancel(appointment, by=buyer, at=OWED)
    else:
        cover = appointment.case.cover
        stated = state_waiver(cover, order_number=cover.order.number, statement="Sold.", by=buyer, at=OWED - HOUR)
        assert (make.fresh(cover).state, outcome(appointment)[0]) == ("active", "confirmed")
        confirm_waiver(stated, by=buyer, at=OWED)
        assert make.fresh(cover).state == "waived"
    assert outcome(appointment) == ({"cancel": "cancelled", "waiver": "excluded"}[how], OWED)
    assert breaches(appointment) == [("no_show", ENDS)]
    assert clock(appointment, "new_date").state == "voided"


def test_work_is_broken_off_from_the_last_instant_of_the_grace_on(visit):
    appointment, buyer, left = visit.appointment, make.buyer_of(visit.appointment), BEGINS + GRACE
    checked_in = check_in(visit, by=make.seller_of(appointment), at=BEGINS)
    with pytest.raises(RuleBroken, match="too_early"):
        report_broken_off(checked_in, "He left.", by=buyer, at=left - MICROSECOND)
    report_broken_off(checked_in, "He left.", by=buyer, at=left)
    assert outcome(appointment) == ("confirmed", None)
    assert clock(appointment, "new_date").due_at == left + 48 * HOUR


def test_the_buyers_no_to_the_date_of_a_second_visit_starts_the_sellers_48_hours(visit):
    appointment, seller, at = visit.appointment, make.seller_of(visit.appointment), BEGINS + HOUR
    later = Window(at + timedelta(days=4), at + timedelta(days=4, hours=2))
    complete(check_in(visit, by=seller, at=BEGINS), "A part is missing.", another=later, by=seller, at=at)
    assert outcome(appointment) == ("confirmed", None)
    made = appointment.proposals.get(state="standing")
    decline_new_date(made, "At a weekend.", by=make.buyer_of(appointment), at=at + HOUR)
    sweep_batch(at=at + 50 * HOUR)
    assert outcome(appointment) == ("deemed_refused", at + 49 * HOUR)


def test_a_date_moved_before_the_confirmation_moves_no_limit():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    due_at = instant("2026-03-17T16:00:00Z")
    after = Window(due_at + timedelta(days=2), due_at + timedelta(days=2, hours=2))
    made = make_visit.proposed(appointment, by=make.seller_of(appointment), at=R0 + 3 * HOUR, windows=[after])
    accept_new_date(made, window=0, by=make.buyer_of(appointment), at=R0 + 4 * HOUR)
    sweep_batch(at=due_at + HOUR)
    assert outcome(appointment) == ("deemed_refused", due_at)


@pytest.mark.clause("4.1.1")
def test_a_revoked_exclusion_leaves_the_reported_no_show_of_the_buyer(visit):
    appointment = visit.appointment
    make_visit.nobody_home(visit)
    filed = claim.claimed(appointment, at=BEGINS + HOUR, ground="buyer_reason", statement="Closed.", proven=True)
    grant(filed, reason="Photos.", by=claim.an_auditor(), at=BEGINS + 2 * HOUR)
    assert outcome(appointment) == ("excluded", BEGINS + 2 * HOUR)
    claim.revoked(filed, at=BEGINS + 3 * HOUR)
    assert outcome(appointment) == ("confirmed", None)
    assert make.fresh(visit).state == "buyer_no_show"


@pytest.mark.clause("4.1.2")
def test_a_declared_event_reaches_who_waits_and_who_was_deemed_refused():
    first, second = make.requested(at=R0), make.requested(at=R0)
    event = claim.declared(at=DUE - 20 * HOUR)
    assert set(touched_by(event)) == {first, second}
    grant_for_event(event, first, reason="The weather office.", by=claim.an_auditor(), at=DUE - 19 * HOUR)
    assert set(touched_by(event)) == {second}
    sweep_batch(at=DUE + HOUR)
    assert outcome(second) == ("deemed_refused", DUE)
    grant_for_event(event, second, reason="The weather office.", by=claim.an_auditor(), at=DUE + 2 * HOUR)
    assert outcome(second) == outcome(first) == ("requested", None)
    assert clock(first, "response").due_at == clock(second, "response").due_at == instant("2026-03-06T13:15:30Z")


@pytest.mark.clause("2.2.1")
def test_a_point_holds_as_many_as_it_has_room_for_up_to_the_last_instant_of_a_hold():
    seller = make.a_seller()
    point, product = make.a_point(seller, capacity=2), make.a_product(seller)
    *both, third = (make.a_cover(product) for _n in range(3))
    slot, half_an_hour = instant("2026-03-05T06:00:00Z"), timedelta(minutes=30)
    for cover in both:
        hold_slot(cover, point, slot, by=make.buyer_of(cover), at=R0)
    with pytest.raises(RuleBroken, match="slot_taken"):
        hold_slot(third, point, slot, by=make.buyer_of(third), at=R0 + half_an_hour)
    assert hold_slot(third, point, slot, by=make.buyer_of(third), at=R0 + half_an_hour + MICROSECOND)


@pytest.mark.clause("4.1.2")
def test_reminders_follow_a_pause_and_its_end():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=instant("2026-03-03T00:00Z"), proven=True)
    # 14:44:30 were used before the typhoon: half of 48 hours are 9:15:30 after it.
    assert clock(appointment, "response").next_reminder_at == instant("2026-03-05T13:15:30Z")
    claim.rejected(filed, at=instant("2026-03-03T14:00Z"))
    remind(now=lambda: instant("2026-03-03T14:00Z"))
    row = clock(appointment, "response")
    assert (row.reminded_step, row.next_reminder_at) == (75, instant("2026-03-03T20:27:30Z"))


def test_a_limit_that_runs_again_reminds_of_the_steps_that_are_left():
    appointment = make.requested(at=R0)
    remind(now=lambda: R0 + 24 * HOUR)
    remind(now=lambda: R0 + 36 * HOUR)
    sweep_batch(at=DUE + HOUR)
    tolled(DUE - 10 * HOUR, DUE + HOUR, at=DUE + HOUR)
    # 38 hours were used; 90 % of the limit are 43 hours and 12 minutes.
    ninety = DUE + HOUR + timedelta(hours=5, minutes=12)
    assert clock(appointment, "response").next_reminder_at == ninety
    remind(now=lambda: ninety - MICROSECOND)
    assert clock(appointment, "response").reminded_step == 75
    remind(now=lambda: ninety)
    assert (clock(appointment, "response").reminded_step, clock(appointment, "response").next_reminder_at) == (90, None)
