"""An outage of the platform lengthens what ran in the judgement, and the buyer's word on a service, too (T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.outages import decide_outage
from cases.actions.sign_offs import object_to
from cases.lapses import sign_silently
from cases.outages import apply_outages
from cases.verification import Tally, verify
from complaints.actions.hearings import answer
from complaints.models import JudgementDeadline
from complaints.sweep import sweep
from complaints.tolling import toll_running
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import losses as lost
from tests.factories import violations as violate
from tests.factories import visits as visit
from tests.instants import instant
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
MICROSECOND = timedelta(microseconds=1)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def away(begins_at, ends_at):
    """Two administrators toll an outage, an hour after its end."""
    outage = claim.an_outage(begins_at, ends_at, at=ends_at + HOUR)
    decide_outage(outage, approved=True, reason="So the logs say.", by=claim.an_administrator(), at=ends_at + HOUR)
    apply_outages(now=lambda: ends_at + HOUR)
    return ends_at + HOUR


def hearing_of(violation):
    return JudgementDeadline.objects.get(violation=violation, clock="hearing")


def test_a_hearing_has_a_day_more_and_the_seller_is_told():
    violation = violate.a_notified()
    seller, due_at = make.seller_of(violation.appointment), hearing_of(violation).due_at
    at = away(due_at - 2 * HOUR, due_at - HOUR)
    assert hearing_of(violation).due_at == due_at
    sweep(at=at)
    # An hour of 24:00 leads into the next day, and that ends at its own 24:00 (T3).
    assert hearing_of(violation).due_at == due_at + DAY
    relay_batch(at=at)
    told = Delivery.objects.filter(event__kind="judgement.tolled")
    assert {each.recipient for each in told} == {seller.user}
    answer(violation, "Our server was away.", by=seller, at=due_at + HOUR)
    assert hearing_of(violation).state == "met"


def test_the_sweep_misses_nothing_that_an_outage_has_lengthened_and_does_it_once():
    violation = violate.a_notified()
    due_at = hearing_of(violation).due_at
    away(due_at - 2 * HOUR, due_at - HOUR)
    sweep(at=due_at + 31 * SECOND)
    assert (hearing_of(violation).state, hearing_of(violation).due_at) == ("running", due_at + DAY)
    assert toll_running(at=due_at + HOUR) == 0
    assert Event.objects.filter(kind="judgement.tolled").count() == 1
    sweep(at=due_at + DAY + 31 * SECOND)
    assert (hearing_of(violation).state, hearing_of(violation).ended_at) == ("missed", due_at + DAY)


def test_a_hearing_that_ended_while_the_platform_was_away_goes_on_once_that_is_tolled():
    violation = violate.a_notified()
    seller, due_at = make.seller_of(violation.appointment), hearing_of(violation).due_at
    sweep(at=due_at + 31 * SECOND)
    assert hearing_of(violation).state == "missed"
    at = away(due_at - 2 * HOUR, due_at + 2 * HOUR)
    sweep(at=at)
    assert (hearing_of(violation).state, hearing_of(violation).due_at) == ("running", due_at + DAY)
    sweep(at=at + SECOND)
    assert Event.objects.filter(kind="judgement.tolled").count() == 1
    assert answer(violation, "Our server was away.", by=seller, at=due_at + DAY).answered_at == due_at + DAY


def test_what_has_no_time_left_or_was_judged_since_stays_over():
    judged = violate.a_notified()
    due_at = hearing_of(judged).due_at
    violate.a_confirmed(judged, at=due_at + 31 * SECOND)
    late = violate.a_notified()
    sweep(at=due_at + 31 * SECOND)
    claim_at = away(due_at - 2 * HOUR, due_at + 2 * HOUR)
    sweep(at=claim_at + 2 * DAY)
    for each in (judged, late):
        assert (hearing_of(each).state, hearing_of(each).due_at) == ("missed", due_at)


def an_asked_one():
    complaint = complain.escalated()
    complain.asked(complaint, at=complain.NEGOTIATED + HOUR)
    return complaint


@pytest.mark.clause("4.2")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize(
    ("made", "clock", "silent", "before"),
    [
        (complain.filed, "auto_escalation", "escalated", "negotiating"),
        (complain.determined, "objection", "closed", "determined"),
        (an_asked_one, "evidence", "evidence", "evidence"),
        (lost.a_notified, "loss_answer", "uncontested", "notified"),
    ],
)
def test_what_a_silence_under_an_outage_had_changed_is_taken_back(made, clock, silent, before):
    thing = made()
    limit = JudgementDeadline.objects.get(clock=clock, state="running")
    sweep(at=limit.due_at + 31 * SECOND)
    assert make.fresh(thing).state == silent
    sweep(at=away(limit.due_at - 2 * HOUR, limit.due_at + 2 * HOUR))
    again = JudgementDeadline.objects.get(pk=limit.pk)
    assert (again.state, again.ended_at, again.due_at) == ("running", None, limit.due_at + DAY)
    assert make.fresh(thing).state == before
    assert getattr(make.fresh(thing), "ended_at", None) is None
    sweep(at=again.due_at + 31 * SECOND)
    assert make.fresh(thing).state == silent


@pytest.mark.clause("3.3")
def test_the_time_to_settle_is_longer_as_well():
    complaint = complain.filed()
    limit = JudgementDeadline.objects.get(complaint=complaint, clock="auto_escalation")
    at = away(limit.due_at - 3 * HOUR, limit.due_at - 2 * HOUR)
    sweep(at=at)
    assert JudgementDeadline.objects.get(pk=limit.pk).due_at == limit.due_at + DAY


@pytest.mark.clause("3.3")
@pytest.mark.parametrize(("step", "state"), [(DAY, "negotiating"), (DAY + MICROSECOND, "rejected")])
def test_the_time_to_file_is_longer_as_well(step, state):
    appointment, until = complain.unanswered(), instant("2026-06-02T16:00:00Z")
    away(until - 3 * HOUR, until - 2 * HOUR)
    complaint = complain.filed(appointment, at=until + step)
    assert (complaint.state, complaint.breach_at) == (state, complain.BREACH)


@pytest.mark.clause("2.1.1")
def test_silence_signs_a_service_only_after_the_outage_has_been_made_up_for():
    appointment = visit.done(visit.planned())
    signed = make.fresh(appointment).sign_off
    away(signed.due_at - 2 * HOUR, signed.due_at - HOUR)
    assert make.fresh(appointment).sign_off.due_at == signed.due_at + DAY
    assert sign_silently(at=signed.due_at + HOUR) == 0
    object_to(appointment, "It still hums.", by=make.buyer_of(appointment), at=signed.due_at + 2 * HOUR)
    assert make.fresh(appointment).sign_off.outcome == "objected"
