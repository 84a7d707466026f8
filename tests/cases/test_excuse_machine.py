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

from cases.actions.answers import accept
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
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
COMMANDS = ("offer", "accept", "confirm", "refuse", "cancel", "waive", "refund")
ENDED_BY_A_MISS = ("deemed_refused", "lapsed")
EVERY_CLOCK = frozenset({"response", "confirmation", "buyer_silence"})
REFUSALS = (RuleBroken, PermissionDenied)
# Half of all instants lie at a limit or a microsecond beside it.
WHEN = st.one_of(
    st.tuples(st.just("limit"), st.sampled_from([-1, 0, 1])), st.tuples(st.just("later"), st.integers(0, 60 * 60))
)
LENGTH = st.sampled_from([MICROSECOND, HOUR, 24 * HOUR, 47 * HOUR])
DUTIES = st.sampled_from([("response",), ("confirmation",), ("response", "confirmation")])


class Excuses(RuleBasedStateMachine):
    """One door visit after another; `book` is what was received and what is known of excuses."""

    @initialize()
    def request(self):
        # An outage reaches every request: those of the examples before are not this one's.
        Outage.objects.all().delete()
        self.order = make.an_order_record(make.a_product())
        self.appointment = make.requested(make.told(self.order), at=R0)
        self.seller, self.buyer = make.seller_of(self.appointment), make.buyer_of(self.appointment)
        self.book = Chronicle(R0)
        self.at = self.swept_until = R0
        self.claim = None

    @rule(command=st.sampled_from(COMMANDS), when=WHEN)
    def receive(self, command, when):
        self.at = self.instant(when)
        self.take(command, self.at)

    @rule(command=st.sampled_from(COMMANDS), when=WHEN, later=st.sampled_from(["", "offer", "cancel", "refuse"]))
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
    @rule(when=WHEN, clock=st.sampled_from(["response", "confirmation"]), more=st.integers(1, 30))
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
        told = self.book.as_of(at, max(self.at, self.swept_until))
        self.book.commands.append(Command(command, at))
        try:
            with suppress(*REFUSALS):
                self.send(command, at)
        except TransitionNotAllowed:
            # No step in the state that it met: the book must say so, too.
            assert not told.fits(command), (command, told.state, self.book)

    def send(self, command, at):
        last = Offer.objects.filter(appointment=self.appointment, side="seller").order_by("id").last()
        cover = self.appointment.case.cover
        match command:
            case "offer":
                offer(self.appointment, make.offer_terms(at, windows=make.far_off(at)), by=self.seller, at=at)
            case "accept" if last:
                accept(last, window=0, by=self.buyer, at=at)
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


# The suite plays the same stories each time; EXCUSE_EXAMPLES=2000 plays so many others.
PROFILE = settings(
    max_examples=int(os.environ.get("EXCUSE_EXAMPLES", "25")),
    derandomize="EXCUSE_EXAMPLES" not in os.environ,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
