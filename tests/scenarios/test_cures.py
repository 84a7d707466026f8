"""A miss that the buyer's acceptance cured, and a pause that shows afterwards that it never happened (domain section 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.outages import decide_outage
from cases.models import Deadline, Offer
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1"), pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
# The 14 natural days from the request; with the days in which the buyer decided; and anew from the acceptance.
FIRST, WITH_THE_DECISION = instant("2026-03-16T16:00:00Z"), instant("2026-03-17T16:00:00Z")
ANEW = instant("2026-03-20T16:00:00Z")
ACCEPTED = instant("2026-03-06T03:15:30Z")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def late_offer(appointment, at):
    with pytest.raises(RuleBroken):
        make.offered(appointment, at=at)
    return Offer.objects.filter(appointment=appointment).latest("id")


@pytest.fixture
def cured():
    """Answered an hour late, accepted on 6 March: agreed, and 14 natural days anew."""
    appointment = make.requested(at=R0)
    late = late_offer(appointment, DUE + HOUR)
    make.accepted(late, at=ACCEPTED)
    assert due_of(appointment) == ANEW
    return make.fresh(appointment)


def clocks(appointment):
    rows = Deadline.objects.filter(appointment=appointment).order_by("id")
    return [(row.clock, row.state, row.due_at) for row in rows]


def due_of(appointment):
    return Deadline.objects.get(appointment=appointment, clock="confirmation", state="running").due_at


def toll(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)


def excused(appointment, *, length=HOUR, duties=("response",), at=ACCEPTED + DAY):
    """An event that ended an hour before the limit, told within 48 hours of its begin where that is possible."""
    toll(DUE - HOUR - length, DUE - HOUR, at=at)
    return make.fresh(appointment)


def test_the_clocks_are_as_if_the_miss_had_never_been(cured):
    relay_batch(at=ACCEPTED)
    assert Violation.objects.get().state == "candidate"
    now = excused(cured)
    assert (now.state, now.next_due_at) == ("agreed", now.next_due_at)
    assert clocks(cured) == [
        ("response", "met", DUE + HOUR),
        # The hour of the outage and the two days in which the buyer decided.
        ("confirmation", "running", instant("2026-03-19T16:00:00Z")),
        ("confirmation", "voided", ANEW),
    ]
    assert now.next_due_at == instant("2026-03-19T16:00:00Z")
    assert Offer.objects.get().is_late is False
    relay_batch(at=ACCEPTED + 2 * DAY)
    assert Violation.objects.get().state == "dismissed"


def test_an_hour_less_a_microsecond_and_it_was_late_all_the_same(cured):
    toll(DUE - 2 * HOUR, DUE - HOUR - MICROSECOND, at=ACCEPTED + DAY)
    [response, first, anew] = clocks(cured)
    assert response == ("response", "missed", DUE + HOUR - MICROSECOND)
    assert (first[:2], anew) == (("confirmation", "voided"), ("confirmation", "running", ANEW))
    row = Deadline.objects.get(appointment=cured, clock="response")
    sibling = Deadline.objects.get(appointment=cured, clock="confirmation", voided_by=row)
    assert row.ended_at == sibling.ended_at == row.due_at
    # A second outage makes it whole: what was kept of the miss lets it be taken back all the same.
    toll(DUE - HOUR - MICROSECOND, DUE - HOUR, at=ACCEPTED + 2 * DAY)
    assert [state for _clock, state, _due in clocks(cured)] == ["met", "running", "voided"]


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_what_was_confirmed_meanwhile_counts_by_the_first_14_days(cured, beyond):
    at = instant("2026-03-19T16:00:00Z") + beyond
    confirm(cured, items=make.ALL_ITEMS, by=make.seller_of(cured), at=at)
    now = excused(cured, at=ANEW)
    if beyond:
        assert (now.state, now.ended_at) == ("deemed_refused", instant("2026-03-19T16:00:00Z"))
        return
    assert now.state == "confirmed"
    assert [state for _clock, state, _due in clocks(cured)] == ["met", "met", "voided"]


def test_what_ended_by_the_14_days_anew_ended_by_the_first_ones(cured):
    sweep_batch(at=ANEW + DAY)
    assert (make.fresh(cured).state, make.fresh(cured).ended_at) == ("deemed_refused", ANEW)
    now = excused(cured, at=ANEW + 2 * DAY)
    assert (now.state, now.ended_at) == ("deemed_refused", instant("2026-03-19T16:00:00Z"))
    assert [state for _clock, state, _due in clocks(cured)] == ["met", "missed", "voided"]


def test_a_cancellation_after_it_stands(cured):
    cancel(cured, by=make.buyer_of(cured), at=ACCEPTED + HOUR)
    now = excused(cured)
    assert (now.state, now.ended_at) == ("cancelled", ACCEPTED + HOUR)
    assert [state for _clock, state, _due in clocks(cured)] == ["met", "voided", "voided"]


def test_an_excuse_of_the_confirmation_gives_back_the_clock_that_was_missed():
    appointment = make.requested(at=R0)
    make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    late = late_offer(appointment, WITH_THE_DECISION + HOUR)
    make.accepted(late, at=WITH_THE_DECISION + 2 * HOUR)
    toll(WITH_THE_DECISION - 25 * HOUR, WITH_THE_DECISION - HOUR, at=WITH_THE_DECISION + 3 * HOUR)
    assert make.fresh(appointment).state == "agreed"
    assert due_of(appointment) == WITH_THE_DECISION + DAY


def test_of_two_cures_only_the_first_has_never_been(cured):
    late = late_offer(cured, ANEW + HOUR)
    make.accepted(late, at=ANEW + 2 * HOUR)
    now = excused(cured, at=ANEW + DAY)
    assert now.state == "agreed"
    assert [state for _clock, state, _due in clocks(cured)] == ["met", "missed", "voided", "running"]
    missed = Deadline.objects.get(appointment=cured, state="missed")
    assert missed.ended_at == instant("2026-03-19T16:00:00Z")


@pytest.mark.clause("2.3.2")
def test_a_solution_that_was_in_time_after_all_stays_confirmed():
    seller = make.a_seller()
    cover = make.a_cover(make.a_product(seller, methods=["remote"]))
    appointment = make.requested(cover, at=R0, method="remote")
    make.accepted(late_offer(appointment, DUE + HOUR), at=ACCEPTED)
    now = excused(appointment)
    assert (now.state, clocks(appointment)) == ("confirmed", [("solution", "met", DUE + HOUR)])


def rejected_after(appointment, *steps, duties=("response", "confirmation")):
    """A claim that paused while the steps were done, and did not hold."""
    filed = claim.claimed(
        appointment, at=DUE - HOUR, begins_at=DUE - 2 * HOUR, ends_at=DUE + 30 * DAY, duties=list(duties), proven=True
    )
    for step in steps:
        step()
    claim.rejected(filed, at=DUE + 31 * DAY)
    return make.fresh(appointment)


@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_a_confirmation_under_a_pause_that_did_not_hold_counts_by_the_old_limit(beyond):
    appointment = make.requested(at=R0)
    agreed = make.accepted(make.offered(appointment, at=R0 + HOUR), at=R0 + 2 * HOUR)
    by = make.seller_of(agreed)
    now = rejected_after(
        agreed, lambda: confirm(agreed, items=make.ALL_ITEMS, by=by, at=WITH_THE_DECISION + beyond),
        duties=["confirmation"],
    )  # fmt: skip
    if beyond:
        assert (now.state, now.ended_at, now.end_reason) == ("deemed_refused", WITH_THE_DECISION, "confirmation")
        # As after every refusal the seller can offer again, and the buyer take it.
        late = late_offer(appointment, DUE + 32 * DAY)
        assert make.accepted(late, at=DUE + 33 * DAY).state == "agreed"
        return
    assert now.state == "confirmed"


def test_what_the_buyer_accepted_and_the_seller_confirmed_since_is_cured_with_the_14_days_from_the_acceptance():
    appointment = make.requested(at=R0)
    seller = make.seller_of(appointment)
    accepted_at, confirmed_at = DUE + 20 * DAY, DUE + 29 * DAY

    def agree():
        made = make.offered(appointment, at=DUE + 19 * DAY)
        make.accepted(made, at=accepted_at)
        confirm(appointment, items=make.ALL_ITEMS, by=seller, at=confirmed_at)

    now = rejected_after(appointment, agree)
    assert (now.state, now.ended_at) == ("confirmed", None)
    rows = Deadline.objects.filter(appointment=appointment, clock="confirmation").order_by("id")
    assert [(row.state, row.started_at, row.ended_at) for row in rows] == [
        ("voided", R0, DUE), ("met", accepted_at, confirmed_at),
    ]  # fmt: skip


@pytest.mark.parametrize("then", ["cancel", "lapse"])
def test_a_late_offer_still_waits_for_the_buyer_whatever_ended_it_since(then):
    appointment = make.requested(at=R0)

    def offered():
        make.offered(appointment, at=DUE + HOUR, windows=make.far_off(DUE))
        if then == "cancel":
            cancel(appointment, by=make.buyer_of(appointment), at=DUE + 2 * HOUR)
        else:
            sweep_batch(at=DUE + 10 * DAY)

    now = rejected_after(appointment, offered)
    assert (now.state, now.ended_at, Offer.objects.get().state) == ("deemed_refused", DUE, "standing")
    assert [state for clock, state, _due in clocks(now) if clock != "response"] == ["voided", "voided"]
    # Taken back once more, no pause of the late offer is left on the 14 days.
    toll(DUE - 30 * HOUR, DUE - 29 * HOUR - MICROSECOND, at=DUE + 32 * DAY)
    confirmation = Deadline.objects.get(appointment=appointment, clock="confirmation")
    assert (confirmation.due_at, make.accepted(Offer.objects.get(), at=DUE + 33 * DAY).state) == (
        FIRST + DAY, "agreed",
    )  # fmt: skip
