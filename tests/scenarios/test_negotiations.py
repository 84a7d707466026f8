"""Whole negotiations at their limits, by the actions and over the API: both come to the same end (domain section 3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.sweep import sweep_batch
from cases.terms import DisclosureItems
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories.sellers import commit
from tests.instants import instant
from tests.scenarios.channels import OK, ByActions, ByApi

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1"), pytest.mark.clause("2.3.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
OFFERED, SILENT = instant("2026-03-03T12:00:00Z"), instant("2026-03-10T16:00:00Z")
INCOMPLETE = replace(make.ALL_ITEMS, charging_standard=" ")
IN_TIME_OR_LATE = pytest.mark.parametrize("late", [0 * MICROSECOND, MICROSECOND])


@pytest.fixture(params=[ByActions, ByApi], ids=["actions", "api"])
def story(request, frozen, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    return request.param(frozen)


@IN_TIME_OR_LATE
def test_a_counter_offer_at_the_end_of_the_buyers_time(story, late):
    story.request(R0)
    story.offer(OFFERED)
    assert (story.due("buyer_silence"), story.due("confirmation")) == (SILENT, None)
    assert story.counter(story.last(), SILENT + late) == ("lapsed" if late else OK)
    assert story.outcome == (("lapsed", SILENT) if late else ("countered", None))
    if not late:
        # 7 days and 4 hours of the buyer's, rounded up to 24:00 once.
        assert story.due("confirmation") == instant("2026-03-24T16:00:00Z")
        assert story.due("counter") == SILENT + 48 * HOUR


def test_the_counter_offer_of_the_thirteenth_day_is_missed_before_the_fourteen_days(story):
    story.request(R0)
    story.offer(R0 + HOUR)
    story.counter(story.last(), R0 + HOUR + 6 * DAY)
    assert story.offer(R0 + HOUR + 8 * DAY) == OK
    assert story.counter(story.last(), R0 + HOUR + 13 * DAY) == OK
    assert story.due("confirmation") == instant("2026-03-27T16:00:00Z")
    sweep_batch(at=R0 + 60 * DAY)
    assert story.outcome == ("deemed_refused", R0 + HOUR + 15 * DAY)
    assert (story.clock("counter").state, story.clock("confirmation").state) == ("missed", "voided")


@pytest.mark.clause("2.3.3")
def test_of_two_missed_limits_the_earlier_one_counts(story):
    product = make.a_product()
    commit(product, Promise(Dimension.CONFIRMATION_DAYS, 2))
    story.request(R0, make.a_cover(product))
    at = instant("2026-03-04T01:00:00Z")
    story.offer(at)
    story.counter(story.last(), at + timedelta(seconds=1))
    # The one second of the buyer's is a whole day more, and still less than the fresh 48 hours.
    confirmation = instant("2026-03-05T16:00:00Z")
    assert (story.due("confirmation"), story.due("counter")) == (confirmation, at + timedelta(hours=48, seconds=1))
    assert story.offer(at + 3 * DAY) == "deadline_passed"
    assert story.outcome == ("deemed_refused", confirmation)
    assert (story.clock("confirmation").state, story.clock("counter").state) == ("missed", "voided")


@IN_TIME_OR_LATE
def test_a_flag_that_nobody_rules_on_for_a_week_stops_both_limits(story, late):
    story.request(R0)
    story.offer(OFFERED)
    flagged = story.last()
    assert story.flag(flagged, instant("2026-03-05T12:00:00Z")) == OK
    assert story.due("offer_ruling") == instant("2026-03-08T16:00:00Z")
    sweep_batch(at=instant("2026-03-11T12:00:00Z"))
    assert (story.outcome, story.now.next_due_at) == (("proposed", None), None)
    story.rule(flagged, instant("2026-03-12T12:00:00Z"), is_reasonable=True)
    end = instant("2026-03-17T16:00:00Z")
    assert (story.due("buyer_silence"), story.due("confirmation")) == (end, None)
    assert story.accept(flagged, end + late) == ("lapsed" if late else OK)
    assert story.outcome == (("lapsed", end) if late else ("agreed", None))
    if not late:
        assert story.due("confirmation") == instant("2026-03-31T16:00:00Z")


@IN_TIME_OR_LATE
def test_a_flag_in_the_last_instant_leaves_the_rest_of_that_day(story, late):
    story.request(R0)
    story.offer(OFFERED)
    flagged = story.last()
    assert story.flag(flagged, SILENT + late) == ("lapsed" if late else OK)
    if not late:
        story.rule(flagged, instant("2026-03-12T12:00:00Z"), is_reasonable=True)
        assert story.due("buyer_silence") == instant("2026-03-12T16:00:00Z")


@IN_TIME_OR_LATE
def test_a_ruling_at_the_due_instant_is_before_it(story, late):
    story.request(R0)
    story.offer(R0 + HOUR)
    story.flag(story.last(), R0 + 2 * HOUR)
    story.rule(story.last(), DUE + late, is_reasonable=False)
    assert story.outcome == (("deemed_refused", DUE) if late else ("requested", None))
    assert story.offer(DUE + late) == ("deadline_passed" if late else OK)


def test_a_revision_after_the_limit_is_no_escape_from_a_ruling(story):
    story.request(R0)
    story.offer(R0 + HOUR)
    story.flag(story.last(), R0 + 2 * HOUR)
    story.revise(story.last(), R0 + 60 * HOUR)
    story.flag(story.last(), R0 + 61 * HOUR)
    story.rule(story.last(), R0 + 62 * HOUR, is_reasonable=False)
    assert story.outcome == ("deemed_refused", DUE)


def test_an_answer_to_a_counter_offer_held_unreasonable_misses_the_counter_offers_limit(story):
    story.request(R0)
    story.offer(R0 + HOUR)
    story.counter(story.last(), R0 + 2 * HOUR)
    story.offer(R0 + 3 * HOUR)
    story.flag(story.last(), R0 + 4 * HOUR)
    story.rule(story.last(), R0 + 50 * HOUR + MICROSECOND, is_reasonable=False)
    assert story.outcome == ("deemed_refused", R0 + 50 * HOUR)
    assert (story.clock("response").state, story.clock("counter").state) == ("met", "missed")


@IN_TIME_OR_LATE
def test_a_refusal_at_the_limit(story, late):
    story.request(R0)
    assert story.refuse(DUE + late) == ("deadline_passed" if late else OK)
    assert story.outcome == ("deemed_refused" if late else "refused", DUE)


@pytest.mark.parametrize(
    ("accepted_at", "due"),
    [("2026-03-03T15:59:59.999999Z", "2026-03-17T16:00:00Z"), ("2026-03-03T16:00:00Z", "2026-03-18T16:00:00Z")],
)
def test_a_refusal_is_cured_with_fourteen_days_from_the_acceptance(story, accepted_at, due):
    story.request(R0)
    story.refuse(R0 + 5 * HOUR)
    assert story.offer(R0 + 10 * HOUR) == OK
    assert story.outcome == ("refused", R0 + 5 * HOUR)
    assert story.accept(story.last(), instant(accepted_at)) == OK
    assert (story.outcome, story.due("confirmation")) == (("agreed", None), instant(due))
    assert story.confirm(instant(due) + MICROSECOND) == "deadline_passed"
    assert story.outcome == ("deemed_refused", instant(due))


@IN_TIME_OR_LATE
def test_a_revision_gives_the_buyer_the_whole_time_again(story, late):
    story.request(R0)
    story.offer(OFFERED)
    first = story.last()
    assert story.revise(first, SILENT + late) == ("lapsed" if late else OK)
    if not late:
        # That instant is 11 March, 00:00 of the platform: the start day is not counted.
        end = instant("2026-03-18T16:00:00Z")
        assert story.due("buyer_silence") == end
        assert story.accept(first, end) == "offer_not_standing"
        assert story.accept(story.last(), end) == OK
        assert story.due("confirmation") == instant("2026-04-01T16:00:00Z")


@pytest.mark.clause("3.1")
@IN_TIME_OR_LATE
def test_a_confirmation_without_the_four_items_at_the_limit(story, late):
    story.request(R0)
    story.offer(R0 + HOUR)
    story.accept(story.last(), R0 + 2 * HOUR)
    due = instant("2026-03-17T16:00:00Z")
    refused = "deadline_passed" if late else "disclosure_incomplete"
    assert [story.confirm(due + late, items) for items in (INCOMPLETE, None)] == [refused, refused]
    assert story.outcome == (("deemed_refused", due) if late else ("agreed", None))


@pytest.mark.clause("3.1")
@IN_TIME_OR_LATE
@pytest.mark.parametrize(("method", "service"), [("point", "fault_detection"), ("remote", "video_guidance")])
def test_a_solution_at_the_limit(story, method, service, late):
    story.request(R0, method=method, service_type=service)
    assert story.offer(DUE, service_type=service, disclosure=DisclosureItems()) == "disclosure_incomplete"
    assert (story.outcome, story.due("solution")) == (("requested", None), DUE)
    assert story.offer(DUE + late, service_type=service) == ("deadline_passed" if late else OK)
    assert story.outcome == (("deemed_refused", DUE) if late else ("proposed", None))
    # A late one is cured by the acceptance, which confirms: no 14 days run here.
    assert story.accept(story.last(), DUE + HOUR) == OK
    assert (story.outcome, story.now.next_due_at) == (("confirmed", None), None)
    assert story.clock("solution").state == ("missed" if late else "met")


@IN_TIME_OR_LATE
def test_at_a_point_the_seller_takes_the_counter_offer_at_its_limit(story, late):
    story.request(R0, method="point")
    story.offer(R0 + HOUR)
    story.counter(story.last(), R0 + 2 * HOUR)
    assert story.accept(story.last(side="buyer"), R0 + 50 * HOUR + late) == ("deadline_passed" if late else OK)
    assert story.outcome == (("deemed_refused", R0 + 50 * HOUR) if late else ("confirmed", None))


def test_from_a_point_to_the_door_the_fourteen_days_begin_with_the_acceptance(story):
    story.request(R0, method="point")
    assert story.offer(R0 + HOUR, method="door") == OK
    assert story.accept(story.last(), instant("2026-03-03T16:00:00Z")) == OK
    assert (story.clock("solution").state, story.due("confirmation")) == ("met", instant("2026-03-18T16:00:00Z"))
    sweep_batch(at=R0 + 60 * DAY)
    assert story.outcome == ("deemed_refused", instant("2026-03-18T16:00:00Z"))


def test_what_came_in_time_counts_whatever_was_committed_first(story):
    story.request(R0)
    assert story.offer(DUE + MICROSECOND) == "deadline_passed"
    assert story.cancel(DUE + HOUR) == "deadline_passed"
    # The cancellation, kept as late until then, stands once the answer in time is known.
    assert story.offer(DUE) == OK
    assert story.outcome == ("cancelled", DUE + HOUR)


def test_service_terms_told_before_need_not_come_with_the_confirmation(story):
    story.request(R0)
    assert story.disclose(R0 + HOUR) == OK
    story.offer(R0 + 2 * HOUR)
    story.accept(story.last(), R0 + 3 * HOUR)
    assert story.confirm(R0 + 4 * HOUR, None) == OK
    assert story.outcome == ("confirmed", None)
