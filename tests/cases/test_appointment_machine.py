"""Any commands at any instants, sweeps between them: the received instants decide, and the invariants hold."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from cases.actions.answers import accept, counter
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.offers import offer, refuse, revise
from cases.actions.rulings import flag, rule_on_offer
from cases.deadlines import settle
from cases.models import Cover, Deadline, Offer, ServiceAppointment
from cases.models.offer import OPEN_OFFERS
from cases.sweep import sweep_batch
from sellers.actions.enrolments import withdraw
from tests.cases.appointment_oracle import Story
from tests.factories import cases as make
from tests.factories.accounts import AuditorFactory
from tests.factories.clearances import in_force
from tests.factories.sellers import EnrolmentFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

R0 = instant("2026-03-02T01:15:30Z")
MICROSECOND = timedelta(microseconds=1)
COMMANDS = (
    "offer", "revise", "counter", "accept", "take", "confirm", "refuse", "cancel", "flag", "uphold", "quash",
)  # fmt: skip
# Two thirds of all instants lie at a limit or a microsecond beside it.
WHEN = st.one_of(
    st.tuples(st.just("limit"), st.sampled_from([-1, 0, 1])),
    st.tuples(st.just("limit"), st.sampled_from([-1, 0, 1])),
    st.tuples(st.just("later"), st.integers(0, 90 * 60)),
)


class Appointments(RuleBasedStateMachine):
    """One door visit after another; `told` is what was received, in the order in which it was."""

    @initialize()
    def request(self):
        self.appointment = make.requested(at=R0)
        self.seller, self.buyer = make.seller_of(self.appointment), make.buyer_of(self.appointment)
        self.auditor = Actor(Channel.ADMIN, AuditorFactory())
        self.enrolment = EnrolmentFactory(seller=self.appointment.seller)
        self.told: list[tuple[str, Any]] = []
        self.on_its_way: datetime | None = None
        self.at = self.swept_until = R0
        self.keys = 0

    @rule(command=st.sampled_from(COMMANDS), when=WHEN, twice=st.booleans())
    def receive(self, command, when, twice):
        """A command comes in, perhaps only after a sweep that has passed its instant, perhaps twice."""
        if command == "cancel" and self.on_its_way is not None:
            return  # the buyer cancels once
        self.at = self.instant(when)
        self.told.append((command, self.at))
        self.keys += 1
        key = f"{self.appointment.pk}-{self.keys}"
        self.carry_out(command, key)
        if twice:
            before = self.rows()
            self.carry_out(command, key)
            assert self.rows() == before

    @precondition(lambda self: self.on_its_way is None)
    @rule(when=WHEN)
    def send_off(self, when):
        """The buyer's cancellation has been received; others are committed before it."""
        self.at = self.on_its_way = self.instant(when)

    @precondition(lambda self: self.on_its_way is not None)
    @rule()
    def arrive(self):
        received_at, self.on_its_way, self.keys = self.on_its_way, None, self.keys + 1
        self.told = sorted([*self.told, ("cancel", received_at)], key=lambda each: each[1])
        self.carry_out("cancel", f"{self.appointment.pk}-{self.keys}", received_at)
        self.sweep(("later", 0))

    @rule(when=WHEN)
    def sweep(self, when):
        self.swept_until = max(self.swept_until, self.instant(when))
        sweep_batch(at=self.swept_until + settle())
        self.agrees_with_the_story()

    @precondition(lambda self: self.enrolment.state == "active")
    @rule(how=st.sampled_from(["withdrawn", "cleared"]), when=WHEN)
    def leave(self, how, when):
        """Invariant 6: the seller leaves the programme; no clock, cover or appointment changes, then or later."""
        self.at, before = self.instant(when), self.rows()
        if how == "withdrawn":
            withdraw(self.enrolment, reason="We close.", by=self.seller, at=self.at)
        else:
            in_force(self.appointment.seller, at=self.at)
        self.enrolment = make.fresh(self.enrolment)
        assert (self.enrolment.state, self.rows()) == (how, before)

    @precondition(lambda self: self.told)
    @rule()
    def look(self):
        self.keeps_the_invariants()

    def teardown(self):
        if hasattr(self, "told"):
            if self.on_its_way is not None:
                self.arrive()
            self.swept_until = max(self.swept_until, self.at)
            sweep_batch(at=self.swept_until + settle())
            self.agrees_with_the_story()
            self.keeps_the_invariants()

    def instant(self, when):
        """An instant not before the last command's."""
        kind, amount = when
        if kind == "limit":
            limits = [due for due in self.story().running().values() if due and due + amount * MICROSECOND >= self.at]
            if limits:
                return min(limits) + amount * MICROSECOND
        return self.at + timedelta(minutes=max(amount, 0))

    def story(self):
        story = Story(R0)
        for command, at in self.told:
            getattr(story, command)(at)
        return story

    def carry_out(self, command, key, at=None):
        seller, buyer, at = make.with_key(self.seller, key), make.with_key(self.buyer, key), at or self.at
        offers = Offer.objects.filter(appointment=self.appointment).order_by("id")
        last = offers.last()
        # What the buyer sees: an earlier offer stands again where a revision of it was held unreasonable.
        seen = offers.filter(side="seller")
        of_seller = seen.filter(state__in=OPEN_OFFERS).last() or seen.exclude(state="held_unreasonable").last()
        with suppress(RuleBroken, TransitionNotAllowed, PermissionDenied):
            match command:
                case "offer":
                    offer(self.appointment, make.offer_terms(at, windows=make.far_off(at)), by=seller, at=at)
                case "revise" if of_seller:
                    revise(of_seller, make.offer_terms(at, windows=make.far_off(at)), by=seller, at=at)
                case "counter" if of_seller:
                    counter(of_seller, wish="another day", by=buyer, at=at)
                case "accept" if of_seller:
                    accept(of_seller, window=0, by=buyer, at=at)
                case "take" if last and last.side == "buyer":
                    accept(last, by=seller, at=at)
                case "flag" if of_seller:
                    flag(of_seller, "too dear", by=buyer, at=at)
                case "uphold" | "quash" if of_seller:
                    by = make.with_key(self.auditor, key)
                    rule_on_offer(of_seller, is_reasonable=command == "uphold", reason="so it is", by=by, at=at)
                case "confirm":
                    confirm(self.appointment, items=make.ALL_ITEMS, by=seller, at=at)
                case "refuse":
                    refuse(self.appointment, "nobody there", by=seller, at=at)
                case "cancel":
                    cancel(self.appointment, by=buyer, at=at)

    def agrees_with_the_story(self):
        """Invariants 7 and 14: outcome and due instants are those that the received instants give."""
        story = self.story()
        story.pass_time(self.swept_until)
        appointment = make.fresh(self.appointment)
        running = Deadline.objects.filter(appointment=appointment, state="running")
        assert (appointment.state, appointment.ended_at) == (story.state, story.ended_at), self.told
        assert dict(running.values_list("clock", "due_at")) == story.running(), self.told

    def keeps_the_invariants(self):
        events = list(Event.objects.filter(subject=self.appointment.subject).order_by("id"))
        states = ["", *[event.after["state"] for event in events]]
        # 1: every change has its event, and each follows from the one before it.
        assert [event.before["state"] for event in events] == states[:-1]
        assert states[-1] == make.fresh(self.appointment).state
        # 2: a deemed refusal names its clock, and nothing that meets it came in time unless it was taken back.
        kinds = Counter(event.kind for event in events)
        for event in events:
            if event.kind == "appointment.deemed_refused":
                [missed] = [change for change in event.detail["clocks"] if change["change"] == "missed"]
                assert instant(missed["due_at"]) == event.effective_at
        misses = kinds["appointment.deemed_refused"] + kinds["appointment.lapsed"] - kinds["appointment.rescinded"]
        assert Deadline.objects.filter(appointment=self.appointment, state="missed").count() == misses
        # 8
        assert all(event.effective_at <= event.recorded_at for event in events)

    def rows(self):
        """What a repeated command (13) or the seller's leaving (6) may not change."""
        return (
            Cover.objects.filter(pk=self.appointment.case.cover_id).values().get(),
            ServiceAppointment.objects.filter(pk=self.appointment.pk).values().get(),
            list(Deadline.objects.filter(appointment=self.appointment).order_by("id").values()),
            list(Offer.objects.filter(appointment=self.appointment).order_by("id").values()),
            Event.objects.filter(subject=self.appointment.subject).count(),
        )


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.clause("2.3.1")
def test_the_received_instants_decide_whatever_comes_in_between():
    run_state_machine_as_test(
        Appointments,
        settings=settings(
            max_examples=60, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["accept", "counter", "revise", "refuse", "cancel"])
def test_what_came_in_time_takes_a_lapse_back_that_the_sweep_had_established(command):
    story = Appointments()
    story.request()
    story.receive("offer", ("later", 60), False)
    story.sweep(("limit", 1))
    assert make.fresh(story.appointment).state == "lapsed"
    story.receive(command, ("limit", -1), True)
    story.teardown()


@pytest.mark.django_db
def test_an_offer_after_a_refusal_is_revised_without_a_limit():
    story = Appointments()
    story.request()
    for command in ("refuse", "offer", "revise"):
        story.receive(command, ("later", 60), False)
    story.sweep(("later", 60 * 24 * 30))
    story.receive("accept", ("later", 60), True)
    assert make.fresh(story.appointment).state == "agreed"
    story.teardown()


@pytest.mark.django_db
@pytest.mark.parametrize("then", ["nothing", "refuse"])
def test_a_cancellation_received_while_it_was_refused_ends_nothing_that_was_cured_later(then):
    story = Appointments()
    story.request()
    story.receive("offer", ("limit", 1), False)
    story.send_off(("later", 1))
    story.receive("accept", ("later", 1), False)
    if then == "refuse":
        story.receive(then, ("later", 1), False)
    story.arrive()
    assert make.fresh(story.appointment).state == ("refused" if then == "refuse" else "agreed")
    story.teardown()


@pytest.mark.django_db
@pytest.mark.parametrize("ruled_after", [60, 60 * 72])
def test_a_cancellation_received_before_a_ruling_leaves_nothing_to_rule_on(ruled_after):
    story = Appointments()
    story.request()
    for command in ("offer", "flag"):
        story.receive(command, ("later", 60), False)
    story.send_off(("later", ruled_after))
    story.receive("quash", ("later", 1), False)
    story.arrive()
    assert make.fresh(story.appointment).state == "cancelled"
    story.teardown()
