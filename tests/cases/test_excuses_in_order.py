"""Excuses after the fact: what came meanwhile counts in the order in which it was received (T7, domain section 3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cases.actions.answers import counter
from cases.actions.bookings import request_service
from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
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
from zestech_aftersales.rulebook import RuleBroken
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


def test_an_exclusion_that_came_after_a_refusal_counts_once_the_limit_moves_again():
    appointment = make.requested(at=R0)
    first = claim.claimed(appointment, at=R0 + 30 * HOUR, proven=True)
    claim.granted(first, at=R0 + 31 * HOUR)
    filed = claim.claimed(appointment, at=DUE + 4 * HOUR, ground="abuse", statement="The tenth request.")
    claim.granted(filed, at=DUE + 5 * HOUR)
    assert outcome(appointment) == ("excluded", "abuse", DUE + 5 * HOUR)
    claim.revoked(first, at=DUE + 6 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE)
    tolled(DUE - HOUR, DUE + 5 * HOUR, at=DUE + 7 * HOUR)
    assert outcome(appointment) == ("excluded", "abuse", DUE + 5 * HOUR)
    claim.revoked(filed, at=DUE + 8 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE + 6 * HOUR)


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize("did", ["offer", "cancel"])
@pytest.mark.parametrize(("answered", "in_time"), [(DUE + 3 * HOUR, True), (DUE + 3 * HOUR + MICROSECOND, False)])
def test_an_outage_counts_for_an_answer_under_a_pause_that_did_not_hold(did, answered, in_time):
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=DUE - 10 * HOUR, proven=True)
    if did == "offer":
        make.offered(appointment, at=answered)
    else:
        make.cancelled(appointment, at=answered)
    tolled(DUE - 2 * HOUR, DUE + HOUR, at=DUE + 5 * HOUR)
    claim.rejected(filed, at=DUE + 6 * HOUR)
    ended = {"offer": "proposed", "cancel": "cancelled"}[did]
    assert outcome(appointment)[0] == (ended if in_time else "deemed_refused")
    assert clock(appointment, "response").due_at == DUE + 3 * HOUR
    assert breaches(appointment) == ([] if in_time else [DUE + 3 * HOUR])


def a_flood(appointment, *, first):
    """A flood of a day from an instant on, which at first stops the confirmation alone."""
    return claim.claimed(
        appointment, at=first + 30 * HOUR, begins_at=first, ends_at=first + 24 * HOUR, duties=["response", "confirmation"],
        kind="flood", proven=True,
    )  # fmt: skip


@pytest.mark.parametrize(("begins", "moved"), [(DUE + 5 * HOUR, 29 * HOUR), (DUE + 5 * HOUR + MICROSECOND, 5 * HOUR)])
def test_a_granted_event_counts_once_an_outage_moves_the_limit_to_its_begin(begins, moved):
    appointment = make.requested(at=R0)
    sweep_batch(at=DUE + HOUR)
    claim.granted(a_flood(appointment, first=begins), at=begins + 31 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE)
    tolled(DUE - HOUR, DUE + 4 * HOUR, at=begins + 32 * HOUR)
    assert clock(appointment, "response").due_at == DUE + moved
    assert breaches(appointment) == [DUE + moved]


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize("kind", ["claim", "outage"])
def test_an_agreement_on_a_longer_limit_reaches_what_had_begun_after_the_old_one(kind):
    appointment = make.requested(at=R0)
    row = clock(appointment, "response")
    asked = propose_longer_limit(row, 58, "Parts.", by=make.seller_of(appointment), at=R0 + HOUR)
    begins, ends = DUE + 2 * HOUR, DUE + 6 * HOUR
    if kind == "claim":
        claim.granted(claim.claimed(appointment, at=DUE - HOUR, begins_at=begins, ends_at=ends, proven=True), at=DUE)
    else:
        # The yes came in time and was on its way until the outage had been tolled.
        sweep_batch(at=DUE + HOUR)
        tolled(begins, ends, at=ends)
    assert clock(appointment, "response").due_at == DUE
    accept_longer_limit(asked, by=make.buyer_of(appointment), at=DUE)
    assert clock(appointment, "response").due_at == DUE + 14 * HOUR
    assert make.fresh(appointment).state == "requested"


@pytest.mark.clause("2.3.1")
def test_a_clock_that_runs_again_is_tolled_for_the_outage_meanwhile():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=R0 + HOUR, ground="abuse", statement="The tenth request.")
    claim.granted(filed, at=R0 + 2 * HOUR)
    tolled(R0 + 3 * HOUR, R0 + 5 * HOUR, at=R0 + 6 * HOUR)
    claim.revoked(filed, at=R0 + 7 * HOUR)
    assert make.fresh(appointment).next_due_at == clock(appointment, "response").due_at == DUE + 2 * HOUR


AWAY = {"ground": "buyer_reason", "statement": "The buyer is away."}


IN_TIME = [AWAY, {"ground": "abuse", "statement": "The tenth request."}, {"duties": ["visit"], "proven": True}]


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize("claimed", IN_TIME)
def test_an_exclusion_claimed_in_time_takes_the_refusal_back_that_fell_before_its_grant(claimed):
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=DUE, **claimed)
    sweep_batch(at=DUE + HOUR)
    assert breaches(appointment) == [DUE]
    claim.granted(filed, at=DUE + 2 * HOUR, excludes=True)
    assert outcome(appointment) == ("excluded", filed.ground, DUE)
    assert breaches(appointment) == []
    assert clock(appointment, "response").state == clock(appointment, "confirmation").state == "voided"


def test_an_exclusion_claimed_only_after_the_limit_leaves_the_refusal():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=DUE + 3 * HOUR, begins_at=DUE - HOUR, ends_at=DUE + HOUR, proven=True)
    claim.granted(filed, at=DUE + 5 * HOUR, excludes=True)
    assert outcome(appointment) == ("deemed_refused", "response", DUE + 2 * HOUR)


@pytest.mark.clause("4.1.1")
def test_a_late_offer_beside_an_exclusion_claimed_in_time_is_void_and_a_revocation_brings_the_refusal_back():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=DUE - HOUR, **AWAY)
    sweep_batch(at=DUE + HOUR)
    with pytest.raises(RuleBroken, match="deadline_passed"):
        make.offered(appointment, at=DUE + HOUR)
    claim.granted(filed, at=DUE + 2 * HOUR)
    assert outcome(appointment) == ("excluded", "buyer_reason", DUE)
    assert [offer.state for offer in appointment.offers.all()] == ["void"]
    claim.revoked(filed, at=DUE + 3 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE)
    assert breaches(appointment) == [DUE]
    assert [offer.state for offer in appointment.offers.all()] == ["standing"]


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize("how", GIVEN_UP)
def test_a_request_let_in_again_under_a_cover_given_up_meanwhile_ends_by_that(how):
    give_up, state, reason = GIVEN_UP[how]
    record, cover = an_order()
    appointment = make.requested(cover, at=R0)
    filed = claim.claimed(appointment, at=R0 + HOUR, **AWAY)
    claim.granted(filed, at=R0 + 2 * HOUR)
    give_up(record, cover, R0 + 3 * HOUR)
    claim.revoked(filed, at=DUE + HOUR)
    assert outcome(appointment) == (state, reason, R0 + 3 * HOUR)
    assert breaches(appointment) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"begins_at": R0 - 24 * HOUR, "ends_at": R0 - HOUR}, "already_late"),
        ({"begins_at": DUE + HOUR, "ends_at": DUE + 2 * HOUR, "duties": ["response"]}, "already_late"),
    ],
)
def test_a_claim_that_fails_on_instants_alone_takes_no_refusal_back(given, code):
    appointment = make.requested(at=R0)
    sweep_batch(at=DUE + HOUR)
    with pytest.raises(RuleBroken, match=code):
        claim.claimed(appointment, at=DUE, proven=True, **given)
    assert outcome(appointment) == ("deemed_refused", "response", DUE)
    assert not Event.objects.filter(kind="appointment.rescinded").exists()
    assert appointment.claims.get().code == code


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("beyond", [False, True])
def test_a_fault_booked_again_ends_the_older_request_then_and_not_when_the_outage_is_tolled(answered, beyond):
    appointment = make.requested(at=R0)
    sweep_batch(at=DUE + HOUR)
    if answered:
        with pytest.raises(RuleBroken, match="deadline_passed"):
            make.offered(appointment, at=DUE + HOUR)
    booked_at = DUE + 10 * HOUR + beyond * MICROSECOND
    cover, buyer = appointment.case.cover, make.buyer_of(appointment)
    request_service(cover, make.a_service_request(), by=buyer, at=booked_at, case=appointment.case)
    tolled(DUE - 5 * HOUR, DUE + 5 * HOUR, at=DUE + 100 * HOUR)
    if beyond and not answered:
        assert outcome(appointment) == ("deemed_refused", "response", DUE + 10 * HOUR)
        assert breaches(appointment) == [DUE + 10 * HOUR]
    else:
        assert outcome(appointment) == ("cancelled", "booked again", booked_at)
        assert breaches(appointment) == []
    assert not Deadline.objects.filter(appointment=appointment, state="running").exists()


def countered(appointment, *, at, wished):
    made = make.offered(appointment, at=at)
    return made, counter(made, wish="Only after six.", by=make.buyer_of(appointment), at=wished)


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize("did", ["offer", "cancel"])
def test_the_buyers_wish_stands_as_it_did_once_what_came_under_a_pause_counts_no_more(did):
    appointment = make.requested(at=R0)
    _made, wish = countered(appointment, at=R0 + HOUR, wished=R0 + 2 * HOUR)
    due = clock(appointment, "counter").due_at
    filed = claim.claimed(appointment, at=R0 + 30 * HOUR, duties=["counter"], proven=True)
    if did == "offer":
        make.offered(appointment, at=due + HOUR)
    else:
        make.cancelled(appointment, at=due + HOUR)
    claim.rejected(filed, at=due + 2 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "counter", due)
    # As after any refusal: a late offer takes the place of the wish.
    offers = appointment.offers.filter(state="standing")
    assert [(each.side, each.is_late) for each in offers] == [("seller", True) if did == "offer" else ("buyer", False)]
    tolled(due - HOUR, due + HOUR, at=due + 3 * HOUR)
    assert outcome(appointment)[0] == {"offer": "proposed", "cancel": "cancelled"}[did]
    assert make.fresh(wish).state == {"offer": "replaced", "cancel": "void"}[did]


@pytest.mark.clause("2.3.1")
def test_the_late_offer_stands_again_that_the_buyer_had_countered_under_a_pause():
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=DUE - 10 * HOUR, proven=True)
    made, wish = countered(appointment, at=DUE + HOUR, wished=DUE + 2 * HOUR)
    claim.rejected(filed, at=DUE + 3 * HOUR)
    assert outcome(appointment) == ("deemed_refused", "response", DUE)
    assert (make.fresh(made).state, make.fresh(made).is_late, make.fresh(wish).state) == ("standing", True, "void")
    assert make.accepted(make.fresh(made), at=DUE + 4 * HOUR).state == "agreed"


@pytest.mark.clause("4.1.1")
def test_a_cover_given_up_stays_so_where_all_of_it_is_refunded_afterwards():
    record, cover = an_order()
    waived(cover, at=R0)
    refunded(record, at=R0 + HOUR)
    assert make.fresh(cover).state == "waived"
