"""What one past request would have come to under other numbers, held against a calculation of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.simulation import PastClock, PastRequest, judged, past_requests
from cases.sweep import sweep_batch
from tests.factories import cases as make
from tests.factories.histories import STEPS, History
from tests.instants import instant
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.periods import Pause as Interval

R0 = instant("2026-03-02T01:15:30Z")
LATER = instant("2026-06-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def law(**changes):
    return EditionNumbers.from_json({**NUMBERS, **changes})


def a_response(state="met", ended=None, **given):
    due = R0 + 48 * HOUR
    wanted = {"pk": 1, "clock": "response", "started_at": R0, "due_at": due, "ended_at": R0 + ended if ended else due}
    return PastClock(**{**wanted, "state": state, **given})


def fates(request, numbers, at=LATER):
    return {each.clock.clock: each.after for each in judged(request, numbers, at=at)}


# --- One clock -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize(("beyond", "fate"), [(-MICROSECOND, "met"), (timedelta(), "met"), (MICROSECOND, "missed")])
def test_an_answer_is_judged_by_the_other_number_to_the_microsecond(beyond, fate):
    request = PastRequest(1, 1, clocks=(a_response(ended=24 * HOUR + beyond),))
    assert fates(request, law(response_hours=24)) == {"response": fate}


@pytest.mark.parametrize(("beyond", "fate"), [(timedelta(), "met"), (MICROSECOND, "missed")])
def test_a_late_answer_that_was_kept_can_be_in_time(beyond, fate):
    request = PastRequest(1, 1, clocks=(a_response("missed", late=(R0 + 72 * HOUR + beyond,)),))
    assert fates(request, law(response_hours=72)) == {"response": fate}


def test_what_was_never_answered_is_missed_later_or_still_runs():
    request = PastRequest(1, 1, clocks=(a_response("missed"),))
    due = R0 + 72 * HOUR
    assert fates(request, law(response_hours=72), at=due) == {"response": "running"}
    [told] = judged(request, law(response_hours=72), at=due + MICROSECOND)
    assert (told.after, told.due_after, told.differs) == ("missed", due, False)


def test_promises_and_pauses_count_as_they_did():
    paused = (Interval(R0 + HOUR, R0 + 5 * HOUR),)
    request = PastRequest(1, 1, {"response_hours": 30}, (a_response(ended=36 * HOUR, pauses=paused),))
    assert fates(request, law(response_hours=40)) == {"response": "missed"}, "30 by promise and 4 of pause"
    assert fates(request, law(response_hours=32)) == {"response": "missed"}
    without = PastRequest(1, 1, {}, request.clocks)
    assert fates(without, law(response_hours=32)) == {"response": "met"}, "32 and 4 are 36, exactly"


def test_a_longer_limit_that_the_buyer_accepted_stays():
    request = PastRequest(1, 1, clocks=(a_response(ended=70 * HOUR, agreed=72),))
    assert fates(request, law(response_hours=24)) == {"response": "met"}


def test_a_miss_that_is_added_voids_its_siblings_and_what_followed_would_not_have_begun():
    answered = R0 + 30 * HOUR
    request = PastRequest(1, 1, clocks=(
        a_response(ended=30 * HOUR),
        a_response(pk=2, clock="confirmation", ended=200 * HOUR, due_at=None),
        a_response(pk=3, clock="buyer_silence", started_at=answered, ended=60 * HOUR),
    ))  # fmt: skip
    assert fates(request, law(response_hours=24)) == {
        "response": "missed", "confirmation": "voided", "buyer_silence": "overtaken",
    }  # fmt: skip


def test_a_miss_that_falls_away_lets_its_siblings_run_on_and_its_cure_would_not_have_begun():
    request = PastRequest(1, 1, clocks=(
        a_response("missed", late=(R0 + 50 * HOUR,)),
        a_response("voided", pk=2, clock="confirmation", voided_by=1),
        a_response(pk=3, clock="confirmation", started_at=R0 + 60 * HOUR, ended=70 * HOUR),
    ))  # fmt: skip
    told = [each.after for each in judged(request, law(response_hours=72), at=LATER)]
    assert told == ["met", "running", "overtaken"]
    assert not any(each.differs for each in judged(request, law(), at=LATER)), "cured as it was"


def test_a_limit_that_has_just_passed_and_is_not_written_yet_is_no_difference():
    running = PastClock(1, "response", "running", R0, R0 + 48 * HOUR, None)
    request = PastRequest(1, 1, {}, (running,))
    just_passed = R0 + 48 * HOUR + timedelta(seconds=10)
    assert [each.differs for each in judged(request, law(), at=just_passed)] == [False]
    assert [each.after for each in judged(request, law(response_hours=47), at=just_passed)] == ["missed"]


# --- Many, against a calculation of its own --------------------------------------------------------------------------

MICROSECONDS = 3_600_000_000
ANSWERS = st.lists(
    st.tuples(
        st.sampled_from([1, 12, 24, 36, 48, 60, 72, 96]), st.sampled_from([-1, 0, 1]), st.booleans(),
    ), min_size=1, max_size=12,
)  # fmt: skip


@given(answers=ANSWERS, hours=st.sampled_from([12, 24, 36, 48, 60, 72]))
def test_many_requests_differ_as_a_small_calculation_says(answers, hours):
    """In whole microseconds, without our periods: who answered by the old number, and who by the new one."""
    expected = {"met>missed": 0, "missed>met": 0}
    counted = {"met>missed": 0, "missed>met": 0}
    for at_hour, beside, is_silent in answers:
        took = at_hour * MICROSECONDS + beside
        was, would = (not is_silent and took <= limit * MICROSECONDS for limit in (48, hours))
        if was != would:
            expected["met>missed" if was else "missed>met"] += 1
        answered_at = R0 + timedelta(microseconds=took)
        late = () if is_silent or was else (answered_at,)
        clock = a_response("met" if was else "missed", ended=timedelta(microseconds=took) if was else None, late=late)
        for each in judged(PastRequest(1, 1, clocks=(clock,)), law(response_hours=hours), at=LATER):
            if each.differs:
                counted[f"{each.clock.state}>{each.after}"] += 1
    assert counted == expected


@pytest.mark.django_db
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(sorted(STEPS)),
            st.sampled_from([timedelta(0), MICROSECOND, HOUR, 20 * HOUR, 48 * HOUR, timedelta(days=8)]),
        ),
        max_size=12,
    ),
    method=st.sampled_from(["door", "door", "remote"]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_under_its_own_numbers_is_what_it_was(steps, method, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    appointment = make.requested(make.a_cover(), at=R0, method=method)
    until = History(appointment).play(steps, since=R0)
    sweep_batch(at=until + HOUR)
    [request] = past_requests([appointment.pk])
    told = judged(request, law(), at=until + HOUR)
    assert [(each.clock.clock, each.clock.state, each.after) for each in told if each.differs] == [], steps
