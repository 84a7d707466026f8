"""Excuses, outages, longer limits and late commits in any order: what was received and what holds decides."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from cases.actions.answers import accept, counter
from cases.actions.cancel import cancel
from cases.actions.claim_rulings import decide_revocation, propose_revocation
from cases.actions.confirm import confirm
from cases.actions.exclusions import withdraw_claim
from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.actions.offers import offer, refuse
from cases.actions.orders import ingest_order
from cases.actions.outages import decide_outage
from cases.actions.waivers import confirm_waiver, state_waiver
from cases.deadlines import settle
from cases.models import Deadline, Offer, Outage
from cases.outages import apply_outages
from cases.sweep import sweep_batch
from cases.verification import Tally, verify
from tests.cases.excuse_oracle import Chronicle, Command, Excuse
from tests.factories import cases as make
from tests.factories import claims
from tests.instants import instant
from zestech_aftersales.accounts.actors import Channel, system
from zestech_aftersales.rulebook import RuleBroken

R0 = instant("2026-03-02T01:15:30Z")
ALWAYS = {day: [["00:00", "24:00"]] for day in make.EVERY_DAY}
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
COMMANDS = ("offer", "offer", "counter", "accept", "take_up", "confirm", "refuse", "cancel", "waive", "refund")
ENDED_BY_A_MISS = ("deemed_refused", "lapsed")
EVERY_CLOCK = frozenset({"response", "solution", "confirmation", "counter", "buyer_silence"})
REFUSALS = (RuleBroken, PermissionDenied)
# Half of all instants lie at a limit or a microsecond beside it.
WHEN = st.one_of(
    st.tuples(st.just("limit"), st.sampled_from([-1, 0, 1])), st.tuples(st.just("later"), st.integers(0, 60 * 60))
)
LENGTH = st.sampled_from([MICROSECOND, HOUR, 24 * HOUR, 47 * HOUR])
DUTIES = st.sampled_from([
    ("response", "solution"), ("confirmation",), ("counter",), ("response", "confirmation"),
    ("response", "solution", "counter"),
])  # fmt: skip


class Excuses(RuleBasedStateMachine):
    """One request after another; `book` is what was received and what is known of excuses."""

    @initialize(method=st.sampled_from(["door", "door", "remote", "point"]))
    def request(self, method):
        # An outage reaches every request: those of the examples before are not this one's.
        Outage.objects.all().delete()
        product = make.a_product()
        self.order = make.an_order_record(product)
        # A point without slots: booking it is the confirmation from which the 48 hours run.
        point = (
            make.a_point(product.seller, has_published_slots=False, opening_hours=ALWAYS) if method == "point" else None
        )
        self.appointment = make.requested(make.told(self.order), at=R0, method=method, point=point)
        self.seller, self.buyer = make.seller_of(self.appointment), make.buyer_of(self.appointment)
        self.book = Chronicle(R0, is_door=method == "door")
        self.at = self.swept_until = R0
        self.claim = None

    @rule(command=st.sampled_from(COMMANDS), when=WHEN)
    def receive(self, command, when):
        self.at = self.instant(when)
        self.take(command, self.at)

    @rule(
        command=st.sampled_from(COMMANDS),
        when=WHEN,
        later=st.sampled_from(["", "offer", "counter", "cancel", "refuse"]),
    )
    def receive_slowly(self, command, when, later):
        """A command in time that is stored only after the sweep, and after another one that came too late."""
        received, due = self.instant(when), self.next_limit()
        if due is None or received > due or received <= self.swept_until < due:
            return
        self.swept_until = max(self.swept_until, due + HOUR)
        sweep_batch(at=self.swept_until + settle())
        if self.state() not in ENDED_BY_A_MISS or make.fresh(self.appointment).ended_at != due:
            return
        self.at = due + MICROSECOND
        if later:
            self.take(later, self.at)
        self.take(command, received)

    @rule(when=WHEN)
    def sweep(self, when):
        self.swept_until = max(self.swept_until, self.instant(when))
        sweep_batch(at=self.swept_until + settle())
        self.agrees_with_the_book()

    @precondition(lambda self: self.claim is None)
    @rule(when=WHEN, ago=LENGTH, length=LENGTH, duties=DUTIES)
    def file(self, when, ago, length, duties):
        self.at = at = self.instant(when)
        begins = at - ago
        with suppress(*REFUSALS):
            self.claim = claims.claimed(
                self.appointment, at=at, begins_at=begins, ends_at=begins + length, duties=list(duties), proven=True
            )
        if self.claim is not None and self.claim.is_provisional:
            self.know(begins, begins + length, duties)

    @precondition(lambda self: self.claim is not None)
    @rule(when=WHEN, verdict=st.sampled_from(["whole", "part", "reject", "withdraw", "revoke"]))
    def decide(self, when, verdict):
        self.at = at = self.instant(when)
        claim, self.claim = self.claim, None
        half = max(MICROSECOND, (claim.ends_at - claim.begins_at) / 2)
        ends = claim.begins_at + half if verdict == "part" else claim.ends_at
        if verdict == "withdraw":
            withdraw_claim(claim, by=self.seller, at=at)
        elif verdict == "reject":
            claims.rejected(claim, at=at)
        else:
            claims.granted(claim, at=at, ends_at=ends)
        self.forget()
        if verdict in ("whole", "part", "revoke"):
            self.know(claim.begins_at, ends, claim.duties)
        if verdict == "revoke":
            self.agrees_after(at)
            self.at = at = at + HOUR
            propose_revocation(claim, reason="The photo is of another year.", by=claims.an_auditor(), at=at)
            decide_revocation(claim, approved=True, reason="So it is.", by=claims.an_auditor(), at=at)
            self.forget()
        self.agrees_after(at)

    @rule(when=WHEN, ago=LENGTH, length=LENGTH)
    def toll(self, when, ago, length):
        self.at = at = self.instant(when)
        begins, ends = at - ago - length, at - ago
        outage = claims.an_outage(begins, ends, at=at)
        decide_outage(outage, approved=True, reason="The logs say so.", by=claims.an_administrator(), at=at)
        apply_outages(now=lambda: at)
        self.know(begins, ends, EVERY_CLOCK)

    @precondition(lambda self: self.claim is None)
    @rule(
        when=WHEN, clock=st.sampled_from(["response", "solution", "confirmation", "counter"]), more=st.integers(1, 30)
    )
    def agree_on_longer(self, when, clock, more):
        self.at = at = self.instant(when)
        row = Deadline.objects.filter(appointment=self.appointment, clock=clock, state="running").first()
        if row is None:
            return
        with suppress(*REFUSALS):
            asked = propose_longer_limit(row, row.amount + more, "Parts are on their way.", by=self.seller, at=at)
            accept_longer_limit(asked, by=self.buyer, at=at)
            self.book.commands.append(Command("longer", at, row.amount + more, clock))

    def teardown(self):
        if hasattr(self, "book"):
            self.agrees_after(self.at)
            assert [each for each in verify(Tally(), at=R0, case=self.appointment.case) if each.what != "seal"] == []

    def agrees_after(self, at):
        self.swept_until = max(self.swept_until, at)
        sweep_batch(at=self.swept_until + settle())
        self.agrees_with_the_book()

    def agrees_with_the_book(self):
        told = self.book.told(max(self.at, self.swept_until))
        told.pass_time(max(self.swept_until, self.at))
        now = make.fresh(self.appointment)
        running = Deadline.objects.filter(appointment=now, state="running").values_list("clock", "due_at")
        assert (now.state, now.ended_at, dict(running)) == (told.state, told.ended_at, told.running()), self.book

    def instant(self, when):
        """An instant not before the last command's."""
        kind, amount = when
        due = self.next_limit()
        if kind == "limit" and due is not None and due + amount * MICROSECOND >= self.at:
            return due + amount * MICROSECOND
        return self.at + timedelta(minutes=max(amount, 0))

    def next_limit(self):
        return min((due for due in self.book.told(self.at).running().values() if due is not None), default=None)

    def state(self):
        return make.fresh(self.appointment).state

    def know(self, begins_at, ends_at, clocks):
        self.book.excuses.append(Excuse(begins_at, ends_at, frozenset(clocks), self.at))

    def forget(self):
        """What the claim had excused until now holds no longer."""
        kept = [each for each in self.book.excuses if each.clocks == EVERY_CLOCK or each.known_to is not None]
        others = [each for each in self.book.excuses if each not in kept]
        self.book.excuses = kept + [replace(each, known_to=self.at) for each in others]

    def take(self, command, at):
        if not self.has_what_it_answers(command):
            return
        told = self.book.as_of(at, max(self.at, self.swept_until))
        self.book.commands.append(Command(command, at))
        try:
            with suppress(*REFUSALS):
                self.send(command, at)
        except TransitionNotAllowed:
            # No step in the state that it met: the book must say so, too.
            assert not told.fits(command), (command, told.state, self.book)

    def has_what_it_answers(self, command):
        """Whether the offer that a command would be about has been made: else nobody can send it."""
        offers = Offer.objects.filter(appointment=self.appointment).order_by("id")
        self.last, self.newest = offers.filter(side="seller").last(), offers.last()
        if command in ("counter", "accept"):
            return self.last is not None
        return command != "take_up" or (self.newest is not None and self.newest.side == "buyer")

    def send(self, command, at):
        cover = self.appointment.case.cover
        match command:
            case "offer":
                terms = make.offer_terms(at, method=self.appointment.method, windows=make.far_off(at))
                offer(self.appointment, terms, by=self.seller, at=at)
            case "counter":
                counter(self.last, windows=make.far_off(at), by=self.buyer, at=at)
            case "take_up":
                accept(self.newest, window=0, by=self.seller, at=at)
            case "accept":
                accept(self.last, window=0, by=self.buyer, at=at)
            case "confirm":
                confirm(self.appointment, items=make.ALL_ITEMS, by=self.seller, at=at)
            case "refuse":
                refuse(self.appointment, "nobody there", by=self.seller, at=at)
            case "cancel":
                cancel(self.appointment, by=self.buyer, at=at)
            case "waive":
                stated = state_waiver(cover, order_number=cover.order.number, statement="Sold.", by=self.buyer, at=at)
                confirm_waiver(stated, by=self.buyer, at=at)
            case "refund":
                ingest_order(replace(self.order, refunded_at=at), by=system(Channel.IMPORT), at=at)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.clause("4.1.2")
def test_what_was_received_and_what_excuses_hold_decide(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    run_state_machine_as_test(Excuses, settings=PROFILE)


@pytest.mark.django_db
@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize("method", ["door", "remote"])
def test_a_counter_offer_is_answered_whatever_the_method(method):
    story = Excuses()
    story.request(method)
    for command in ("offer", "counter", "offer", "counter", "take_up"):
        story.receive(command, ("limit", 0))
        story.sweep(("later", 0))
    assert story.state() == ("agreed" if method == "door" else "confirmed")
    story.teardown()


@pytest.mark.django_db
@pytest.mark.clause("2.3.2")
@pytest.mark.parametrize("method", ["door", "remote"])
def test_a_counter_offer_left_alone_is_a_refusal_and_a_late_answer_cures_it(method):
    story = Excuses()
    story.request(method)
    for command in ("offer", "counter"):
        story.receive(command, ("later", 60))
    story.toll(("limit", -1), HOUR, HOUR)
    story.sweep(("limit", 1))
    assert story.state() == "deemed_refused"
    for command in ("offer", "accept"):
        story.receive(command, ("later", 60))
    story.teardown()


# What lands is judged by the same stories each time (the profile of CI); EXCUSE_EXAMPLES=2000 plays so many.
PROFILE = settings(
    max_examples=int(os.environ.get("EXCUSE_EXAMPLES", "25")),
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
