"""Every limit of the judgement as a sum whose due instant is the stored one, with the outages that moved it (5.1, T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.outages import decide_outage
from cases.outages import apply_outages
from complaints.models import JudgementClock, JudgementDeadline
from complaints.queries.filing import matters_of, trial_of
from complaints.sums import (
    sum_of_clearance,
    sum_of_filing,
    sum_of_negotiation,
    sum_of_trial,
    sums_of,
    sums_of_complaint,
)
from complaints.sweep import sweep
from sellers.models import Enrolment
from tests.factories import audits, clearances, losses, violations
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories.sellers import EnrolmentFactory
from tests.instants import instant

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.1")]

HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
NO_WAIT = timedelta()

# What is judged, and how long its limit is.
KINDS = {
    "hearing of a violation": (lambda: {"violation": violations.a_notified()}, "hearing", 5),
    "hearing of an audit": (lambda: {"audit": audits.a_notified()}, "hearing", 5),
    "appeal": (lambda: {"violation": violations.a_confirmed()}, "appeal", 15),
    "escalation": (lambda: {"complaint": complain.filed()}, "auto_escalation", 7),
    "evidence": (
        lambda: {"evidence_request": complain.asked(complain.escalated(), at=complain.NEGOTIATED + HOUR)},
        "evidence",
        3,
    ),
    "objection": (lambda: {"complaint": complain.determined()}, "objection", 7),
    "answer to a loss": (lambda: {"loss_claim": losses.a_notified()}, "loss_answer", 14),
}


def the_limit(kind):
    arrange, clock, _days = KINDS[kind]
    return JudgementDeadline.objects.get(clock=clock, **arrange())


def now(limit):
    return JudgementDeadline.objects.get(pk=limit.pk)


def told(limit):
    [sum_] = sums_of([now(limit)])
    assert sum_.agrees
    return sum_


def away(begins_at, ends_at, *, followed=True):
    """Two administrators toll an outage as soon as it is over, and the loop follows it."""
    outage = claim.an_outage(begins_at, ends_at, at=ends_at)
    decide_outage(outage, approved=True, reason="So the logs say.", by=claim.an_administrator(), at=ends_at)
    apply_outages(now=lambda: ends_at)
    if followed:
        sweep(at=ends_at)


def test_every_clock_of_the_judgement_is_among_them():
    assert {clock for _arrange, clock, _days in KINDS.values()} == set(JudgementClock.values)


@pytest.mark.clause("3.2")
@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize("late_by", [NO_WAIT, MICROSECOND])
@pytest.mark.parametrize("kind", KINDS)
def test_the_sum_of_each_limit_gives_its_stored_due_instant_also_after_an_outage(kind, late_by):
    limit, days = the_limit(kind), KINDS[kind][2]
    plain = told(limit)
    assert (plain.number, plain.unit, plain.edition, plain.zone) == (days, "days", 1, "Asia/Shanghai")
    assert (plain.started_at, plain.clause, plain.deadline) == (limit.started_at, limit.clause, limit)
    assert (plain.due_at, plain.pauses, plain.promised) == (limit.due_at, (), "")
    assert plain.start_words
    # It begins at the very last instant, which is still inside, or one microsecond later.
    away(limit.due_at + late_by, limit.due_at + HOUR)
    moved = told(limit)
    assert moved.unpaused_due_at == limit.due_at
    if late_by:
        assert (moved.due_at, moved.pauses) == (limit.due_at, ())
    else:
        [pause] = moved.pauses
        assert (str(pause.cause_words), pause.counted, pause.reading) == ("Outage of the platform", HOUR, "counts")
        # An hour of 24:00 leads into the next day, and that ends at its own 24:00.
        assert (moved.moved_at, moved.due_at) == (limit.due_at + HOUR, limit.due_at + DAY)
        assert moved.is_rounded
        assert now(limit).due_at == limit.due_at + DAY


@pytest.mark.clause("3.2")
def test_what_was_used_in_time_no_later_outage_moves():
    limit = JudgementDeadline.objects.get(violation=violations.an_answered())
    away(limit.due_at - 2 * HOUR, limit.due_at - HOUR)
    assert (told(limit).due_at, told(limit).pauses) == (limit.due_at, ())


@pytest.mark.clause("3.2")
def test_an_outage_is_told_once_the_loop_has_moved_the_limit_by_it():
    limit = the_limit("hearing of a violation")
    away(limit.due_at - 2 * HOUR, limit.due_at - HOUR, followed=False)
    assert (told(limit).due_at, told(limit).pauses) == (limit.due_at, ())
    sweep(at=limit.due_at - HOUR)
    assert (told(limit).due_at, told(limit).paused) == (limit.due_at + DAY, HOUR)


@pytest.mark.clause("3.2")
def test_a_stored_instant_that_differs_is_told():
    limit = the_limit("hearing of a violation")
    JudgementDeadline.objects.update(due_at=limit.due_at + MICROSECOND)
    [sum_] = sums_of([now(limit)])
    assert (sum_.agrees, sum_.due_at, sum_.stored_due_at) == (False, limit.due_at, limit.due_at + MICROSECOND)


# S76: the breach of 4 March; 90 natural days end with 2 June in Shanghai.
FILE_UNTIL = instant("2026-06-02T16:00:00Z")


@pytest.mark.clause("3.3")
@pytest.mark.scenario("S76")
@pytest.mark.parametrize("late_by", [NO_WAIT, MICROSECOND])
def test_the_time_to_complain_is_told_as_it_was_when_the_complaint_was_filed(late_by):
    appointment = complain.unanswered()
    case = appointment.case
    [matter] = matters_of(case, at=complain.FILED)
    asked = sum_of_trial(case, trial_of(case, matter, at=complain.FILED), at=complain.FILED)
    assert (asked.started_at, asked.number, asked.due_at) == (complain.BREACH, 90, FILE_UNTIL)
    away(FILE_UNTIL + late_by, FILE_UNTIL + HOUR)
    filed = complain.filed(appointment, at=FILE_UNTIL + DAY)
    sum_ = sum_of_filing(filed)
    assert sum_.agrees
    assert (filed.state, sum_.due_at) == (("rejected", FILE_UNTIL) if late_by else ("negotiating", FILE_UNTIL + DAY))
    assert [pause.reading for pause in sum_.pauses] == ["too_late" if late_by else "counts"]
    # What is approved after the filing has not counted for it.
    away(FILE_UNTIL - 5 * HOUR, FILE_UNTIL + 2 * DAY)
    assert sum_of_filing(filed) == sum_


@pytest.mark.clause("3.4")
@pytest.mark.scenario("S74")
def test_the_time_to_negotiate_and_every_limit_of_a_complaint_in_their_order():
    complaint = complain.determined()
    sum_ = sum_of_negotiation(complaint)
    assert (sum_.started_at, sum_.number, sum_.due_at, sum_.agrees) == (complain.FILED, 3, complain.NEGOTIATED, True)
    assert "still too early" in str(sum_.last_words)
    clocks = [(each.clock, each.agrees) for each in sums_of_complaint(complaint)]
    assert clocks == [(clock, True) for clock in ("complaint", "negotiation", "auto_escalation", "objection")]


@pytest.mark.clause("3.2")
def test_the_bar_ends_with_the_corresponding_date():
    # 29 February, 07:00 in Shanghai: it ends with 28 February of the year after.
    at = instant("2028-02-28T23:00:00Z")
    clearance = make.fresh(clearances.in_force(EnrolmentFactory().seller, at=at))
    sum_ = sum_of_clearance(clearance)
    assert (sum_.started_at, sum_.number, sum_.unit, sum_.due_at) == (at, 1, "years", instant("2029-02-28T16:00:00Z"))
    assert (sum_.agrees, sum_.stored_due_at) == (True, Enrolment.objects.get(pk=clearance.enrolment_id).bar_ends_at)
    assert "still inside the bar" in str(sum_.last_words)
