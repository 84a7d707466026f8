"""The same commands committed in every order: what was received first counts first (T9, T10, invariant 14)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django_fsm import TransitionNotAllowed

from cases.actions.answers import counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.offers import offer, refuse
from cases.deadlines import settle
from cases.models import Deadline, Offer
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from complaints.models import Violation
from tests.factories import cases as make
from tests.factories.accounts import SupportFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("2.3.1")]

R0 = instant("2026-03-02T01:15:30Z")
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def counted_again():
    """After each test everything is counted again from the events alone, and nothing may differ."""
    yield
    assert list(verify(Tally(), at=BEFORE_SEALS)) == []


def in_every_order(*names: str):
    """Run a test once for each order in which its commands can be committed."""
    return pytest.mark.parametrize("order", [*permutations(names)], ids="-".join)


def commit(order: tuple[str, ...], commands: dict[str, Callable[[], object]]) -> None:
    """Carry the commands out in that order; what is refused is refused."""
    for name in order:
        with suppress(RuleBroken, TransitionNotAllowed):
            commands[name]()


def sweep_after(at):
    sweep_batch(at=at + settle() + MICROSECOND)


def clock(appointment, kind):
    return Deadline.objects.filter(appointment=appointment, clock=kind).latest("id")


def terms_at(at):
    return make.offer_terms(at, windows=make.far_off(at))


def answered_after_a_lapse(order, *, countered, offered):
    """An offer that the buyer counters at one instant, and the seller answers at another; each beside the 7 days."""
    appointment = make.requested(at=R0)
    first = make.offered(appointment, at=R0 + HOUR)
    due = clock(appointment, "buyer_silence").due_at
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    commands = {
        "counter": lambda: counter(first, wish="on Sunday", by=buyer, at=due + countered),
        "offer": lambda: offer(appointment, terms_at(due + offered), by=seller, at=due + offered),
        "sweep": lambda: sweep_after(due),
    }
    commit(order, commands)
    return make.fresh(appointment), due


@in_every_order("counter", "offer", "sweep")
def test_an_offer_that_answers_a_counter_offer_in_time_is_not_lost_to_the_lapse(order):
    appointment, due = answered_after_a_lapse(order, countered=timedelta(0), offered=MICROSECOND)
    _first, wish, made = sorted(appointment.offers.all(), key=lambda each: each.received_at)
    assert appointment.state == "proposed"
    assert (wish.side, wish.state, made.state, made.is_late) == ("buyer", "replaced", "standing", False)
    silence, counted = clock(appointment, "buyer_silence"), clock(appointment, "counter")
    assert (silence.state, silence.started_at) == ("running", due + MICROSECOND)
    assert (counted.state, counted.started_at, counted.ended_at) == ("met", due, due + MICROSECOND)
    assert make.accepted(made, at=due + HOUR).state == "agreed"


@in_every_order("counter", "offer")
@pytest.mark.parametrize("beyond", [timedelta(0), MICROSECOND])
def test_such_an_offer_has_the_48_hours_of_the_counter_offer(order, beyond):
    appointment, due = answered_after_a_lapse(order, countered=timedelta(0), offered=48 * HOUR + beyond)
    made = Offer.objects.filter(appointment=appointment, side="seller").latest("received_at")
    assert (made.state, made.is_late) == ("standing", bool(beyond))
    if not beyond:
        assert appointment.state == "proposed"
        return
    assert (appointment.state, appointment.ended_at) == ("deemed_refused", due + 48 * HOUR)
    assert not appointment.offers.filter(side="buyer", state="standing").exists()
    assert make.accepted(made, at=due + 49 * HOUR).state == "agreed"


@in_every_order("counter", "refuse", "offer")
def test_an_offer_after_a_refusal_that_followed_the_counter_offer_waits_for_the_buyer(order):
    appointment = make.requested(at=R0)
    first = make.offered(appointment, at=R0 + HOUR)
    due = clock(appointment, "buyer_silence").due_at
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    commands = {
        "counter": lambda: counter(first, wish="on Sunday", by=buyer, at=due),
        "refuse": lambda: refuse(appointment, "No engineer.", by=seller, at=due + HOUR),
        "offer": lambda: offer(appointment, terms_at(due + 2 * HOUR), by=seller, at=due + 2 * HOUR),
    }
    commit(order, commands)
    ended, made = make.fresh(appointment), Offer.objects.get(appointment=appointment, state="standing")
    assert (ended.state, ended.ended_at) == ("refused", due + HOUR)
    assert (made.side, made.received_at, made.is_late) == ("seller", due + 2 * HOUR, False)


@in_every_order("counter", "offer")
def test_after_a_lapse_that_stands_the_offer_is_kept_and_nobody_can_take_it(order):
    appointment, due = answered_after_a_lapse(order, countered=MICROSECOND, offered=HOUR)
    made = Offer.objects.filter(appointment=appointment).latest("id")
    assert (appointment.state, appointment.ended_at) == ("lapsed", due)
    assert (made.state, made.is_late, made.received_at) == ("void", True, due + HOUR)
    kept = Event.objects.get(subject=appointment.subject, kind="offer.late")
    assert (kept.detail["offer"], kept.effective_at) == (made.pk, due + HOUR)


@in_every_order("first", "second", "sweep")
@pytest.mark.parametrize("before_due", [MICROSECOND, timedelta(0)])
def test_of_two_cancellations_the_one_received_first_counts_and_is_done(order, before_due):
    """The buyer cancels, and so does support on his request: at the due instant, or with the first one at it."""
    appointment = make.requested(at=R0)
    due = clock(appointment, "response").due_at
    buyer, at = make.with_key(make.buyer_of(appointment), "mine"), due - before_due
    support = Actor(Channel.ADMIN, SupportFactory(), acting_for=appointment.buyer)
    done = []
    commands = {
        "first": lambda: done.append(cancel(appointment, "Not needed.", by=buyer, at=at)),
        "second": lambda: cancel(appointment, by=support, at=at + MICROSECOND),
        "sweep": lambda: sweep_after(due),
    }
    commit((*order, "first"), commands)
    assert [each.state for each in done] == ["cancelled", "cancelled"]
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at, ended.end_reason) == ("cancelled", at, "Not needed.")
    assert clock(appointment, "response").state == "voided"


def test_a_cancellation_after_another_is_refused_as_before():
    appointment = make.cancelled(make.requested(at=R0), at=R0 + HOUR)
    with pytest.raises(TransitionNotAllowed):
        cancel(appointment, by=make.buyer_of(appointment), at=R0 + HOUR)


@in_every_order("cancel", "refuse")
@pytest.mark.parametrize("first", ["cancel", "refuse"])
def test_of_a_refusal_and_a_cancellation_the_one_received_first_counts(order, first):
    """With its breach: a refusal inside the cover is one, and none where the buyer had cancelled before."""
    appointment = make.requested(at=R0)
    at = {first: R0 + HOUR, "refuse" if first == "cancel" else "cancel": R0 + HOUR + MICROSECOND}
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    commands = {
        "cancel": lambda: cancel(appointment, by=buyer, at=at["cancel"]),
        "refuse": lambda: refuse(appointment, "No engineer.", by=seller, at=at["refuse"]),
    }
    for name in order:
        commit((name,), commands)
        relay_batch(at=R0 + 2 * HOUR)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("cancelled" if first == "cancel" else "refused", R0 + HOUR)
    standing = Violation.objects.exclude(state="dismissed")
    assert [each.occurred_at for each in standing] == ([] if first == "cancel" else [R0 + HOUR])
    assert all(each.dismissal == "rescinded" for each in Violation.objects.filter(state="dismissed"))


@in_every_order("refuse", "refund")
def test_a_refusal_before_all_of_the_line_was_refunded_is_one(order):
    """The refund ends what was still open when it was made: the request had been refused by then."""
    record = make.an_order_record(make.a_product())
    appointment = make.requested(make.told(record), at=R0)
    seller, refunded_at = make.seller_of(appointment), R0 + HOUR + MICROSECOND
    commands = {
        "refuse": lambda: refuse(appointment, "No engineer.", by=seller, at=R0 + HOUR),
        "refund": lambda: make.told(replace(record, refunded_at=refunded_at), at=R0 + 2 * HOUR),
    }
    commit(order, commands)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("refused", R0 + HOUR)


@in_every_order("offer", "refuse")
def test_a_request_that_gave_way_to_a_newer_one_is_refused_by_nobody(order):
    """Its limit was kept after all: it ends without a violation, whichever of the seller's answers shows that."""
    appointment = make.requested(at=R0)
    due, seller = clock(appointment, "response").due_at, make.seller_of(appointment)
    sweep_after(due)
    case = appointment.case
    newer = request_service(
        case.cover, make.a_service_request(), case=case, by=make.buyer_of(appointment), at=due + HOUR
    )
    commands = {
        "offer": lambda: make.offered(appointment, at=due - 2 * HOUR),
        "refuse": lambda: refuse(appointment, "No engineer.", by=seller, at=due - HOUR),
    }
    for name in order:
        with pytest.raises((RuleBroken, TransitionNotAllowed)):
            commands[name]()
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at, ended.end_reason) == ("cancelled", due, "booked again")
    assert make.fresh(newer).state == "requested"
    relay_batch(at=due + 2 * HOUR)
    assert not Violation.objects.exclude(state="dismissed").exists()


@in_every_order("first", "refuse", "last")
def test_a_refusal_between_two_cancellations_is_none(order):
    appointment = make.requested(at=R0)
    seller, buyer = make.seller_of(appointment), make.buyer_of(appointment)
    commands = {
        "first": lambda: cancel(appointment, by=buyer, at=R0 + HOUR),
        "refuse": lambda: refuse(appointment, "No engineer.", by=seller, at=R0 + 2 * HOUR),
        "last": lambda: cancel(appointment, by=buyer, at=R0 + 3 * HOUR),
    }
    commit(order, commands)
    ended = make.fresh(appointment)
    assert (ended.state, ended.ended_at) == ("cancelled", R0 + HOUR)
