"""Candidates are opened from the facts of cases, once for each breach, and go with them (3.2)."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from cases.actions.claim_rulings import decide_revocation, propose_revocation
from cases.actions.offers import offer, refuse
from cases.actions.orders import ingest_order
from cases.sweep import sweep_batch
from complaints.actions.judging import dismiss, uphold
from complaints.breaches import breaches_of
from complaints.candidates import TELLING, read, reconcile
from complaints.models import Violation
from complaints.opening import open_violation
from complaints.sweep import let_groundless_fall
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import violations as judged
from tests.factories import visits as visit
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]

R0, DUE, SWEPT = judged.R0, judged.DUE, judged.SWEPT
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


def of(appointment):
    """The violations of an appointment, as (state, kind, clause, breach, occurred, cured)."""
    rows = Violation.objects.filter(appointment=appointment).order_by("id")
    return list(rows.values_list("state", "kind", "clause", "breach", "occurred_at", "cured_at"))


def deadline_of(appointment, clock="response"):
    return appointment.deadlines.get(clock=clock)


def kinds_of(violation):
    return list(Event.objects.filter(stream=violation.subject).order_by("id").values_list("kind", flat=True))


def test_a_deemed_refusal_opens_one_candidate_named_by_its_limit():
    appointment = judged.unanswered()
    judged.read()
    name = f"deadline/{deadline_of(appointment).pk}"
    assert of(appointment) == [("candidate", "missed_limit", "2.3.1", name, DUE, None)]
    violation = Violation.objects.get()
    assert (violation.opened_by, violation.opened_at, violation.seller_id) == (None, SWEPT, appointment.seller_id)
    assert kinds_of(violation) == ["violation.opened"]


def test_the_same_events_again_and_in_any_order_change_nothing():
    appointment = make.requested(at=R0)
    refuse(appointment, "No parts.", by=make.seller_of(appointment), at=R0 + HOUR)
    other = judged.unanswered()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(other, at=SWEPT + HOUR)
    make.accepted(other.offers.get(), at=SWEPT + 2 * HOUR)
    events = list(Event.objects.filter(stream__startswith="case/").order_by("id"))
    told = [event for event in events if event.kind in TELLING]
    assert len(told) == 3
    for shown in permutations(told):
        for event in shown:
            read([event], at=SWEPT + 3 * HOUR)
        read(shown, at=SWEPT + 3 * HOUR)
    assert [row[0] for row in of(appointment) + of(other)] == ["candidate", "candidate"]
    assert Event.objects.filter(stream__startswith="violation/").count() == 2


def test_a_batch_takes_the_same_number_of_statements(django_assert_num_queries):
    keys = [judged.unanswered().pk for _n in range(3)]
    with django_assert_num_queries(9):
        reconcile(keys[:1], at=SWEPT)
    with django_assert_num_queries(9):
        reconcile(keys[1:], at=SWEPT)
    assert Violation.objects.count() == 3


@pytest.mark.clause("2.3.4")
def test_an_express_refusal_inside_the_cover_is_a_breach_of_2_3_4():
    appointment = make.requested(at=R0)
    refuse(appointment, "No parts.", by=make.seller_of(appointment), at=R0 + HOUR)
    judged.read()
    name = f"refusal/{appointment.pk}"
    assert of(appointment) == [("candidate", "express_refusal", "2.3.4", name, R0 + HOUR, None)]


def test_a_late_refusal_is_no_second_breach():
    appointment = judged.unanswered()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        refuse(appointment, "No parts.", by=make.seller_of(appointment), at=SWEPT + HOUR)
    judged.read()
    assert [row[1] for row in of(appointment)] == ["missed_limit"]


def test_a_sellers_no_show_is_a_breach_and_the_missed_new_date_another():
    missed = visit.nobody_came(visit.planned())
    judged.read(at=visit.ENDS + HOUR)
    name = f"visit/{missed.pk}"
    assert of(missed.appointment) == [("candidate", "no_show", "2.3.1", name, visit.ENDS, None)]
    sweep_batch(at=visit.ENDS + timedelta(days=3))
    judged.read(at=visit.ENDS + timedelta(days=3))
    assert [row[1] for row in of(missed.appointment)] == ["no_show", "missed_limit"]


@pytest.mark.scenario("S41")
def test_a_buyers_no_show_or_silence_is_no_violation_of_the_seller():
    visit.nobody_home(visit.planned())
    silent = make.requested(at=R0)
    make.offered(silent, at=R0 + HOUR)
    sweep_batch(at=R0 + timedelta(days=9))
    judged.read(at=R0 + timedelta(days=9))
    assert make.fresh(silent).state == "lapsed"
    assert Violation.objects.count() == 0


def test_what_the_buyer_cancels_in_time_leaves_none_and_later_the_refusal_stays():
    in_time, late = make.requested(at=R0), judged.unanswered()
    make.cancelled(in_time, at=R0 + HOUR)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.cancelled(late, at=SWEPT + HOUR)
    judged.read(at=SWEPT + 2 * HOUR)
    assert of(in_time) == []
    assert [row[0] for row in of(late)] == ["candidate"]


def test_a_late_offer_that_the_buyer_accepts_cures_it_and_the_breach_stays_on_the_record():
    appointment = judged.unanswered()
    judged.read()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=SWEPT + HOUR)
    make.accepted(appointment.offers.get(), at=SWEPT + 2 * HOUR)
    judged.read(at=SWEPT + 3 * HOUR)
    violation = Violation.objects.get(appointment=appointment)
    assert (violation.state, violation.occurred_at, violation.cured_at) == ("candidate", DUE, SWEPT + 2 * HOUR)
    assert kinds_of(violation) == ["violation.opened", "violation.cured"]


def test_an_express_refusal_is_cured_the_same_way():
    appointment = make.requested(at=R0)
    refuse(appointment, "No parts.", by=make.seller_of(appointment), at=R0 + HOUR)
    make.accepted(make.offered(make.fresh(appointment), at=R0 + 2 * HOUR), at=R0 + 3 * HOUR)
    judged.read()
    assert of(appointment)[0][5] == R0 + 3 * HOUR


@pytest.mark.clause("2.3.4")
def test_who_drops_out_again_after_the_cure_has_refused_twice():
    appointment = make.requested(at=R0)
    seller = make.seller_of(appointment)
    refuse(appointment, "No parts.", by=seller, at=R0 + HOUR)
    make.accepted(make.offered(make.fresh(appointment), at=R0 + 2 * HOUR), at=R0 + 3 * HOUR)
    judged.read(at=R0 + 3 * HOUR)
    first = ("candidate", "express_refusal", "2.3.4", f"refusal/{appointment.pk}", R0 + HOUR, R0 + 3 * HOUR)
    assert of(appointment) == [first]
    refuse(make.fresh(appointment), "Nobody is free.", by=seller, at=R0 + 4 * HOUR)
    judged.read(at=R0 + 4 * HOUR)
    second = ("candidate", "express_refusal", "2.3.4", f"refusal/{appointment.pk}/2", R0 + 4 * HOUR, None)
    assert sorted(of(appointment)) == sorted([first, second])


def test_a_rescission_dismisses_the_candidate_and_one_the_seller_was_told_of():
    for notify in (False, True):
        violation = judged.a_candidate()
        if notify:
            violation = judged.a_notified(violation)
        late = judged.NOTIFIED + HOUR
        offer(violation.appointment, make.offer_terms(DUE), by=make.seller_of(violation.appointment), at=DUE)
        judged.read(at=late)
        violation = make.fresh(violation)
        assert (violation.state, violation.dismissal, violation.judged_by) == ("dismissed", "rescinded", None)
        assert not violation.deadlines.filter(state="running").exists()


def test_a_rescission_lets_a_confirmed_one_fall_and_nobody_has_to_decide_it():
    violation = judged.a_confirmed()
    offer(violation.appointment, make.offer_terms(DUE), by=make.seller_of(violation.appointment), at=DUE)
    judged.read(at=judged.CONFIRMED + HOUR)
    assert make.fresh(violation).state == "confirmed"
    assert let_groundless_fall(at=judged.CONFIRMED + HOUR) == 1
    violation = make.fresh(violation)
    assert (violation.state, violation.dismissal, violation.appeal_decided_by) == ("overturned", "rescinded", None)
    assert kinds_of(violation)[-1] == "violation.fell"
    assert let_groundless_fall(at=judged.CONFIRMED + 2 * HOUR) == 0
    assert not violation.deadlines.filter(state="running").exists()


def with_typhoon():
    """A deemed refusal whose 48 hours the typhoon of S27 had stopped, claimed and answered after the limit."""
    appointment = judged.unanswered()
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=SWEPT)
    judged.read()
    filed = claim.claimed(appointment, at=SWEPT + HOUR, proven=True)
    return appointment, filed


@pytest.mark.clause("4.1.2")
@pytest.mark.scenario("S27")
def test_a_granted_excuse_dismisses_as_excused_and_its_revocation_opens_it_again():
    appointment, filed = with_typhoon()
    granted = claim.granted(filed, at=SWEPT + 2 * HOUR)
    judged.read(at=SWEPT + 3 * HOUR)
    violation = Violation.objects.get(appointment=appointment)
    assert (violation.state, violation.dismissal) == ("dismissed", "excused")
    propose_revocation(granted, reason="Forged.", by=claim.an_auditor(), at=SWEPT + 4 * HOUR)
    decide_revocation(granted, approved=True, reason="Forged.", by=claim.an_auditor(), at=SWEPT + 5 * HOUR)
    judged.read(at=SWEPT + 6 * HOUR)
    violation = make.fresh(violation)
    assert (violation.state, violation.dismissal, violation.occurred_at) == ("candidate", "", DUE)
    assert kinds_of(violation) == ["violation.opened", "violation.dismissed", "violation.opened_again"]


@pytest.mark.clause("4.1.2")
def test_what_fell_with_a_grant_is_judged_from_the_start_once_the_grant_is_revoked():
    appointment, filed = with_typhoon()
    violation = judged.a_confirmed(judged.a_notified(Violation.objects.get(appointment=appointment)))
    granted = claim.granted(filed, at=judged.CONFIRMED + HOUR)
    judged.read(at=judged.CONFIRMED + HOUR)
    let_groundless_fall(at=judged.CONFIRMED + HOUR)
    assert (make.fresh(violation).state, make.fresh(violation).dismissal) == ("overturned", "excused")
    propose_revocation(granted, reason="Forged.", by=claim.an_auditor(), at=judged.CONFIRMED + 2 * HOUR)
    decide_revocation(granted, approved=True, reason="F.", by=claim.an_auditor(), at=judged.CONFIRMED + 3 * HOUR)
    judged.read(at=judged.CONFIRMED + 4 * HOUR)
    violation = make.fresh(violation)
    assert (violation.state, violation.judged_by, violation.reason) == ("candidate", None, "")


@pytest.mark.clause("4.1.2")
def test_so_it_is_with_one_that_was_upheld_on_appeal_and_the_same_third_person_may_judge_it_then():
    appointment, filed = with_typhoon()
    violation = judged.a_confirmed(judged.a_notified(Violation.objects.get(appointment=appointment)))
    third = claim.an_auditor()
    uphold(judged.an_appealed(violation), reason="It stands.", by=third, at=judged.APPEALED)
    granted = claim.granted(filed, at=judged.APPEALED + HOUR)
    judged.read(at=judged.APPEALED + HOUR)
    let_groundless_fall(at=judged.APPEALED + HOUR)
    assert make.fresh(violation).state == "overturned"
    propose_revocation(granted, reason="Forged.", by=claim.an_auditor(), at=judged.APPEALED + 2 * HOUR)
    decide_revocation(granted, approved=True, reason="F.", by=claim.an_auditor(), at=judged.APPEALED + 3 * HOUR)
    anew = judged.APPEALED + 4 * HOUR
    judged.read(at=anew)
    assert (make.fresh(violation).state, make.fresh(violation).appeal_decided_by) == ("candidate", None)
    judged.an_answered(judged.a_notified(make.fresh(violation), at=anew), at=anew + HOUR)
    assert judged.a_confirmed(violation, by=third, at=anew + 2 * HOUR).state == "confirmed"


@pytest.mark.clause("4.1.2")
def test_what_a_person_has_dismissed_no_fact_opens_again():
    appointment, filed = with_typhoon()
    violation = Violation.objects.get(appointment=appointment)
    dismiss(violation, code="minor", reason="No breach.", by=claim.an_auditor(), at=SWEPT + 2 * HOUR)
    granted = claim.granted(filed, at=SWEPT + 3 * HOUR)
    judged.read(at=SWEPT + 3 * HOUR)
    propose_revocation(granted, reason="Forged.", by=claim.an_auditor(), at=SWEPT + 4 * HOUR)
    decide_revocation(granted, approved=True, reason="Forged.", by=claim.an_auditor(), at=SWEPT + 5 * HOUR)
    judged.read(at=SWEPT + 6 * HOUR)
    assert (make.fresh(violation).state, make.fresh(violation).dismissal) == ("dismissed", "minor")


@pytest.mark.clause("4.1.2")
def test_a_breach_found_after_the_fact_is_opened_when_the_pause_does_not_hold():
    """Answered in time only under the claimed pause; rejected, the answer was late by the old limit."""
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=R0 + HOUR, proven=True)
    make.offered(make.fresh(appointment), at=DUE + HOUR)
    judged.read(at=DUE + HOUR)
    assert of(appointment) == []
    claim.rejected(filed, at=DUE + 2 * HOUR)
    judged.read(at=DUE + 3 * HOUR)
    name = f"deadline/{deadline_of(appointment).pk}"
    assert of(appointment) == [("candidate", "missed_limit", "2.3.1", name, DUE, None)]


@pytest.mark.clause("4.1.2")
def test_a_late_answer_that_was_accepted_under_the_pause_is_late_and_cured():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=R0 + HOUR, proven=True)
    make.accepted(make.offered(make.fresh(appointment), at=DUE + HOUR), at=DUE + 2 * HOUR)
    claim.rejected(filed, at=DUE + 3 * HOUR)
    judged.read(at=DUE + 4 * HOUR)
    assert [(row[0], row[4], row[5]) for row in of(appointment)] == [("candidate", DUE, DUE + 2 * HOUR)]


@pytest.mark.scenario("S58")
@pytest.mark.clause("2.3.4")
@pytest.mark.parametrize(("refunded_at", "states"), [(DUE, []), (DUE + MICROSECOND, ["candidate"])])
def test_a_full_refund_leaves_no_violation_from_its_moment_on(refunded_at, states):
    """Told of before the sweep: what was due before the refund stays, what was due at it is no duty any more."""
    record = make.an_order_record(make.a_product())
    appointment = make.requested(make.told(record), at=R0)
    refund(record, refunded_at, at=DUE + timedelta(days=1))
    judged.read(at=DUE + timedelta(days=2))
    assert [row[0] for row in of(appointment)] == states


@pytest.mark.scenario("S58")
@pytest.mark.clause("2.3.4")
def test_a_refund_told_of_late_takes_back_what_was_opened_after_its_moment():
    record = make.an_order_record(make.a_product())
    appointment = make.requested(make.told(record), at=R0)
    sweep_batch(at=SWEPT)
    violation = judged.a_candidate(appointment)
    refund(record, DUE - HOUR, at=SWEPT + HOUR)
    judged.read(at=SWEPT + 2 * HOUR)
    violation = make.fresh(violation)
    assert (violation.state, violation.dismissal) == ("dismissed", "rescinded")


def refund(record, refunded_at, *, at):
    ingest_order(replace(record, refunded_at=refunded_at), by=system(Channel.IMPORT), at=at)


def test_what_a_person_finds_again_is_judged_once_and_by_another_one():
    violation = judged.a_candidate()
    auditor = claim.an_auditor()
    found = open_violation(
        seller=violation.seller, kind="audit", clause="2.3.1", breach=violation.breach, finding="Silence.",
        occurred_at=DUE, appointment=violation.appointment, person=auditor.user, by=auditor, at=SWEPT,
    )  # fmt: skip
    assert (found.pk, found.opened_by, found.finding) == (violation.pk, auditor.user, "Silence.")
    again = open_violation(
        seller=violation.seller, kind="complaint", clause="2.3.1", breach="complaint/1", finding="Rude.",
        occurred_at=DUE, person=auditor.user, by=auditor, at=SWEPT,
    )  # fmt: skip
    assert again.pk != found.pk
    judged.read(at=SWEPT + HOUR)
    assert Violation.objects.count() == 2
    assert make.fresh(again).state == "candidate"


def test_the_breaches_of_a_quiet_case_are_none():
    appointment = make.requested(at=R0)
    make.offered(appointment, at=R0 + HOUR)
    assert breaches_of([appointment.pk]) == {}
    assert instant("2026-03-04T01:15:30Z") == DUE
