"""Excuses after the fact: what came meanwhile counts in the order in which it was received (T7, domain section 3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions.orders import ingest_order
from cases.actions.outages import decide_outage
from cases.actions.waivers import confirm_waiver, state_waiver
from cases.models import Deadline
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.breaches import breaches_of
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.2")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
# By the typhoon of `claims.TYPHOON`, 60 hours later.
MOVED = instant("2026-03-06T13:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    # Nothing relayed here: seals are not looked at.
    assert [found for found in verify(Tally(), at=R0) if found.what != "seal"] == []


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def tolled(begins_at, ends_at, *, at):
    outage = claim.an_outage(begins_at, ends_at, at=at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=at)
    apply_outages(now=lambda: at)
    return outage


def waived(cover, *, at):
    buyer = make.buyer_of(cover)
    stated = state_waiver(cover, order_number=cover.order.number, statement="Sold.", by=buyer, at=at - MICROSECOND)
    return confirm_waiver(stated, by=buyer, at=at)


def refunded(record, *, at, told_at=None):
    ingest_order(replace(record, refunded_at=at), by=system(Channel.IMPORT), at=told_at or at)


def an_order():
    record = make.an_order_record(make.a_product())
    return record, make.told(record)


def outcome(appointment):
    now = make.fresh(appointment)
    return now.state, now.end_reason, now.ended_at


def breaches(appointment):
    return [each.occurred_at for each in breaches_of([appointment.pk]).values() if each.is_fact]


GIVEN_UP = {
    "waiver": (lambda record, cover, at: waived(cover, at=at), "excluded", "waived"),
    "refund": (lambda record, cover, at: refunded(record, at=at), "cancelled", "refund"),
}


@pytest.mark.parametrize("how", GIVEN_UP)
@pytest.mark.parametrize("by_outage", [False, True])
@pytest.mark.clause("2.3.4")
@pytest.mark.clause("4.1.1")
def test_a_refusal_taken_back_under_a_cover_given_up_meanwhile_ends_by_that(how, by_outage):
    give_up, state, reason = GIVEN_UP[how]
    record, cover = an_order()
    appointment = make.requested(cover, at=R0)
    sweep_batch(at=DUE + HOUR)
    assert breaches(appointment) == [DUE]
    give_up(record, cover, DUE + 2 * HOUR)
    if by_outage:
        tolled(DUE - HOUR, DUE + 5 * HOUR, at=DUE + 6 * HOUR)
    else:
        claim.granted(claim.claimed(appointment, at=DUE + 3 * HOUR, proven=True), at=DUE + 4 * HOUR)
    assert outcome(appointment) == (state, reason, DUE + 2 * HOUR)
    assert breaches(appointment) == []
    assert not Deadline.objects.filter(appointment=appointment, state="running").exists()


@pytest.mark.parametrize("how", GIVEN_UP)
def test_what_was_given_up_after_the_moved_limit_leaves_the_refusal(how):
    give_up, _state, _reason = GIVEN_UP[how]
    record, cover = an_order()
    appointment = make.requested(cover, at=R0)
    sweep_batch(at=DUE + HOUR)
    give_up(record, cover, DUE + 2 * HOUR + MICROSECOND)
    tolled(DUE - HOUR, DUE + HOUR, at=DUE + 6 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE + 2 * HOUR)
    assert breaches(appointment) == [DUE + 2 * HOUR]


@pytest.mark.parametrize("how", GIVEN_UP)
def test_an_answer_in_time_stored_late_is_followed_by_what_was_given_up_after_it(how):
    give_up, state, reason = GIVEN_UP[how]
    record, cover = an_order()
    appointment = make.requested(cover, at=R0)
    sweep_batch(at=DUE + HOUR)
    give_up(record, cover, DUE + 2 * HOUR)
    make.offered(appointment, at=DUE)
    assert outcome(appointment) == (state, reason, DUE + 2 * HOUR)
    assert breaches(appointment) == []


@pytest.mark.parametrize(("late_by", "how"), [(late, how) for late in (0, 1) for how in GIVEN_UP])
def test_a_cover_given_up_at_the_last_instant_and_stored_after_the_sweep_ends_the_request(late_by, how):
    give_up, state, reason = GIVEN_UP[how]
    record, cover = an_order()
    appointment = make.requested(cover, at=R0)
    sweep_batch(at=DUE + HOUR)
    give_up(record, cover, DUE + late_by * MICROSECOND)
    if late_by:
        assert outcome(appointment) == ("deemed_refused", "response", DUE)
    else:
        assert outcome(appointment) == (state, reason, DUE)


def test_one_refunded_line_of_two_ends_what_is_asked_for_under_it_alone():
    seller = make.a_seller()
    record = make.an_order_record(make.a_product(seller), make.a_product(seller))
    cover = make.told(record)
    other = cover.order.covers.exclude(pk=cover.pk).get()
    both = [make.requested(each, at=R0) for each in (cover, other)]
    sweep_batch(at=DUE + HOUR)
    lines = [replace(record.lines[0], refunded_quantity=record.lines[0].quantity), record.lines[1]]
    ingest_order(replace(record, lines=lines), by=system(Channel.IMPORT), at=DUE + 2 * HOUR)
    tolled(DUE - HOUR, DUE + 5 * HOUR, at=DUE + 6 * HOUR)
    assert outcome(both[0]) == ("cancelled", "refund", DUE + 2 * HOUR)
    assert make.fresh(both[1]).state == "requested"
    assert Event.objects.filter(kind="appointment.cancelled", subject=both[1].subject).count() == 0
