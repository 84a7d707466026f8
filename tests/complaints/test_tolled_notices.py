"""The notice of an outage tells what is so when it is made: who can still do something, and until when (T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.actions.hearings import answer
from complaints.actions.negotiation import withdraw
from complaints.actions.tolled import follow_outages
from complaints.models import JudgementDeadline
from complaints.notices.complaints import ComplaintAnnouncer
from complaints.notices.violations import ViolationAnnouncer
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import complaints as complain
from tests.factories import violations as violate
from tests.factories.claims import away
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
# An outage of these hours before a limit's end moves it by a day: an hour of 24:00 leads into the next day (T3).
BEFORE, UNTIL = 2 * HOUR, HOUR


def limit_of(**thing):
    return JudgementDeadline.objects.get(**thing)


def missed(limit):
    sweep(at=limit.due_at + 31 * SECOND)
    return limit


def tolled(limit, *, at):
    """The outage is approved at an instant only."""
    return away(limit.due_at - BEFORE, limit.due_at - UNTIL, at=at)


def state_of(thing):
    return type(thing).objects.get(pk=thing.pk).state


def read_by(person, announcer=ComplaintAnnouncer):
    return announcer().notice(Event.objects.get(kind="judgement.tolled"), person).text


def read_by_both(complaint):
    """Buyer and seller read the same."""
    [text] = {read_by(complaint.buyer), read_by(make.seller_of(complaint).user)}
    return text


@pytest.mark.clause("3.4")
def test_a_complaint_that_escalates_once_more_by_the_same_sweep_is_not_negotiated_on():
    complaint = complain.filed()
    limit = missed(limit_of(complaint=complaint))
    sweep(at=tolled(limit, at=limit.due_at + 5 * DAY))
    assert state_of(complaint) == "escalated"
    text = read_by_both(complaint)
    assert "negotiate" not in text
    assert "The complaint stays with the platform" in text
    assert "Settle before it is escalated: counted anew, the time ended on Sat 18 Apr 2026, 16:00 (UTC)." in text


def test_a_decision_that_is_final_once_more_by_the_same_sweep_is_not_objected_to():
    complaint = complain.determined()
    limit = missed(limit_of(complaint=complaint, clock="objection"))
    sweep(at=tolled(limit, at=limit.due_at + 5 * DAY))
    assert state_of(complaint) == "closed"
    text = read_by_both(complaint)
    assert "can still object" not in text
    assert "The decision stays final" in text
    assert "Object to the determination: counted anew, the time ended on " in text


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("late_by", [timedelta(0), MICROSECOND])
def test_until_the_very_instant_at_which_the_time_ends_the_notice_tells_of_it(late_by):
    complaint = complain.filed()
    limit = missed(limit_of(complaint=complaint))
    # What is over is written down by the sweep alone, after the notice may have been made.
    follow_outages(at=tolled(limit, at=limit.due_at + DAY + late_by))
    assert state_of(complaint) == "negotiating"
    text = read_by_both(complaint)
    assert ("The two sides negotiate on." in text) is (not late_by)
    assert ("Settle before it is escalated: by Sat 18 Apr 2026, 16:00 (UTC)" in text) is (not late_by)
    assert ("counted anew, the time ended" in text) is bool(late_by)
    assert "stays with the platform" not in text


@pytest.mark.clause("3.4")
def test_a_negotiation_that_can_be_ended_already_is_not_said_to_last_until_a_past_instant():
    complaint = complain.filed()
    limit = missed(limit_of(complaint=complaint))
    sweep(at=tolled(limit, at=limit.due_at + HOUR))
    text = read_by_both(complaint)
    assert "The two sides negotiate on." in text
    assert "The two sides negotiate until" not in text
    assert "The buyer can hand it to the platform already." in text


@pytest.mark.clause("3.4")
def test_both_sides_read_until_when_they_negotiate_and_how_long_after_an_outage():
    complaint = complain.filed()
    accepted = Event.objects.get(kind="complaint.accepted")
    told = "The two sides negotiate until {}; after that the buyer can hand it to the platform."
    assert told.format("Mon 13 Apr 2026, 16:00 (UTC)") in ComplaintAnnouncer().notice(accepted, complaint.buyer).text
    sweep(at=away(complain.NEGOTIATED - 2 * HOUR, complain.NEGOTIATED - HOUR))
    assert told.format("Tue 14 Apr 2026, 16:00 (UTC)") in read_by_both(complaint)


@pytest.mark.clause("3.4")
def test_a_complaint_that_has_ended_since_had_not_escalated():
    complaint = complain.filed()
    limit = missed(limit_of(complaint=complaint))
    at = tolled(limit, at=limit.due_at + HOUR)
    sweep(at=at)
    withdraw(complaint, "", by=make.buyer_of(complaint), at=at)
    text = read_by_both(complaint)
    assert "Corrected: the complaint had not escalated by itself." in text
    assert "negotiate" not in text
    assert "Settle before it is escalated" not in text


def test_where_a_kept_objection_counts_nobody_is_told_that_he_can_still_object():
    complaint = complain.determined()
    limit = limit_of(complaint=complaint, clock="objection")
    with pytest.raises(RuleBroken, match="objection_over"):
        complain.objected(complaint, by=make.seller_of(complaint), at=limit.due_at + HOUR)
    sweep(at=tolled(limit, at=limit.due_at + 2 * HOUR))
    assert state_of(complaint) == "objected"
    text = read_by_both(complaint)
    assert "Corrected: the decision was not final yet." in text
    assert "can still object" not in text
    assert "Object to the determination" not in text


@pytest.mark.parametrize("came_late", [True, False])
def test_a_side_whose_kept_evidence_counts_is_not_told_until_when_to_give_it(came_late):
    request = complain.asked(complain.escalated(), at=complain.NEGOTIATED + HOUR)
    limit, seller = limit_of(evidence_request=request), make.seller_of(request.complaint)
    if came_late:
        with pytest.raises(RuleBroken, match="evidence_over"):
            complain.answered(request, by=seller, at=limit.due_at + HOUR)
    sweep(at=tolled(limit, at=limit.due_at + 2 * HOUR))
    assert ("Give evidence: by " in read_by(seller.user)) is not came_late


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("after", [HOUR, 2 * DAY])
def test_who_is_heard_is_told_until_when_only_while_he_can_answer(after):
    violation = violate.a_notified()
    limit, seller = missed(limit_of(violation=violation)), make.seller_of(violation.appointment)
    sweep(at=tolled(limit, at=limit.due_at + after))
    text = read_by(seller.user, ViolationAnnouncer)
    assert ("Be heard on a violation: by " in text) is (after < DAY)
    assert ("Be heard on a violation: counted anew, the time ended on " in text) is (after > DAY)
    if after < DAY:
        answer(violation, "Our server was away.", by=seller, at=limit.due_at + 2 * HOUR)
        assert "Be heard on a violation" not in read_by(seller.user, ViolationAnnouncer)
