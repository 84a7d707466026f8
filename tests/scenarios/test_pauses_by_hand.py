"""Pauses worked out by hand: begins at the due instant, parts of claims, replies meanwhile, hours beside days (T7, 4.1.2)."""

from datetime import timedelta

import pytest

from cases.actions.claim_rulings import grant
from cases.actions.exclusions import add_proof, end_event
from cases.actions.offers import refuse
from cases.actions.outages import decide_outage
from cases.models import Deadline
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from complaints.breaches import breaches_of
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
C2_DUE = instant("2026-03-16T16:00:00Z")
# By the typhoon of `claims.TYPHOON`, 60 hours later.
MOVED = instant("2026-03-06T13:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def appointment():
    return make.requested(at=R0)


def due(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id").due_at


def outcome(appointment):
    now = make.fresh(appointment)
    return now.state, now.ended_at


def breaches(appointment):
    return [each.occurred_at for each in breaches_of([appointment.pk]).values() if each.is_fact]


def granted(appointment, begins, ends, *, at, **given):
    filed = claim.claimed(
        appointment, at=instant(at), begins_at=instant(begins), ends_at=instant(ends), proven=True, **given
    )
    return claim.granted(filed, at=instant(at))


def tolled(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


def test_an_event_that_begins_a_microsecond_after_one_limit_still_stops_the_other(appointment):
    filed = claim.claimed(
        appointment, at=DUE - 20 * HOUR, begins_at=DUE + MICROSECOND, ends_at=DUE + 10 * HOUR, proven=True
    )
    claim.granted(filed, at=DUE - 19 * HOUR)
    assert (due(appointment, "response"), due(appointment, "confirmation")) == (DUE, C2_DUE + DAY)


def test_one_of_two_overlapping_grants_is_revoked(appointment):
    first = granted(appointment, "2026-03-03T00:00Z", "2026-03-03T12:00Z", at="2026-03-03T12:30Z")
    granted(appointment, "2026-03-03T06:00Z", "2026-03-04T06:00Z", at="2026-03-03T13:00Z")
    # 30 hours together: 17 March 22:00, rounded up once to the 24:00 of the 18th.
    assert due(appointment, "response") == instant("2026-03-05T07:15:30Z")
    assert due(appointment, "confirmation") == instant("2026-03-18T16:00:00Z")
    claim.revoked(first, at=instant("2026-03-04T08:00Z"))
    # 24 hours are a day, and no more.
    assert due(appointment, "response") == instant("2026-03-05T01:15:30Z")
    assert due(appointment, "confirmation") == instant("2026-03-17T16:00:00Z")


@pytest.mark.parametrize(("more", "days"), [(timedelta(0), 1), (MICROSECOND, 2)])
def test_a_day_limit_goes_up_by_whole_days(appointment, more, days):
    filed = claim.claimed(
        appointment, at=R0 + 30 * HOUR, begins_at=R0 + HOUR, ends_at=R0 + 25 * HOUR + more, proven=True
    )
    claim.granted(filed, at=R0 + 30 * HOUR)
    assert due(appointment, "response") == DUE + DAY + more
    assert due(appointment, "confirmation") == C2_DUE + days * DAY


def test_three_pauses_of_an_hour_cost_three_hours_and_one_day(appointment):
    for n in range(3):
        begins_at = R0 + (1 + 3 * n) * HOUR
        filed = claim.claimed(
            appointment, at=R0 + (10 + n) * HOUR, begins_at=begins_at, ends_at=begins_at + HOUR, proven=True
        )
        claim.granted(filed, at=R0 + (10 + n) * HOUR)
    assert (due(appointment, "response"), due(appointment, "confirmation")) == (DUE + 3 * HOUR, C2_DUE + DAY)


def test_only_what_lies_after_the_start_counts(appointment):
    granted(appointment, "2026-02-20T02:00Z", "2026-03-02T11:15:30Z", at="2026-03-03T10:00Z")
    assert due(appointment, "response") == DUE + 10 * HOUR


def test_a_pause_on_the_day_that_rounding_up_has_given_is_swallowed_by_it(appointment):
    granted(appointment, "2026-03-02T02:00Z", "2026-03-02T03:00Z", at="2026-03-02T10:00Z", duties=["confirmation"])
    at = instant("2026-03-02T11:00Z")
    make.accepted(make.offered(appointment, at=at), at=at)
    granted(appointment, "2026-03-17T08:00Z", "2026-03-17T10:00Z", at="2026-03-17T10:00Z", duties=["confirmation"])
    assert due(appointment, "confirmation") == C2_DUE + DAY


def test_what_is_granted_of_a_claim_may_begin_too_late_for_one_limit(appointment):
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, proven=True)
    claim.granted(filed, at=DUE + 5 * HOUR, begins_at=DUE + MICROSECOND)
    assert make.fresh(filed).state == "partly_granted"
    assert outcome(appointment) == ("deemed_refused", DUE)
    assert breaches(appointment) == [DUE]


@pytest.mark.parametrize("short", [timedelta(0), MICROSECOND])
@pytest.mark.clause("2.3.2")
def test_a_solution_at_the_last_instant_of_a_claim_counts_exactly_as_long_as_all_of_it_is_granted(short):
    appointment = make.requested(at=R0, method="remote")
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, duties=["solution"], proven=True)
    make.offered(appointment, at=MOVED)
    claim.granted(filed, at=MOVED + HOUR, ends_at=claim.TYPHOON[1] - short)
    assert outcome(appointment) == (("deemed_refused", MOVED - short) if short else ("proposed", None))


def test_the_end_of_an_event_shows_that_a_reply_meanwhile_came_late(appointment):
    begins_at = instant("2026-03-03T00:00Z")
    filed = claim.claimed(appointment, at=begins_at, begins_at=begins_at, ends_at=None, proven=True)
    made = make.offered(appointment, at=begins_at + 3 * DAY)
    end_event(filed, begins_at + HOUR, by=make.seller_of(appointment), at=begins_at + 3 * DAY + HOUR)
    assert outcome(appointment) == ("deemed_refused", DUE + HOUR)
    assert (make.fresh(made).is_late, make.fresh(made).state) == (True, "standing")


def test_a_lapse_under_a_pause_that_did_not_hold_is_a_refusal_before_it(appointment):
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, proven=True)
    made = make.offered(appointment, at=DUE + HOUR)
    sweep_batch(at=instant("2026-03-12T00:00Z"))
    assert outcome(appointment) == ("lapsed", instant("2026-03-11T16:00:00Z"))
    claim.rejected(filed, at=instant("2026-03-20T00:00Z"))
    assert outcome(appointment) == ("deemed_refused", DUE)
    assert (make.fresh(made).is_late, make.fresh(made).state) == (True, "standing")
    assert breaches(appointment) == [DUE]


def test_an_express_refusal_under_a_pause_that_did_not_hold_comes_after_the_deemed_one(appointment):
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, proven=True)
    refuse(appointment, "Nobody free.", by=make.seller_of(appointment), at=DUE + 20 * HOUR)
    claim.rejected(filed, at=DUE + 21 * HOUR)
    assert outcome(appointment) == ("deemed_refused", DUE)
    assert breaches(appointment) == [DUE]


def test_proof_that_was_in_time_and_came_after_the_lapse_moves_the_miss_back(appointment):
    filed = claim.claimed(appointment, at=instant("2026-03-03T02:00Z"))
    sweep_batch(at=MOVED + HOUR)
    assert outcome(appointment) == ("deemed_refused", MOVED)
    proof_due = instant("2026-03-18T16:00:00Z")
    with pytest.raises(RuleBroken, match="deadline_passed"):
        add_proof(filed, "The paper.", by=make.seller_of(appointment), at=proof_due + MICROSECOND)
    assert outcome(appointment) == ("deemed_refused", DUE)
    add_proof(filed, "The paper.", by=make.seller_of(appointment), at=proof_due)
    assert make.fresh(filed).state == "in_review"
    assert outcome(appointment) == ("deemed_refused", MOVED)


@pytest.mark.parametrize("late_by", [timedelta(0), MICROSECOND])
def test_a_claim_at_the_due_instant_pauses_and_one_after_it_only_excuses(appointment, late_by):
    begins_at, ends_at = DUE - HOUR, DUE + 5 * HOUR
    filed = claim.claimed(appointment, at=DUE + late_by, begins_at=begins_at, ends_at=ends_at, proven=True)
    assert filed.is_provisional == (not late_by)
    assert outcome(appointment)[0] == ("deemed_refused" if late_by else "requested")
    claim.granted(filed, at=DUE + 6 * HOUR + MICROSECOND)
    assert outcome(appointment) == ("deemed_refused", DUE + 6 * HOUR)


def test_an_embargo_on_visits_alone_excuses_no_silence(appointment):
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, duties=["visit"], kind="ban", proven=True)
    sweep_batch(at=DUE + HOUR)
    claim.granted(filed, at=DUE + 2 * HOUR)
    assert outcome(appointment) == ("deemed_refused", DUE)
    assert breaches(appointment) == [DUE]


def test_an_outage_that_counted_only_through_a_grant_falls_with_it(appointment):
    filed = claim.claimed(appointment, at=DUE - 20 * HOUR, proven=True)
    claim.granted(filed, at=DUE - 19 * HOUR)
    away, back = instant("2026-03-05T00:00Z"), instant("2026-03-05T10:00Z")
    tolled(away, back, at=back + HOUR)
    # From 2 March 16:00 to 5 March 10:00 without a gap: 66 hours.
    assert due(appointment, "response") == DUE + 66 * HOUR
    assert due(appointment, "confirmation") == instant("2026-03-19T16:00:00Z")
    claim.revoked(filed, at=back + 2 * HOUR)
    assert outcome(appointment) == ("deemed_refused", DUE)
    assert due(appointment, "confirmation") == C2_DUE + DAY


@pytest.mark.parametrize("late_by", [timedelta(0), MICROSECOND])
@pytest.mark.clause("2.3.1")
def test_an_outage_that_begins_at_the_due_instant_counts_and_a_microsecond_later_not(appointment, late_by):
    sweep_batch(at=DUE + HOUR)
    tolled(DUE + late_by, DUE + 10 * HOUR, at=DUE + 11 * HOUR)
    assert outcome(appointment) == ("deemed_refused", DUE if late_by else DUE + 10 * HOUR)


@pytest.mark.clause("2.3.1")
def test_an_outage_on_the_buyers_last_day_takes_the_lapse_back(appointment):
    made = make.offered(appointment, at=instant("2026-03-03T12:00Z"), windows=make.far_off(R0))
    sweep_batch(at=instant("2026-03-11T00:00Z"))
    assert outcome(appointment)[0] == "lapsed"
    tolled(instant("2026-03-10T10:00Z"), instant("2026-03-10T18:00Z"), at=instant("2026-03-11T02:00Z"))
    assert (outcome(appointment)[0], due(appointment, "buyer_silence")) == ("proposed", instant("2026-03-11T16:00:00Z"))
    make.accepted(make.fresh(made), at=instant("2026-03-11T16:00:00Z"))
    # The buyer's 8 days and 4 hours, in which the outage lies: 24 March 20:00, rounded up.
    assert due(appointment, "confirmation") == instant("2026-03-25T16:00:00Z")


@pytest.mark.clause("4.1.1")
def test_an_exclusion_claimed_in_time_excuses_a_miss_that_was_cured_before_its_grant(appointment):
    filed = claim.claimed(appointment, at=DUE - HOUR, ground="buyer_reason", statement="He is abroad.")
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=DUE + HOUR)
    make.accepted(appointment.offers.get(), at=DUE + 2 * HOUR)
    assert breaches(appointment) == [DUE]
    grant(filed, reason="So he is.", by=claim.an_auditor(), at=DUE + 3 * HOUR)
    assert outcome(appointment) == ("excluded", DUE + 3 * HOUR)
    assert breaches(appointment) == []
