"""Clearance by two people at the same moment, and against what the seller does meanwhile, on real connections (3.2)."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from complaints.actions.clearances import approve_clearance, decline_clearance, propose_clearance
from complaints.models import Clearance
from sellers.actions import enrolments, products
from sellers.actions.affiliations import record_affiliation
from sellers.models import AffiliationBasis, Enrolment, MarkPeriod
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_proposal, a_violation
from tests.factories.sellers import AffiliationFactory, ProductFactory, SellerFactory, member_of
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = [
    pytest.mark.postgres, pytest.mark.slow, pytest.mark.clause("3.2"), pytest.mark.django_db(transaction=True),
]  # fmt: skip
AT = instant("2026-03-02T01:15:30Z")
LATER = AT + timedelta(days=1)
TRIALS = 5


def approving(clearance, by):
    return lambda: approve_clearance(clearance, reason="So.", by=by, at=LATER)


def test_two_second_auditors_at_once_clear_once():
    for _trial in range(TRIALS):
        seller = SellerFactory()
        ProductFactory(seller=seller)
        clearance = a_proposal(seller, at=AT)
        answers = side_by_side(*[approving(clearance, an_auditor()) for _ in range(3)])
        assert sum(isinstance(answer, Clearance) for answer in answers) == 1, answers
        assert sum(isinstance(answer, TransitionNotAllowed) for answer in answers) == 2, answers
        enrolment = Enrolment.objects.get(seller=seller)
        assert enrolment.state == "cleared"
        assert Event.objects.filter(subject=f"enrolment/{enrolment.pk}", kind="enrolment.cleared").count() == 1
        assert MarkPeriod.objects.filter(product__seller=seller, ends_at=None).count() == 0


def test_the_proposer_beside_a_second_auditor_is_refused_all_the_same():
    for _trial in range(TRIALS):
        first, seller = an_auditor(), SellerFactory()
        clearance = a_proposal(seller, at=AT, by=first)
        alone, other = side_by_side(approving(clearance, first), approving(clearance, an_auditor()))
        assert isinstance(alone, PermissionDenied | TransitionNotAllowed)
        assert isinstance(other, Clearance)


def test_approved_and_declined_at_once_is_one_of_both():
    for _trial in range(TRIALS):
        seller = SellerFactory()
        clearance = a_proposal(seller, at=AT)
        side_by_side(
            approving(clearance, an_auditor()),
            partial(decline_clearance, clearance, reason="No.", by=an_auditor(), at=LATER),
        )
        state = Enrolment.objects.get(seller=seller).state
        assert (Clearance.objects.get(pk=clearance.pk).state, state) in {
            ("in_force", "cleared"),
            ("declined", "active"),
        }


def test_two_proposals_at_once_are_one():
    seller = SellerFactory()
    enrolment, violation = Enrolment.objects.get(seller=seller), a_violation(seller, at=AT)

    def propose():
        return propose_clearance(enrolment, violations=[violation], reason="So.", by=an_auditor(), at=AT)

    answers = side_by_side(propose, propose)
    assert [type(answer) for answer in answers].count(Clearance) == 1
    assert [answer.code for answer in answers if isinstance(answer, RuleBroken)] == ["already_proposed"]


def test_an_affiliate_that_applies_at_the_same_moment_does_not_slip_in():
    for _trial in range(TRIALS):
        seller, affiliate = SellerFactory(), SellerFactory(enrolled=False)
        AffiliationFactory(seller=seller, affiliate=affiliate)
        clearance, owner = a_proposal(seller, at=AT), member_of(affiliate)
        side_by_side(
            approving(clearance, an_auditor()),
            partial(enrolments.apply, affiliate, by=owner, at=LATER),
        )
        pending = Enrolment.objects.filter(seller=affiliate).first()
        assert pending is None or pending.state == "rejected"


def test_leaving_or_marking_at_the_same_moment_changes_nothing():
    for _trial in range(TRIALS):
        seller = SellerFactory()
        product, owner = ProductFactory(seller=seller, marked=False), member_of(seller)
        clearance = a_proposal(seller, at=AT)
        enrolment = Enrolment.objects.get(seller=seller)
        side_by_side(
            approving(clearance, an_auditor()),
            partial(enrolments.withdraw, enrolment, reason="So.", by=owner, at=LATER),
            partial(products.mark, product, by=owner, at=LATER),
        )
        assert Enrolment.objects.get(seller=seller).state == "cleared"
        assert not MarkPeriod.objects.filter(product=product, ends_at=None).exists()


def test_an_affiliation_recorded_at_the_same_moment_ends_in_no_deadlock():
    for _trial in range(TRIALS):
        seller, other, far = SellerFactory(), SellerFactory(enrolled=False), SellerFactory(enrolled=False)
        AffiliationFactory(seller=seller, affiliate=other)
        clearance = a_proposal(seller, at=AT)
        answers = side_by_side(
            approving(clearance, an_auditor()),
            partial(
                record_affiliation,
                other,
                far,
                basis=AffiliationBasis.OTHER,
                evidence="Seen.",
                by=an_auditor(),
                at=LATER,
            ),
        )
        refused = [answer.code for answer in answers if isinstance(answer, RuleBroken)]
        assert refused in ([], ["affiliates_changed"]), answers
        assert not [
            answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, RuleBroken)
        ]
