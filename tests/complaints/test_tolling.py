"""An outage of the platform lengthens what ran in the judgement, and the buyer's word on a service, too (T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions.outages import decide_outage
from cases.actions.sign_offs import object_to
from cases.lapses import sign_silently
from cases.outages import apply_outages
from cases.verification import Tally, verify
from complaints.actions.hearings import answer, appeal
from complaints.actions.judging import confirm
from complaints.actions.losses import answer as answer_loss
from complaints.actions.tolled import follow_outages
from complaints.models import JudgementDeadline
from complaints.notices.complaints import ComplaintAnnouncer
from complaints.queries.complaints import objection_of
from complaints.queries.late import kept_late
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import complaints as complain
from tests.factories import losses as lose
from tests.factories import violations as violate
from tests.factories import visits as visit
from tests.factories.claims import away
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def limit_of(complaint):
    return JudgementDeadline.objects.get(complaint=complaint, clock="auto_escalation")


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
    assert follow_outages(at=due_at + HOUR) == 0
    assert Event.objects.filter(kind="judgement.tolled").count() == 1
    sweep(at=due_at + DAY + 31 * SECOND)
    assert (hearing_of(violation).state, hearing_of(violation).ended_at) == ("missed", due_at + DAY)


def over_and_away(limit, *, before=2 * HOUR, after=2 * HOUR):
    """The limit was swept as over, then the outage in which it ended is tolled; when."""
    sweep(at=limit.due_at + 31 * SECOND)
    assert now(limit).state == "missed"
    return away(limit.due_at - before, limit.due_at + after)


def now(row):
    return type(row).objects.get(pk=row.pk)


def test_a_hearing_that_was_over_before_the_outage_was_tolled_runs_on():
    violation = violate.a_notified()
    limit = hearing_of(violation)
    sweep(at=over_and_away(limit))
    # Four hours of 24:00 lead into the next day, and that ends at its own 24:00 (T3).
    assert (now(limit).state, now(limit).ended_at, now(limit).due_at) == ("running", None, limit.due_at + DAY)
    assert sweep(at=limit.due_at + 4 * HOUR) == 0
    answer(violation, "Our server was away.", by=make.seller_of(violation.appointment), at=limit.due_at + DAY)
    assert now(limit).state == "met"
    assert Event.objects.filter(kind="judgement.tolled").count() == 1


def test_a_hearing_that_is_over_once_more_ends_at_the_due_instant_that_counts_now():
    limit = hearing_of(violate.a_notified())
    over_and_away(limit)
    sweep(at=limit.due_at + 10 * DAY)
    assert (now(limit).state, now(limit).ended_at) == ("missed", limit.due_at + DAY)


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(microseconds=1)])
def test_an_answer_kept_as_late_counts_where_the_outage_had_kept_it_out(late_by):
    violation = violate.a_notified()
    limit, seller = hearing_of(violation), make.seller_of(violation.appointment)
    answered_at = limit.due_at + DAY + late_by
    with pytest.raises(RuleBroken, match="hearing_over"):
        answer(violation, "The server was away.", by=seller, at=answered_at)
    away(limit.due_at - 2 * HOUR, limit.due_at + 2 * HOUR)
    sweep(at=answered_at + HOUR)
    if late_by:
        assert (now(limit).state, now(violation).answered_at) == ("missed", None)
    else:
        assert (now(limit).state, now(limit).ended_at) == ("met", answered_at)
        assert (now(violation).answer, now(violation).answered_at) == ("The server was away.", answered_at)


def test_what_somebody_has_built_on_stays_over():
    violation = violate.a_notified()
    limit = hearing_of(violation)
    at = over_and_away(limit)
    confirm(violation, reason="Nobody answered.", by=claim.an_auditor(), at=at)
    sweep(at=at)
    assert (now(limit).state, now(limit).due_at) == ("missed", limit.due_at)
    assert now(violation).state == "confirmed"


def test_an_appeal_kept_as_late_is_one_in_time():
    violation = violate.a_confirmed()
    limit = JudgementDeadline.objects.get(violation=violation, clock="appeal")
    with pytest.raises(RuleBroken, match="appeal_over"):
        appeal(violation, "We were kept out.", by=make.seller_of(violation.appointment), at=limit.due_at + HOUR)
    sweep(at=away(limit.due_at - HOUR, limit.due_at + HOUR / 2))
    assert (now(violation).state, now(violation).appealed_at) == ("appealed", limit.due_at + HOUR)


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("answered", [True, False])
def test_a_loss_claim_is_not_uncontested_by_an_outage(answered):
    claimed = lose.a_notified()
    limit = JudgementDeadline.objects.get(loss_claim=claimed)
    if answered:
        with pytest.raises(RuleBroken, match="answer_over"):
            answer_loss(claimed, "Not ours.", contests=True, by=make.seller_of(claimed), at=limit.due_at + HOUR)
    at = over_and_away(limit, after=HOUR / 2) if not answered else away(limit.due_at - HOUR, limit.due_at + HOUR / 2)
    sweep(at=at)
    assert now(claimed).state == ("contested" if answered else "notified")
    sweep(at=limit.due_at + 2 * DAY)
    assert now(claimed).state == ("contested" if answered else "uncontested")


@pytest.mark.clause("3.3")
def test_a_decision_that_an_outage_had_made_final_can_be_objected_to():
    complaint = complain.determined()
    limit = JudgementDeadline.objects.get(complaint=complaint, clock="objection")
    at = over_and_away(limit)
    assert now(complaint).state == "closed"
    sweep(at=at)
    assert (now(complaint).state, now(complaint).ended_at) == ("determined", None)
    complain.objected(complaint, by=make.seller_of(complaint), at=limit.due_at + DAY)
    assert now(complaint).state == "objected"


@pytest.mark.clause("3.3")
def test_evidence_that_an_outage_kept_out_can_still_be_given():
    request = complain.asked(complain.escalated(), at=complain.NEGOTIATED + HOUR)
    limit = JudgementDeadline.objects.get(evidence_request=request)
    sweep(at=over_and_away(limit))
    complain.answered(request, by=make.seller_of(request.complaint), at=limit.due_at + DAY)
    assert now(request).answered_at == limit.due_at + DAY


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("late_by", [timedelta(0), MICROSECOND])
def test_evidence_kept_as_late_counts_where_the_outage_had_kept_it_out(late_by):
    request = complain.asked(complain.escalated(), at=complain.NEGOTIATED + HOUR)
    limit, seller = JudgementDeadline.objects.get(evidence_request=request), make.seller_of(request.complaint)
    given_at = limit.due_at + DAY + late_by
    with pytest.raises(RuleBroken, match="evidence_over"):
        complain.answered(request, by=seller, at=given_at)
    away(limit.due_at - 2 * HOUR, limit.due_at + 2 * HOUR)
    sweep(at=given_at + HOUR)
    if late_by:
        assert (now(limit).state, now(request).answer) == ("missed", None)
        assert len(kept_late(request.complaint)) == 1
    else:
        assert (now(limit).state, now(request).answered_at) == ("met", given_at)
        assert (now(request).answer.body, kept_late(request.complaint)) == ("Here it is.", [])


@pytest.mark.clause("3.3")
def test_an_objection_kept_as_late_is_one_in_time():
    complaint = complain.determined()
    limit = JudgementDeadline.objects.get(complaint=complaint, clock="objection")
    seller, at = make.seller_of(complaint), limit.due_at + HOUR
    with pytest.raises(RuleBroken, match="objection_over"):
        complain.objected(complaint, by=seller, at=at)
    sweep(at=away(limit.due_at - HOUR, limit.due_at + HOUR / 2))
    objection = objection_of(complaint)
    assert (now(complaint).state, now(limit).state, objection.received_at) == ("objected", "met", at)
    assert (objection.author, objection.text, objection.evidence.body) == (
        seller.user, "We did answer.", "The mail of 3 March.",
    )  # fmt: skip
    complain.reviewed(complaint, at=at + DAY)


@pytest.mark.clause("5.2")
@pytest.mark.parametrize("complaints", [1, 3])
def test_the_law_is_asked_for_once_however_many_limits_an_outage_reached(complaints):
    limit = [limit_of(complain.filed()) for _each in range(complaints)][-1]
    at = away(limit.due_at - 3 * HOUR, limit.due_at - 2 * HOUR)
    with CaptureQueriesContext(connection) as asked:
        assert follow_outages(at=at) == complaints
    # When each edition began, and what is better since the one edition of these orders.
    assert sum('FROM "rulebook_ruleedition"' in each["sql"] for each in asked) == 2


@pytest.mark.clause("3.3")
def test_the_time_to_settle_is_longer_as_well():
    complaint = complain.filed()
    limit = JudgementDeadline.objects.get(complaint=complaint, clock="auto_escalation")
    at = away(limit.due_at - 3 * HOUR, limit.due_at - 2 * HOUR)
    sweep(at=at)
    assert JudgementDeadline.objects.get(pk=limit.pk).due_at == limit.due_at + DAY
    # The buyer could have escalated before it began.
    assert now(complaint).negotiation_ends_at == complain.NEGOTIATED


@pytest.mark.clause("3.4")
def test_the_buyer_can_escalate_as_much_later_as_the_platform_was_away():
    complaint, until = complain.filed(), complain.NEGOTIATED + DAY
    sweep(at=away(complain.NEGOTIATED - 2 * HOUR, complain.NEGOTIATED - HOUR))
    assert (now(complaint).negotiation_ends_at, limit_of(complaint).due_at) == (until, complain.ESCALATED + DAY)
    with pytest.raises(RuleBroken, match="too_early"):
        complain.escalated(complaint, at=until)
    assert complain.escalated(complaint, at=until + MICROSECOND).state == "escalated"


@pytest.mark.clause("3.4")
def test_the_negotiation_is_moved_also_where_the_escalation_by_itself_was_before():
    complaint = complain.filed()
    first = away(complain.NEGOTIATED + HOUR, complain.NEGOTIATED + 2 * HOUR)
    sweep(at=first)
    assert (now(complaint).negotiation_ends_at, limit_of(complaint).due_at) == (
        complain.NEGOTIATED,
        complain.ESCALATED + DAY,
    )
    sweep(at=away(complain.NEGOTIATED - 2 * HOUR, complain.NEGOTIATED - HOUR, at=first + HOUR))
    # Two hours of outage in all lead into the same day; of the three days only one.
    assert (now(complaint).negotiation_ends_at, limit_of(complaint).due_at) == (
        complain.NEGOTIATED + DAY,
        complain.ESCALATED + DAY,
    )
    assert Event.objects.filter(kind="judgement.tolled").count() == 2


@pytest.mark.clause("3.4")
def test_a_complaint_that_escalated_in_an_outage_is_negotiated_on_and_both_sides_are_told():
    complaint = complain.filed()
    limit, seller = limit_of(complaint), make.seller_of(complaint).user
    at = over_and_away(limit)
    assert now(complaint).state == "escalated"
    sweep(at=at)
    assert (now(complaint).state, now(complaint).escalated_at) == ("negotiating", None)
    assert (now(limit).state, now(limit).due_at) == ("running", limit.due_at + DAY)
    relay_batch(at=at)
    told = Delivery.objects.filter(event__kind="judgement.tolled")
    assert {each.recipient for each in told} == {complaint.buyer, seller}
    notice = ComplaintAnnouncer().notice(told[0].event, complaint.buyer)
    assert "Corrected: the complaint has not escalated by itself" in notice.text
    # What was said of the escalation no longer holds, and is not said any more.
    said = Event.objects.get(kind="complaint.escalated")
    assert ComplaintAnnouncer().notice(said, complaint.buyer) is None
    sweep(at=limit.due_at + DAY + 31 * SECOND)
    assert (now(complaint).state, now(complaint).escalated_at) == ("escalated", limit.due_at + DAY)


@pytest.mark.clause("3.4")
@pytest.mark.parametrize("followed_by", ["evidence", "determined"])
def test_an_escalation_from_which_something_has_followed_stays(followed_by):
    complaint = complain.filed()
    limit = limit_of(complaint)
    at = over_and_away(limit)
    if followed_by == "evidence":
        complain.asked(complaint, at=at)
    else:
        complain.determined(complaint, at=at)
    sweep(at=at + SECOND)
    assert (now(complaint).state, now(complaint).escalated_at) == (followed_by, limit.due_at)
    assert (now(limit).state, now(limit).due_at) == ("missed", limit.due_at)


@pytest.mark.clause("3.4")
def test_an_escalation_by_the_buyer_stays():
    complaint = complain.escalated()
    sweep(at=away(complain.NEGOTIATED - 2 * HOUR, complain.NEGOTIATED + 2 * HOUR))
    assert (now(complaint).state, limit_of(complaint).state) == ("escalated", "met")


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(microseconds=1)])
def test_a_complaint_that_an_outage_kept_out_is_filed_in_time(late_by):
    appointment = complain.unanswered()
    # S76: without the outage the last instant.
    until = instant("2026-06-02T16:00:00Z")
    away(until - HOUR, until + HOUR)
    filed = complain.filed(appointment, at=until + DAY + late_by)
    assert (filed.state, filed.failed_codes) == (("rejected", ["out_of_time"]) if late_by else ("negotiating", []))


@pytest.mark.clause("3.3")
def test_an_outage_counts_for_filing_from_its_approval_on_and_not_only_once_it_is_applied():
    appointment = complain.unanswered()
    until = instant("2026-06-02T16:00:00Z")
    approved_at = until + 2 * HOUR
    outage = claim.an_outage(until - HOUR, until + HOUR, at=approved_at)
    early, late = approved_at - MICROSECOND, approved_at
    assert complain.filed(appointment, at=early).failed_codes == ["out_of_time"]
    decide_outage(outage, approved=True, reason="So the logs say.", by=claim.an_administrator(), at=approved_at)
    assert complain.filed(appointment, at=late).state == "negotiating"
    apply_outages(now=lambda: approved_at + HOUR)


@pytest.mark.clause("2.1.1")
def test_silence_signs_a_service_only_after_the_outage_has_been_made_up_for():
    appointment = visit.done(visit.planned())
    signed = make.fresh(appointment).sign_off
    away(signed.due_at - 2 * HOUR, signed.due_at - HOUR)
    assert make.fresh(appointment).sign_off.due_at == signed.due_at + DAY
    assert sign_silently(at=signed.due_at + HOUR) == 0
    object_to(appointment, "It still hums.", by=make.buyer_of(appointment), at=signed.due_at + 2 * HOUR)
    assert make.fresh(appointment).sign_off.outcome == "objected"


@pytest.mark.clause("2.1.1")
def test_a_service_signed_by_the_silence_of_an_outage_waits_for_its_buyers_word_again():
    appointment = visit.done(visit.planned())
    signed = make.fresh(appointment).sign_off
    assert sign_silently(at=signed.due_at + 31 * SECOND) == 1
    away(signed.due_at - 2 * HOUR, signed.due_at + 2 * HOUR)
    again = make.fresh(appointment).sign_off
    assert (again.state, again.outcome, again.due_at) == ("running", "", signed.due_at + DAY)
    assert sign_silently(at=signed.due_at + 5 * HOUR) == 0
    object_to(appointment, "It still hums.", by=make.buyer_of(appointment), at=signed.due_at + DAY)
    assert (make.fresh(appointment).sign_off.outcome, make.fresh(appointment.case).state) == ("objected", "open")


@pytest.mark.clause("2.1.1")
def test_silence_signs_once_more_at_the_due_instant_that_counts_now():
    appointment = visit.done(visit.planned())
    signed = make.fresh(appointment).sign_off
    sign_silently(at=signed.due_at + 31 * SECOND)
    away(signed.due_at - 2 * HOUR, signed.due_at + 2 * HOUR)
    assert sign_silently(at=signed.due_at + 3 * DAY) == 1
    again = make.fresh(appointment).sign_off
    assert (again.outcome, again.ended_at) == ("silence", signed.due_at + DAY)
    assert make.fresh(appointment.case).state == "closed"
