"""An outage of the platform lengthens what ran in the judgement, and the buyer's word on a service, too (T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.outages import decide_outage
from cases.actions.sign_offs import object_to
from cases.lapses import sign_silently
from cases.outages import apply_outages
from cases.verification import Tally, verify
from complaints.actions.hearings import answer, appeal
from complaints.models import JudgementDeadline
from complaints.sweep import sweep
from complaints.tolling import toll_running
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import violations as violate
from tests.factories import visits as visit
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
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


def test_a_hearing_that_ran_out_during_an_outage_is_open_again_once_it_is_tolled():
    violation = violate.a_notified()
    due_at = hearing_of(violation).due_at
    sweep(at=due_at + 31 * SECOND)
    at = away(due_at - 2 * HOUR, due_at + 2 * HOUR)
    sweep(at=at)
    assert (hearing_of(violation).state, hearing_of(violation).due_at) == ("running", due_at + DAY)
    with pytest.raises(RuleBroken, match="hearing_open"):
        violate.a_confirmed(violation, at=at)
    sweep(at=at + HOUR)
    assert Event.objects.filter(kind="judgement.tolled").count() == 1
    answer(violation, "You were away.", by=make.seller_of(violation), at=due_at + DAY)
    assert hearing_of(violation).state == "met"


def test_the_time_to_appeal_is_open_again_too_and_over_at_its_new_end():
    violation = violate.a_confirmed()
    due_at = JudgementDeadline.objects.get(clock="appeal").due_at
    sweep(at=due_at + 31 * SECOND)
    sweep(at=away(due_at - 2 * HOUR, due_at + HOUR))
    limit = JudgementDeadline.objects.get(clock="appeal")
    assert (limit.state, limit.due_at) == ("running", due_at + DAY)
    sweep(at=due_at + DAY + 31 * SECOND)
    assert JudgementDeadline.objects.get(clock="appeal").state == "missed"
    with pytest.raises(RuleBroken, match="appeal_over"):
        appeal(violation, "So late.", by=make.seller_of(violation), at=due_at + DAY + 32 * SECOND)


def test_a_silence_that_a_command_wrote_down_before_the_sweep_had_tolled_it_is_taken_back():
    violation = violate.a_notified()
    due_at = hearing_of(violation).due_at
    at = away(due_at - 2 * HOUR, due_at - HOUR)
    with pytest.raises(RuleBroken, match="hearing_over"):
        answer(violation, "Late?", by=make.seller_of(violation), at=at + SECOND)
    assert hearing_of(violation).state == "missed"
    sweep(at=at + 2 * SECOND)
    assert (hearing_of(violation).state, hearing_of(violation).due_at) == ("running", due_at + DAY)


def test_what_has_no_time_left_by_the_outage_or_was_decided_on_stays_over():
    decided = violate.a_notified()
    due_at = hearing_of(decided).due_at
    sweep(at=due_at + 31 * SECOND)
    violate.a_confirmed(decided, at=due_at + 31 * SECOND)
    late = violate.a_notified(violate.a_candidate())
    sweep(at=due_at + 31 * SECOND)
    outage = claim.an_outage(due_at - 2 * HOUR, due_at - HOUR, at=due_at)
    told_at = due_at + DAY + SECOND
    decide_outage(outage, approved=True, reason="So the logs say.", by=claim.an_administrator(), at=told_at)
    apply_outages(now=lambda: told_at)
    sweep(at=told_at)
    for violation in (decided, late):
        assert (hearing_of(violation).state, hearing_of(violation).due_at) == ("missed", due_at)


@pytest.mark.clause("3.3")
def test_the_time_to_settle_is_longer_as_well():
    complaint = complain.filed()
    limit = JudgementDeadline.objects.get(complaint=complaint, clock="auto_escalation")
    at = away(limit.due_at - 3 * HOUR, limit.due_at - 2 * HOUR)
    sweep(at=at)
    assert JudgementDeadline.objects.get(pk=limit.pk).due_at == limit.due_at + DAY


@pytest.mark.clause("2.1.1")
def test_silence_signs_a_service_only_after_the_outage_has_been_made_up_for():
    appointment = visit.done(visit.planned())
    signed = make.fresh(appointment).sign_off
    away(signed.due_at - 2 * HOUR, signed.due_at - HOUR)
    assert make.fresh(appointment).sign_off.due_at == signed.due_at + DAY
    assert sign_silently(at=signed.due_at + HOUR) == 0
    object_to(appointment, "It still hums.", by=make.buyer_of(appointment), at=signed.due_at + 2 * HOUR)
    assert make.fresh(appointment).sign_off.outcome == "objected"
