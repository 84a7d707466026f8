"""Scenarios of the reply to a door visit: S01 to S17, S40 to S42, S82; the automatic answer of S10 is in test_mails."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from structlog.testing import capture_logs

from cases import queries
from cases.actions.answers import counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.messages import write
from cases.actions.offers import offer, refuse, revise
from cases.models import Deadline, Offer, SlotSeat
from cases.sweep import sweep_batch
from cases.terms import Window
from tests.factories import cases as make
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def request_r0():
    return make.requested(at=R0)


def clock(appointment, kind, state=None):
    rows = Deadline.objects.filter(appointment=appointment, clock=kind)
    return (rows.filter(state=state) if state else rows).latest("id")


def events(appointment, kind):
    return list(Event.objects.filter(subject=appointment.subject, kind=kind))


def test_r0_runs_both_clocks(request_r0):
    assert clock(request_r0, "response").due_at == DUE
    assert clock(request_r0, "confirmation").due_at == instant("2026-03-16T16:00:00Z")
    assert make.fresh(request_r0).next_due_at == DUE


@pytest.mark.parametrize(
    "at",
    [
        pytest.param("2026-03-04T01:15:29.999Z", marks=pytest.mark.scenario("S01")),
        pytest.param("2026-03-04T01:15:30.000000Z", marks=pytest.mark.scenario("S02")),
    ],
)
def test_reply_inside_the_limit_is_timely(request_r0, at):
    made = make.offered(request_r0, at=instant(at))
    assert make.fresh(request_r0).state == "proposed"
    assert not made.is_late
    assert clock(request_r0, "response").state == "met"


@pytest.mark.scenario("S03")
@pytest.mark.scenario("S04")
@pytest.mark.parametrize("late_by", [MICROSECOND, timedelta(seconds=1)])
def test_reply_after_the_limit_applies_the_expiry_and_keeps_the_offer(request_r0, late_by):
    with pytest.raises(RuleBroken) as refused:
        make.offered(request_r0, at=DUE + late_by)
    assert (refused.value.code, refused.value.clause, refused.value.status) == ("deadline_passed", "2.3.1", 409)
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at, appointment.next_due_at) == ("deemed_refused", DUE, None)
    kept = Offer.objects.get(appointment=appointment)
    assert kept.is_late
    (event,) = events(appointment, "appointment.deemed_refused")
    assert (event.effective_at, event.recorded_at) == (DUE, DUE + late_by)
    assert clock(appointment, "response").state == "missed"
    assert clock(appointment, "confirmation").state == "voided"


@pytest.mark.scenario("S05")
def test_a_slow_reply_is_not_beaten_by_the_sweep(request_r0):
    assert sweep_batch(at=instant("2026-03-04T01:15:31Z")) == 0
    make.offered(request_r0, at=instant("2026-03-04T01:15:29.500Z"))
    assert make.fresh(request_r0).state == "proposed"


@pytest.mark.scenario("S07")
def test_no_reply_is_swept_after_the_settle_margin(request_r0):
    assert sweep_batch(at=instant("2026-03-04T01:16:00Z")) == 0
    swept_at = instant("2026-03-04T01:16:00.000001Z")
    assert sweep_batch(at=swept_at) == 1
    assert sweep_batch(at=swept_at) == 0
    (event,) = events(request_r0, "appointment.deemed_refused")
    assert (event.effective_at, event.recorded_at) == (DUE, swept_at)
    assert (event.before, event.after) == ({"state": "requested"}, {"state": "deemed_refused"})
    while relay_batch(at=swept_at):
        pass
    told = Delivery.objects.filter(event=event)
    assert len({(row.recipient_id, row.medium) for row in told}) == told.count() > 0


@pytest.mark.scenario("S11")
def test_a_plain_message_stops_no_clock(request_r0):
    write(request_r0.case, "We received it, will check", by=make.seller_of(request_r0), at=R0 + timedelta(hours=2))
    assert clock(request_r0, "response").state == "running"
    assert sweep_batch(at=DUE + timedelta(minutes=1)) == 1
    assert make.fresh(request_r0).state == "deemed_refused"


@pytest.mark.scenario("S12")
def test_a_stranger_finds_nothing_and_is_logged(request_r0):
    stranger = make.seller_of(make.a_cover())
    with capture_logs() as logs, pytest.raises(Http404):
        queries.one(queries.appointments_for(stranger), request_r0.pk, stranger)
    assert logs[0]["event"] == "out_of_reach"
    assert clock(request_r0, "response").state == "running"
    assert make.fresh(request_r0).state == "requested"


@pytest.mark.scenario("S15")
def test_an_express_refusal_counts_at_once(request_r0):
    refuse(request_r0, "We cannot send anybody.", by=make.seller_of(request_r0), at=R0 + timedelta(hours=5))
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at) == ("refused", instant("2026-03-02T06:15:30Z"))
    assert not Deadline.objects.filter(appointment=appointment, state="running").exists()


@pytest.mark.scenario("S17")
def test_the_buyers_decision_pauses_the_fourteen_days(request_r0):
    made = make.offered(request_r0, at=instant("2026-03-02T11:15:30Z"))
    assert clock(request_r0, "confirmation").due_at is None
    make.accepted(made, at=instant("2026-03-05T02:00:00Z"))
    due = instant("2026-03-19T16:00:00Z")
    assert clock(request_r0, "confirmation").due_at == due
    sweep_batch(at=due + timedelta(seconds=30, microseconds=1))
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", due)


@pytest.mark.scenario("S40")
def test_a_counter_offer_starts_a_fresh_48_hours(request_r0):
    made = make.offered(request_r0, at=instant("2026-03-03T20:00:00+08:00"))
    counter(made, wish="Saturday, please", by=make.buyer_of(request_r0), at=instant("2026-03-04T12:00:00+08:00"))
    due = instant("2026-03-06T04:00:00Z")
    assert clock(request_r0, "counter").due_at == due
    sweep_batch(at=due + timedelta(minutes=1))
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", due)


@pytest.mark.parametrize(
    ("begins", "lasts"), [(-HOUR, 2 * HOUR), (0 * HOUR, HOUR), (HOUR, 0 * HOUR), (2 * HOUR, -HOUR)]
)
def test_a_time_that_cannot_be_met_is_no_counter_offer(request_r0, begins, lasts):
    made, at = make.offered(request_r0, at=R0 + HOUR), R0 + 2 * HOUR
    wished = [Window(at + begins, at + begins + lasts)]
    with pytest.raises(RuleBroken) as refused:
        counter(made, windows=wished, wish="Then, please", by=make.buyer_of(request_r0), at=at)
    assert (refused.value.code, refused.value.status) == ("windows_invalid", 422)
    assert (make.fresh(request_r0).state, make.fresh(made).state) == ("proposed", "standing")
    # One that ends after it begins, in the future, is.
    counter(made, windows=[Window(at + MICROSECOND, at + HOUR)], by=make.buyer_of(request_r0), at=at)
    assert clock(request_r0, "counter").due_at == at + 48 * HOUR


@pytest.mark.scenario("S41")
def test_a_silent_buyer_lets_the_offer_lapse_and_may_book_again(request_r0):
    made = make.offered(request_r0, at=instant("2026-03-03T20:00:00+08:00"))
    due = instant("2026-03-10T16:00:00Z")
    sweep_batch(at=due + timedelta(minutes=1))
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at) == ("lapsed", due)
    assert make.fresh(made).state == "void"
    again = make.requested(request_r0.case.cover, at=due + timedelta(hours=1))
    assert again.state == "requested"


@pytest.mark.scenario("S42")
def test_the_last_instant_of_the_buyers_time_is_inside(request_r0):
    made = make.offered(request_r0, at=instant("2026-03-03T20:00:00+08:00"))
    make.accepted(made, at=instant("2026-03-10T16:00:00.000000Z"))
    assert make.fresh(request_r0).state == "agreed"


@pytest.mark.scenario("S82")
def test_a_double_click_makes_one_offer_and_a_second_tab_is_refused(request_r0):
    at = R0 + timedelta(hours=1)
    terms = make.offer_terms(at)
    seller = make.seller_of(request_r0)
    first = offer(request_r0, terms, by=make.with_key(seller, "a"), at=at)
    again = offer(request_r0, terms, by=make.with_key(seller, "a"), at=at)
    assert first.pk == again.pk
    with pytest.raises(RuleBroken, match="already_proposed"):
        offer(request_r0, terms, by=make.with_key(seller, "b"), at=at)
    assert Offer.objects.filter(appointment=request_r0).count() == 1
    assert len(events(request_r0, "appointment.proposed")) == 1


def test_a_repeated_late_reply_is_refused_again_and_kept_once(request_r0):
    seller = make.with_key(make.seller_of(request_r0), "late")
    terms = make.offer_terms(DUE)
    for _attempt in range(2):
        with pytest.raises(RuleBroken, match="deadline_passed"):
            offer(request_r0, terms, by=seller, at=DUE + MICROSECOND)
    assert Offer.objects.filter(appointment=request_r0).count() == 1


def test_an_on_time_reply_that_commits_after_the_sweep_rescinds_the_refusal(request_r0):
    sweep_batch(at=DUE + timedelta(minutes=1))
    assert make.fresh(request_r0).state == "deemed_refused"
    make.offered(request_r0, at=DUE)
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at, appointment.end_reason) == ("proposed", None, "")
    assert clock(appointment, "response").state == "met"
    assert clock(appointment, "confirmation").state == "running"
    (event,) = events(appointment, "appointment.rescinded")
    assert event.before == {"state": "deemed_refused"}


@pytest.mark.parametrize("is_free", [True, False])
def test_a_rescission_gives_the_slot_back_if_it_is_still_free(is_free):
    cover = make.a_cover()
    point = make.a_point(cover.seller)
    slot = instant("2026-03-10T06:00:00Z")
    booked = {"method": "point", "point": point, "slot_starts_at": slot}
    appointment = make.requested(cover, at=R0, **booked)
    sweep_batch(at=DUE + timedelta(minutes=1))
    assert not SlotSeat.objects.filter(released_at=None).exists()
    if not is_free:
        make.requested(make.a_cover(cover.line.product), at=DUE + timedelta(hours=1), **booked)
    make.offered(appointment, at=DUE)
    assert make.fresh(appointment).state == "proposed"
    assert SlotSeat.objects.filter(appointment=appointment, released_at=None).exists() is is_free
    assert SlotSeat.objects.filter(released_at=None).count() == 1


def test_a_buyers_cancel_in_time_stands_after_the_sweep(request_r0):
    sweep_batch(at=DUE + timedelta(minutes=1))
    cancel(request_r0, "solved itself", by=make.buyer_of(request_r0), at=DUE)
    assert make.fresh(request_r0).state == "cancelled"


def test_a_buyers_cancel_after_the_limit_leaves_the_refusal(request_r0):
    with pytest.raises(RuleBroken, match="deadline_passed"):
        cancel(request_r0, by=make.buyer_of(request_r0), at=DUE + MICROSECOND)
    assert make.fresh(request_r0).state == "deemed_refused"


def test_a_late_offer_that_the_buyer_accepts_cures_and_confirmation_runs_anew(request_r0):
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(request_r0, at=DUE + timedelta(hours=3))
    late = Offer.objects.get(appointment=request_r0)
    make.accepted(late, at=instant("2026-03-05T02:00:00Z"))
    appointment = make.fresh(request_r0)
    assert appointment.state == "agreed"
    assert clock(appointment, "response").state == "missed"
    assert clock(appointment, "confirmation", "running").due_at == instant("2026-03-19T16:00:00Z")


def test_a_late_confirmation_is_kept_as_evidence_and_changes_nothing(request_r0):
    make.accepted(make.offered(request_r0, at=R0 + timedelta(hours=1)), at=R0 + timedelta(hours=2))
    due = clock(request_r0, "confirmation").due_at
    with pytest.raises(RuleBroken, match="deadline_passed"):
        confirm(request_r0, items=make.ALL_ITEMS, by=make.seller_of(request_r0), at=due + MICROSECOND)
    appointment = make.fresh(request_r0)
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", due)
    assert len(events(appointment, "confirmation.late")) == 1


def test_a_confirmation_in_the_last_instant_counts_though_the_sweep_was_first(request_r0):
    make.accepted(make.offered(request_r0, at=R0 + timedelta(hours=1)), at=R0 + timedelta(hours=2))
    due = clock(request_r0, "confirmation").due_at
    assert sweep_batch(at=due + timedelta(minutes=1)) == 1
    confirm(request_r0, items=make.ALL_ITEMS, by=make.seller_of(request_r0), at=due)
    assert make.fresh(request_r0).state == "confirmed"
    assert clock(request_r0, "confirmation").state == "met"


def test_a_message_after_the_limit_finds_the_request_refused(request_r0):
    write(request_r0.case, "Sorry, we were away.", by=make.seller_of(request_r0), at=DUE + MICROSECOND)
    assert make.fresh(request_r0).state == "deemed_refused"


def test_booking_again_in_the_same_case_applies_the_passed_limit_first(request_r0):
    cover = request_r0.case.cover
    with pytest.raises(RuleBroken, match="already_open"):
        request_service(cover, make.a_service_request(), by=make.buyer_of(cover), at=DUE, case=request_r0.case)
    again = request_service(
        cover, make.a_service_request(), by=make.buyer_of(cover), at=DUE + MICROSECOND, case=request_r0.case
    )
    assert (make.fresh(request_r0).state, again.state) == ("deemed_refused", "requested")
    assert again.case_id == request_r0.case_id


def test_agreeing_on_another_method_ends_the_first_clocks(request_r0):
    made = make.offered(request_r0, at=R0 + timedelta(hours=1), method="remote")
    make.accepted(made, at=R0 + timedelta(hours=2))
    appointment = make.fresh(request_r0)
    assert (appointment.method, appointment.state) == ("remote", "confirmed")
    assert clock(appointment, "confirmation").state == "voided"
    assert clock(appointment, "response").state == "met"


def test_an_engineer_of_another_seller_makes_no_offer_effective(request_r0):
    stranger = make.an_engineer(make.a_seller())
    with pytest.raises(RuleBroken, match="offer_incomplete") as refused:
        make.offered(request_r0, at=R0 + timedelta(hours=1), engineer=stranger)
    assert refused.value.context == {"missing": ["engineer"]}


def test_revising_names_the_offer_it_replaces(request_r0):
    first = make.offered(request_r0, at=R0 + timedelta(hours=1))
    seller = make.seller_of(request_r0)
    second = revise(first, make.offer_terms(R0), by=seller, at=R0 + timedelta(hours=2))
    assert (make.fresh(first).state, second.state) == ("replaced", "standing")
    with pytest.raises(RuleBroken, match="offer_not_standing"):
        revise(first, make.offer_terms(R0), by=seller, at=R0 + timedelta(hours=3))


def test_an_incomplete_offer_is_refused_and_the_clock_runs_on(request_r0):
    with pytest.raises(RuleBroken, match="offer_incomplete") as refused:
        make.offered(request_r0, at=R0 + timedelta(hours=1), windows=[], price_terms="")
    assert refused.value.context == {"missing": ["price_terms", "windows"]}
    assert make.fresh(request_r0).state == "requested"
    assert clock(request_r0, "response").state == "running"


def test_channel_and_actor_stand_in_the_event(request_r0):
    make.offered(request_r0, at=R0 + timedelta(hours=1))
    (event,) = events(request_r0, "appointment.proposed")
    assert (event.channel, event.actor_kind, event.clause) == (Channel.DASHBOARD, "seller", "2.3.1")
    assert event.effective_at == event.recorded_at == datetime(2026, 3, 2, 2, 15, 30, tzinfo=UTC)
