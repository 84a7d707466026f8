"""Invariant 5, whatever happens in which order: no active enrolment while a bar covers its application (3.2)."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from complaints.actions.clearances import approve_clearance, decline_clearance, propose_clearance
from complaints.actions.judging import overturn
from complaints.models import Clearance, Violation
from sellers.actions import enrolments, products
from sellers.actions.affiliations import end_affiliation, record_affiliation
from sellers.models import Affiliation, AffiliationBasis, Enrolment, EnrolmentState, MarkPeriod
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_violation
from tests.factories.sellers import ProductFactory, SellerFactory, member_of
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.periods import years_limit
from zestech_aftersales.rulebook.queries import edition_in_force

START = instant("2026-03-02T01:15:30Z")
SELLERS = 4
WHO = st.integers(0, SELLERS - 1)
# Mostly soon, sometimes just after a bar has ended.
LATER = st.one_of(st.integers(1, 40), st.integers(1, 40), st.integers(365, 400))
REFUSALS = (RuleBroken, TransitionNotAllowed, PermissionDenied)


class Programme(RuleBasedStateMachine):
    """Four sellers, two of them accounts of one entity, ties recorded and ended, violations overturned."""

    @initialize()
    def begin(self):
        self.sellers = [SellerFactory(enrolled=False) for _ in range(SELLERS)]
        self.sellers[1].legal_name = self.sellers[0].legal_name
        self.sellers[1].save()
        self.owners = [member_of(seller) for seller in self.sellers]
        self.auditors = [an_auditor(), an_auditor(), an_auditor()]
        self.products = [ProductFactory(seller=seller, marked=False) for seller in self.sellers]
        self.at = START

    def step(self, days, act):
        self.at += timedelta(days=days)
        with suppress(*REFUSALS):
            act()
        self.keeps_the_invariant()

    @rule(who=WHO, days=LATER)
    def apply(self, who, days):
        self.step(days, lambda: enrolments.apply(self.sellers[who], by=self.owners[who], at=self.at))

    @rule(who=WHO, days=LATER)
    def activate(self, who, days):
        self.step(days, lambda: enrolments.activate(self.latest(who), by=self.auditors[0], at=self.at))

    @rule(who=WHO, days=LATER)
    def apply_and_activate(self, who, days):
        def both():
            made = enrolments.apply(self.sellers[who], by=self.owners[who], at=self.at)
            enrolments.activate(made, by=self.auditors[0], at=self.at)

        self.step(days, both)

    @rule(who=WHO, days=LATER)
    def mark(self, who, days):
        self.step(days, lambda: products.mark(self.products[who], by=self.owners[who], at=self.at))

    @rule(who=WHO, days=LATER)
    def withdraw(self, who, days):
        self.step(days, lambda: enrolments.withdraw(self.latest(who), reason="So.", by=self.owners[who], at=self.at))

    @rule(one=WHO, other=WHO, days=LATER)
    def tie(self, one, other, days):
        self.step(
            days,
            lambda: record_affiliation(
                self.sellers[one], self.sellers[other], basis=AffiliationBasis.OTHER, evidence="Seen.",
                by=self.auditors[0], at=self.at,
            ),
        )  # fmt: skip

    @rule(days=LATER)
    def part(self, days):
        held = Affiliation.objects.filter(seller__in=self.sellers, ended_at=None).first()
        if held:
            self.step(days, lambda: end_affiliation(held, reason="Sold.", by=self.auditors[0], at=self.at))

    @rule(who=WHO, days=LATER)
    def propose(self, who, days):
        def put():
            cited = [a_violation(self.sellers[who], at=self.at, state="appealed") for _ in range(2)]
            propose_clearance(self.latest(who), violations=cited, reason="So.", by=self.auditors[0], at=self.at)

        self.step(days, put)

    @rule(days=LATER, approved=st.sampled_from([True, True, False]), by=st.integers(0, 2))
    def decide(self, days, approved, by):
        clearance = Clearance.objects.filter(seller__in=self.sellers, state="proposed").first()
        if clearance:
            decided = approve_clearance if approved else decline_clearance
            self.step(days, lambda: decided(clearance, reason="So.", by=self.auditors[by], at=self.at))

    @rule(days=LATER, pick=st.integers(0, 9))
    def overturn(self, days, pick):
        appealed = list(Violation.objects.filter(seller__in=self.sellers, state="appealed").order_by("pk"))
        if appealed:
            violation = appealed[pick % len(appealed)]
            self.step(days, lambda: overturn(violation, reason="So.", by=self.auditors[2], at=self.at))

    def latest(self, who):
        found = Enrolment.objects.filter(seller=self.sellers[who]).order_by("pk").last()
        if found is None:
            raise PermissionDenied
        return found

    def keeps_the_invariant(self):
        """Counted here by hand, from the clearances that stand and the ties as they stood."""
        mine = Enrolment.objects.filter(seller__in=self.sellers).select_related("seller")
        active = list(mine.filter(state=EnrolmentState.ACTIVE))
        cleared = list(mine.filter(state=EnrolmentState.CLEARED))
        ties = list(Affiliation.objects.filter(seller__in=self.sellers).select_related("seller", "affiliate"))
        for enrolment in active:
            for when in (enrolment.applied_at, enrolment.decided_at):
                for other in cleared:
                    # To part after the clearance frees nobody.
                    related = connected(enrolment.seller.legal_name, ties, when)
                    related |= connected(enrolment.seller.legal_name, ties, other.cleared_at)
                    law = edition_in_force(other.cleared_at).law
                    end = years_limit(other.cleared_at, law.bar_years, law.zone_info)
                    assert other.bar_ends_at == end
                    is_inside = other.cleared_at <= when <= end
                    assert not (is_inside and other.seller.legal_name in related), (enrolment, other)
            # One entity in and out at a time is a clearance that missed an account.
            for other in cleared:
                if other.seller.legal_name == enrolment.seller.legal_name:
                    assert other.cleared_at < enrolment.applied_at
        marked = MarkPeriod.objects.filter(product__in=self.products, ends_at=None).select_related("product")
        assert {each.product.seller_id for each in marked} <= {each.seller_id for each in active}


def connected(name, ties, when):
    """The names reached from one over the ties that stood at an instant."""
    near = defaultdict(set)
    for tie in ties:
        if tie.kept_from <= when and (tie.ended_at is None or when <= tie.ended_at):
            near[tie.seller.legal_name].add(tie.affiliate.legal_name)
            near[tie.affiliate.legal_name].add(tie.seller.legal_name)
    found, todo = {name}, [name]
    while todo:
        for each in near[todo.pop()] - found:
            found.add(each)
            todo.append(each)
    return found


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.clause("3.2")
def test_invariant_5_whatever_happens():
    run_state_machine_as_test(
        Programme,
        settings=settings(
            max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck), derandomize=True
        ),
    )
