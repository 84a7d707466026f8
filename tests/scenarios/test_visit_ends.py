"""What becomes of a visit: cancelled with its appointment, restored with it, undated, broken off, made again."""

from datetime import timedelta

import pytest

from cases.actions.cancel import cancel
from cases.actions.claim_rulings import decide_revocation, grant, propose_revocation
from cases.actions.confirm import confirm
from cases.actions.new_dates import accept_new_date, decline_new_date
from cases.actions.no_shows import dispute_no_show, report_broken_off
from cases.actions.offers import refuse
from cases.actions.visits import check_in, complete
from cases.case_file import case_file
from cases.dates import buyer_missed_at, seller_missed_at
from cases.models import DateProposal, Deadline, SlotSeat
from cases.queries import visits_under_way
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import visits as make_visit
from tests.factories.accounts import AuditorFactory
from tests.factories.claims import claimed
from tests.factories.visits import BEGINS, ENDS, GRACE, R0
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.pages.calendars import calendar_answer
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture
def visit():
    return make_visit.planned()


def now(thing):
    return make.fresh(thing)


def states(visit):
    return now(visit.appointment).state, now(visit).state


def refused(call, *args, **kwargs):
    with pytest.raises(RuleBroken) as told:
        call(*args, **kwargs)
    return told.value.code, told.value.status


def sound(at):
    return [found for found in verify(Tally(), at=at) if found.what != "seal"]


def auditor():
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def choices(appointment, by, at):
    return [choice.name for choice in case_file(appointment.case, by, at=at).choices]


# --- the end of the appointment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended_by", ["seller", "buyer"])
def test_a_visit_ends_with_its_appointment(visit, ended_by):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    if ended_by == "seller":
        refuse(appointment, "No spare parts.", by=seller, at=R0 + HOUR)
    else:
        cancel(appointment, by=buyer, at=R0 + HOUR)
    assert now(visit).state == "cancelled"
    assert list(visits_under_way(seller)) == []
    ics = calendar_answer("v.ics", [now(visit)], "portal", by=buyer, at=R0 + HOUR).content.decode()
    assert "STATUS:CANCELLED" in ics
    assert sound(R0 + HOUR) == []


def test_a_cured_refusal_plans_a_visit_of_its_own(visit):
    appointment = visit.appointment
    refuse(appointment, "No spare parts.", by=make.seller_of(appointment), at=R0 + HOUR)
    make.accepted(make.offered(now(appointment), at=R0 + 2 * HOUR), at=R0 + 3 * HOUR)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=R0 + 4 * HOUR)
    assert list(appointment.visits.values_list("number", "state")) == [(1, "cancelled"), (2, "planned")]
    assert sound(R0 + 4 * HOUR) == []


def excluded_and_readmitted(claim, at, between=lambda: None):
    first, second = auditor(), auditor()
    grant(claim, reason="Proven.", excludes=True, by=first, at=at)
    ended = states_of(claim)
    between()
    propose_revocation(claim, reason="Forged.", by=first, at=at + HOUR)
    decide_revocation(claim, approved=True, reason="Forged indeed.", by=second, at=at + 2 * HOUR)
    return ended


def states_of(claim):
    visit = claim.appointment.visits.first()
    return visit and visit.state


@pytest.mark.clause("4.1.1")
def test_a_revoked_grant_gives_the_visit_back(visit):
    claim = claimed(visit.appointment, ground="buyer_reason", at=BEGINS + GRACE)
    assert excluded_and_readmitted(claim, BEGINS + HOUR) == "buyer_no_show"
    assert states(visit) == ("confirmed", "planned")
    assert sound(BEGINS + DAY) == []


@pytest.mark.clause("4.1.1")
def test_a_reported_no_show_stays_one_when_the_grant_is_revoked(visit):
    make_visit.nobody_home(visit)
    claim = claimed(visit.appointment, ground="buyer_reason", at=BEGINS + GRACE)
    assert excluded_and_readmitted(claim, BEGINS + HOUR) == "buyer_no_show"
    assert states(visit) == ("confirmed", "buyer_no_show")
    assert sound(BEGINS + DAY) == []


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("begun", [False, True])
def test_a_visit_excluded_by_force_majeure_comes_back_as_it_was(visit, begun):
    if begun:
        check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    claim = claimed(visit.appointment, at=BEGINS + HOUR, begins_at=BEGINS, proven=True)
    assert excluded_and_readmitted(claim, BEGINS + 2 * HOUR) == "cancelled"
    assert states(visit) == (("in_service", "checked_in") if begun else ("confirmed", "planned"))
    assert sound(BEGINS + DAY) == []


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize("capacity", [1, 2])
def test_a_readmitted_appointment_takes_any_free_seat_of_its_slot(capacity):
    point = make.a_point(make.a_seller(), capacity=2)
    slot = point.slots_between(R0 + DAY, R0 + 3 * DAY)[0].starts_at

    def booked():
        cover = make.a_cover(make.a_product(point.seller))
        return make.requested(cover, at=R0, method="point", point=point, slot_starts_at=slot)

    first = booked()
    claim = claimed(first, at=R0 + HOUR, begins_at=R0, proven=True)

    def others():
        if capacity == 1:
            point.capacity = 1
            point.save()
        booked()

    excluded_and_readmitted(claim, R0 + 2 * HOUR, between=others)
    sitting = SlotSeat.objects.filter(point=point, released_at=None).order_by("seat")
    assert sitting.count() == capacity
    assert sitting.filter(appointment=first).exists() == (capacity == 2)


# --- no time agreed ---------------------------------------------------------------------------------------------------


def undated(method="remote", **given):
    """Confirmed by accepting an offer that names a dated next step and no window."""
    appointment = make.requested(at=R0, method=method, **given)
    step = {"windows": [], "next_step": "We call you.", "next_step_at": R0 + 2 * DAY}
    return make.accepted(make.offered(appointment, at=R0 + HOUR, **step), window=0, at=R0 + 2 * HOUR).visits.get()


def test_a_visit_without_an_agreed_time_cannot_be_missed():
    visit = undated()
    assert (visit.starts_at, visit.ends_at, visit.has_date) == (R0 + 2 * DAY, None, False)
    assert (seller_missed_at(visit), buyer_missed_at(visit)) == (None, None)
    for report in (make_visit.nobody_came, make_visit.nobody_home):
        assert refused(report, visit, at=R0 + 30 * DAY) == ("date_not_agreed", 409)
    assert "seller_no_show" not in choices(visit.appointment, make.buyer_of(visit.appointment), R0 + 30 * DAY)


def test_a_visit_confirmed_after_its_time_is_planned_without_one():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0), at=R0)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=ENDS)
    visit = appointment.visits.get()
    assert (visit.starts_at, visit.ends_at) == (ENDS, None)
    assert refused(make_visit.nobody_came, visit, at=ENDS + GRACE) == ("date_not_agreed", 409)
    assert "propose_date" in choices(appointment, make.seller_of(appointment), ENDS + GRACE)


def test_a_visit_confirmed_while_its_time_runs_can_still_be_made():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0), at=R0)
    confirm(appointment, items=make.ALL_ITEMS, by=make.seller_of(appointment), at=BEGINS + HOUR)
    visit = appointment.visits.get()
    assert (visit.starts_at, visit.ends_at) == (BEGINS + HOUR, ENDS)
    assert refused(make_visit.nobody_home, visit, at=BEGINS + HOUR) == ("too_early", 409)


@pytest.mark.clause("2.3.2")
def test_a_booked_slot_is_missed_when_it_is_over():
    point = make.a_point(make.a_seller())
    slot = point.slots_between(R0 + 2 * DAY, R0 + 4 * DAY)[0]
    cover = make.a_cover(make.a_product(point.seller))
    booked = make.requested(cover, at=R0, method="point", point=point, slot_starts_at=slot.starts_at)
    step = {"windows": [], "next_step": "Bring it.", "next_step_at": slot.starts_at, "point": point}
    visit = make.accepted(make.offered(booked, at=R0, **step), at=R0).visits.get()
    assert (visit.starts_at, visit.ends_at) == (slot.starts_at, slot.ends_at)
    assert refused(make_visit.nobody_came, visit, at=slot.ends_at + GRACE - MICROSECOND) == ("too_early", 409)


def test_the_buyers_wish_for_an_undated_visit_gives_the_seller_48_hours():
    visit = undated()
    appointment, buyer, seller = visit.appointment, make.buyer_of(visit.appointment), make.seller_of(visit.appointment)
    wish = make_visit.proposed(appointment, by=buyer, at=R0 + DAY)
    assert Deadline.objects.get(appointment=appointment, clock="new_date").due_at == R0 + 3 * DAY
    dated = accept_new_date(wish, window=0, by=seller, at=R0 + 2 * DAY)
    assert (dated.number, dated.has_date, now(visit).state) == (2, True, "rescheduled")
    assert Deadline.objects.get(appointment=appointment, clock="new_date").state == "met"


def test_an_undated_visit_whose_seller_names_no_date_is_refused():
    visit = undated()
    make_visit.proposed(visit.appointment, by=make.buyer_of(visit.appointment), at=R0 + DAY)
    sweep_batch(at=R0 + 4 * DAY)
    assert states(visit) == ("deemed_refused", "cancelled")
    assert sound(R0 + 4 * DAY) == []


# --- checking in ------------------------------------------------------------------------------------------------------


def test_nobody_checks_in_days_before_the_visit(visit, settings):
    seller = make.seller_of(visit.appointment)
    opens = BEGINS - timedelta(hours=12)
    assert refused(check_in, visit, by=seller, at=opens - MICROSECOND) == ("too_early", 409)
    assert "check_in" not in choices(visit.appointment, seller, opens - MICROSECOND)
    assert "check_in" in choices(visit.appointment, seller, opens)
    settings.CHECK_IN_HOURS_BEFORE = 2
    assert refused(check_in, visit, by=seller, at=opens) == ("too_early", 409)
    assert check_in(visit, by=seller, at=BEGINS - 2 * HOUR).state == "checked_in"


def test_an_undated_visit_begins_when_the_two_sides_meet():
    visit = undated()
    assert check_in(visit, by=make.seller_of(visit.appointment), at=R0 + DAY).state == "checked_in"


@pytest.mark.parametrize("report", [make_visit.nobody_came, make_visit.nobody_home])
def test_a_check_in_received_before_the_report_counts(visit, report):
    reported = ENDS + GRACE
    report(visit, at=reported)
    seller = make.seller_of(visit.appointment)
    check_in(visit, by=seller, at=reported - MICROSECOND)
    assert states(visit) == ("in_service", "checked_in")
    assert not Deadline.objects.filter(appointment=visit.appointment, clock="new_date", state="running").exists()
    assert now(visit.appointment).next_due_at is None
    assert sound(reported) == []


def test_a_check_in_received_after_the_report_does_not():
    visit = make_visit.nobody_came(make_visit.planned())
    with pytest.raises(Exception, match="switch"):
        check_in(visit, by=make.seller_of(visit.appointment), at=ENDS + GRACE)
    assert states(visit) == ("confirmed", "seller_no_show")


# --- broken off, and another visit ------------------------------------------------------------------------------------


def test_the_buyer_reports_that_the_work_was_broken_off(visit):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    assert refused(report_broken_off, visit, "He left.", by=buyer, at=ENDS) == ("not_under_way", 409)
    check_in(visit, by=seller, at=BEGINS)
    assert refused(report_broken_off, visit, "He left.", by=buyer, at=BEGINS) == ("too_early", 409)
    assert "broken_off" not in choices(appointment, buyer, BEGINS)
    at = BEGINS + GRACE
    assert "broken_off" in choices(appointment, buyer, at)
    assert refused(report_broken_off, visit, " ", by=buyer, at=at) == ("evidence_required", 422)
    report_broken_off(visit, "He left.", by=buyer, at=at)
    assert states(visit) == ("confirmed", "broken_off")
    assert now(appointment).next_due_at == at + 48 * HOUR
    assert "dispute_no_show" in choices(appointment, seller, at)
    dispute_no_show(visit, "I was sent away.", by=seller, at=at)
    proposal = make_visit.proposed(appointment, by=seller, at=at)
    assert proposal.is_caused_by_seller
    assert now(appointment).next_due_at is None
    assert make_visit.taken(proposal, by=buyer, at=at).state == "planned"
    assert sound(at) == []


def test_a_seller_who_broke_off_and_names_no_date_has_refused(visit):
    check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    report_broken_off(visit, "He left.", by=make.buyer_of(visit.appointment), at=ENDS)
    sweep_batch(at=ENDS + 49 * HOUR)
    assert states(visit) == ("deemed_refused", "broken_off")
    assert sound(ENDS + 49 * HOUR) == []


def test_another_visit_is_planned_once_the_buyer_agrees(visit):
    appointment, seller, buyer = visit.appointment, make.seller_of(visit.appointment), make.buyer_of(visit.appointment)
    check_in(visit, by=seller, at=BEGINS)
    complete(visit, "A part is missing.", another=make_visit.window_after(ENDS), by=seller, at=ENDS)
    assert states(visit) == ("confirmed", "done")
    assert appointment.visits.count() == 1
    decline_new_date(DateProposal.objects.get(), "On Sunday.", by=buyer, at=ENDS + HOUR)
    assert now(appointment).next_due_at == ENDS + 49 * HOUR
    again = make_visit.proposed(appointment, by=seller, at=ENDS + 2 * HOUR)
    new = make_visit.taken(again, by=buyer, at=ENDS + 3 * HOUR)
    assert (new.number, new.state, now(visit).state, new.engineer) == (2, "planned", "done", visit.engineer)
    assert make_visit.done(new).state == "completed"
    assert sound(ENDS + 5 * DAY) == []
