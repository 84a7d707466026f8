"""What was received in time and only committed after something else had taken its place: the instants decide (T10)."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django_fsm import TransitionNotAllowed

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.offers import offer, refuse, revise
from cases.actions.rulings import flag, rule_on_offer
from cases.deadlines import settle
from cases.models import Deadline, Offer
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
DUE = instant("2026-03-04T01:15:30Z")
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock_states(appointment):
    return dict(Deadline.objects.filter(appointment=appointment).order_by("id").values_list("clock", "state"))


def terms_at(at):
    return make.offer_terms(at, windows=make.far_off(at))


def swept(appointment, due=DUE):
    sweep_batch(at=due + settle() + timedelta(microseconds=1))
    return make.fresh(appointment)


@pytest.mark.clause("2.3.4")
def test_a_reply_in_time_to_a_fault_that_was_booked_again_leaves_no_breach():
    appointment = make.requested(at=R0)
    assert swept(appointment).state == "deemed_refused"
    again = request_service(
        appointment.case.cover, make.a_service_request(), by=make.buyer_of(appointment), at=DUE + HOUR,
        case=appointment.case,
    )  # fmt: skip
    with pytest.raises(RuleBroken) as refused:
        offer(appointment, terms_at(DUE), by=make.seller_of(appointment), at=DUE)
    assert refused.value.code == "already_open"
    ended = make.fresh(appointment)
    assert (ended.state, ended.end_reason) == ("cancelled", "booked again")
    assert set(clock_states(appointment).values()) == {"voided"}
    assert make.fresh(again).state == "requested"
    assert not Event.objects.filter(subject=ended.subject, kind__endswith=".late").exists()
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def countered():
    appointment = make.requested(at=R0)
    standing = make.offered(appointment, at=R0 + HOUR)
    wish = counter(standing, wish="on Sunday", by=make.buyer_of(appointment), at=R0 + 2 * HOUR)
    return appointment, wish, R0 + 50 * HOUR


def test_a_counter_offer_accepted_in_time_is_not_lost_to_a_late_offer():
    appointment, wish, due = countered()
    assert swept(appointment, due).state == "deemed_refused"
    with pytest.raises(RuleBroken, match="passed"):
        offer(appointment, terms_at(due + HOUR), by=make.seller_of(appointment), at=due + HOUR)
    accept(wish, by=make.seller_of(appointment), at=due)
    assert make.fresh(appointment).state == "agreed"
    assert make.fresh(wish).state == "accepted"
    late = Offer.objects.filter(appointment=appointment).latest("id")
    assert (late.is_late, late.state) == (True, "void")
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_an_offer_in_time_prevents_a_miss_that_a_late_one_has_cured_meanwhile(is_confirmed):
    appointment = make.requested(at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    swept(appointment)
    with pytest.raises(RuleBroken, match="passed"):
        offer(appointment, terms_at(DUE + HOUR), by=seller, at=DUE + HOUR)
    late = Offer.objects.get(appointment=appointment)
    accept(late, window=0, by=buyer, at=DUE + 2 * HOUR)
    if is_confirmed:
        confirm(appointment, items=make.ALL_ITEMS, by=seller, at=DUE + 3 * HOUR)
    keyed = make.with_key(seller, "on-its-way")
    made = offer(appointment, terms_at(DUE), by=keyed, at=DUE)
    assert offer(appointment, terms_at(DUE), by=keyed, at=DUE) == made
    assert make.fresh(appointment).state == ("confirmed" if is_confirmed else "agreed")
    assert (made.state, made.is_late) == ("replaced", False)
    assert (make.fresh(late).state, make.fresh(late).is_late) == ("accepted", False)
    assert not Deadline.objects.filter(appointment=appointment, state="missed").exists()
    met = Deadline.objects.get(appointment=appointment, clock="response")
    assert (met.state, met.ended_at) == ("met", DUE)
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_an_offer_after_the_due_instant_prevents_nothing():
    appointment = make.requested(at=R0)
    seller, after = make.seller_of(appointment), DUE + timedelta(microseconds=1)
    swept(appointment)
    with pytest.raises(RuleBroken, match="passed"):
        offer(appointment, terms_at(DUE + HOUR), by=seller, at=DUE + HOUR)
    make.accepted(Offer.objects.get(appointment=appointment), at=DUE + 2 * HOUR)
    with pytest.raises(TransitionNotAllowed):
        offer(appointment, terms_at(after), by=seller, at=after)
    assert clock_states(appointment)["response"] == "missed"


def test_a_cancellation_after_a_refusal_changes_nothing():
    appointment = make.requested(at=R0)
    refuse(appointment, "No engineer.", by=make.seller_of(appointment), at=R0 + HOUR)
    with pytest.raises(TransitionNotAllowed):
        cancel(appointment, by=make.buyer_of(appointment), at=R0 + HOUR)
    assert make.fresh(appointment).state == "refused"


def revised_late():
    """A good offer in time, and the seller's worse one in its place once the limit is over."""
    appointment = make.requested(at=R0)
    good = offer(appointment, terms_at(R0 + HOUR), by=make.seller_of(appointment), at=R0 + HOUR)
    worse = revise(good, terms_at(DUE + HOUR), by=make.seller_of(appointment), at=DUE + HOUR)
    return appointment, good, worse


def test_a_worse_revision_held_unreasonable_leaves_the_offer_that_was_made_in_time():
    appointment, good, worse = revised_late()
    flag(worse, "Dearer than before.", by=make.buyer_of(appointment), at=DUE + 2 * HOUR)
    auditor = Actor(Channel.ADMIN, AuditorFactory())
    rule_on_offer(worse, is_reasonable=False, reason="Dearer without a reason.", by=auditor, at=DUE + DAY)
    assert make.fresh(appointment).state == "proposed"
    assert (make.fresh(good).state, make.fresh(worse).state) == ("standing", "held_unreasonable")
    silence = Deadline.objects.get(appointment=appointment, clock="buyer_silence", state="running")
    assert silence.started_at == DUE + DAY
    assert clock_states(appointment)["response"] == "met"
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []
    accept(good, window=0, by=make.buyer_of(appointment), at=DUE + 2 * DAY)
    assert make.fresh(appointment).state == "agreed"


def test_an_earlier_offer_that_was_flagged_itself_saves_nothing():
    appointment = make.requested(at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    flagged = make.offered(appointment, at=R0 + HOUR)
    flag(flagged, "Too far away.", by=buyer, at=R0 + 2 * HOUR)
    worse = revise(flagged, terms_at(DUE + HOUR), by=seller, at=DUE + HOUR)
    flag(worse, "Farther still.", by=buyer, at=DUE + 2 * HOUR)
    rule_on_offer(
        worse, is_reasonable=False, reason="So it is.", by=Actor(Channel.ADMIN, AuditorFactory()), at=DUE + DAY
    )
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("deemed_refused", DUE)
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def test_what_was_held_reasonable_is_not_flagged_again_after_a_lapse_was_taken_back():
    appointment = make.requested(at=R0)
    buyer = make.buyer_of(appointment)
    standing = make.offered(appointment, at=R0 + HOUR)
    flag(standing, "Too far away.", by=buyer, at=R0 + 2 * HOUR)
    rule_on_offer(standing, is_reasonable=True, reason="Near.", by=Actor(Channel.ADMIN, AuditorFactory()), at=R0 + DAY)
    due = Deadline.objects.get(appointment=appointment, clock="buyer_silence").due_at
    assert swept(appointment, due).state == "lapsed"
    with pytest.raises(TransitionNotAllowed):
        flag(standing, "Again.", by=buyer, at=due)
    # Nothing of it is kept: only what could be done takes the lapse back.
    assert make.fresh(appointment).state == "lapsed"


def test_a_cancellation_in_time_prevents_a_miss_that_was_cured_meanwhile():
    appointment = make.requested(at=R0)
    with suppress(RuleBroken):
        make.offered(appointment, at=DUE + HOUR)
    make.accepted(Offer.objects.get(appointment=appointment), at=DUE + 2 * HOUR)
    assert clock_states(appointment) == {"response": "missed", "confirmation": "running"}
    make.cancelled(appointment, at=DUE)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at, ended.next_due_at) == ("cancelled", DUE, None)
    assert set(clock_states(appointment).values()) == {"voided"}
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []
