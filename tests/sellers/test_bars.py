"""The bar after a clearance: whom it covers, as of when, and until when (3.2)."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from sellers import bars
from sellers.actions import enrolments
from sellers.actions.affiliations import end_affiliation, record_affiliation
from sellers.actions.sellers import change_seller
from sellers.models import AffiliationBasis, Enrolment
from tests.factories.accounts import AdministratorFactory, AuditorFactory, SupportFactory
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, SellerFactory, cleared, member_of
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.refusals import RuleBroken

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
CLEARED_AT = datetime.fromisoformat("2024-02-29T15:00+08:00")
LAST = datetime(2025, 2, 28, 16, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def outside(**given):
    return SellerFactory(enrolled=False, **given)


def is_barred(seller, at):
    """Whether an application of the seller is refused at an instant; none is left behind."""
    try:
        made = enrolments.apply(seller, by=member_of(seller), at=at)
    except RuleBroken as refused:
        return refused.code == "barred"
    Enrolment.objects.filter(pk=made.pk).delete()
    return False


@pytest.fixture
def auditor():
    return Actor(Channel.ADMIN, AuditorFactory())


@pytest.mark.scenario("S64")
@pytest.mark.parametrize("how", ["itself", "another account", "affiliate", "affiliate's affiliate", "its account"])
def test_s64_for_everybody_whom_the_bar_covers(how):
    violator, near, far = outside(), outside(), outside()
    AffiliationFactory(seller=violator, affiliate=near)
    AffiliationFactory(seller=far, affiliate=near)
    cleared(violator, CLEARED_AT)
    applicant = {
        "itself": violator,
        "another account": outside(legal_name=violator.legal_name.lower()),
        "affiliate": near,
        "affiliate's affiliate": far,
        "its account": outside(legal_name=far.legal_name.upper()),
    }[how]
    assert is_barred(applicant, CLEARED_AT)
    assert is_barred(applicant, LAST)
    assert not is_barred(applicant, LAST + TICK)
    assert not is_barred(applicant, CLEARED_AT - TICK)
    assert not is_barred(outside(), LAST)


def test_two_accounts_of_an_entity_are_one_knot_of_the_graph():
    violator, twin, friend = outside(), outside(), outside()
    twin.legal_name = violator.legal_name
    twin.save()
    AffiliationFactory(seller=twin, affiliate=friend)
    cleared(violator, CLEARED_AT)
    assert is_barred(friend, LAST)


def test_the_edition_at_the_clearance_decides_whether_affiliates_are_covered():
    violator, near = outside(), outside()
    AffiliationFactory(seller=violator, affiliate=near)
    first = RuleEdition.objects.get(number=1)
    numbers = asdict(replace(first.law, bar_covers_affiliates=False))
    published = CLEARED_AT - timedelta(days=60)
    RuleEdition.objects.create(number=2, numbers=numbers, published_at=published, effective_at=CLEARED_AT)
    cleared(violator, CLEARED_AT)
    assert not is_barred(near, LAST)
    assert is_barred(violator, LAST)


def test_the_graph_counts_as_it_stood_at_the_application(auditor):
    violator, near = outside(), outside()
    cleared(violator, CLEARED_AT)
    tied, parted = CLEARED_AT + timedelta(days=10), CLEARED_AT + timedelta(days=20)
    held = record_affiliation(
        near, violator, basis=AffiliationBasis.OWNERSHIP, evidence="Extract of the register.", by=auditor, at=tied
    )
    assert [is_barred(near, at) for at in (tied - TICK, tied, parted)] == [False, True, True]
    end_affiliation(held, reason="The shares were sold.", by=auditor, at=parted)
    assert [is_barred(near, at) for at in (tied - TICK, tied, parted, parted + TICK)] == [False, True, True, False]


def test_several_bars_the_last_one_counts():
    violator = outside()
    cleared(violator, CLEARED_AT)
    later = CLEARED_AT + timedelta(days=100)
    cleared(violator, later)
    assert bars.bar_until(violator, later) == bars.bar_end(later) > LAST
    assert bars.bar_until(violator, later - TICK) == LAST


def test_a_new_name_does_not_lead_out_of_the_bar():
    violator = outside()
    old_name = violator.legal_name
    cleared(violator, CLEARED_AT)
    by = Actor(Channel.ADMIN, AdministratorFactory())
    violator = change_seller(violator, {"legal_name": "Phoenix Limited"}, by=by, at=CLEARED_AT + TICK)
    assert is_barred(violator, LAST)
    assert is_barred(outside(legal_name=old_name), LAST)
    assert is_barred(outside(legal_name="phoenix limited"), LAST)


def test_an_affiliate_that_took_part_before_keeps_its_enrolment_but_no_pending_one_is_activated():
    violator, near, applicant = outside(), SellerFactory(), outside()
    AffiliationFactory(seller=violator, affiliate=near)
    AffiliationFactory(seller=violator, affiliate=applicant)
    pending = EnrolmentFactory(seller=applicant, state="applied", applied_at=CLEARED_AT - timedelta(days=1))
    cleared(violator, CLEARED_AT)
    assert Enrolment.objects.get(seller=near).state == "active"
    with pytest.raises(RuleBroken) as refused:
        enrolments.activate(pending, by=Actor(Channel.ADMIN, SupportFactory()), at=LAST)
    assert refused.value.code == "barred"


def test_what_was_applied_for_under_a_bar_is_not_activated_after_it_either():
    violator = outside()
    cleared(violator, CLEARED_AT)
    smuggled = EnrolmentFactory(seller=violator, state="applied", applied_at=LAST)
    with pytest.raises(RuleBroken) as refused:
        enrolments.activate(smuggled, by=Actor(Channel.ADMIN, SupportFactory()), at=LAST + timedelta(days=1))
    assert refused.value.code == "barred"


def test_the_refusal_names_the_end_and_nobody_else():
    violator, near = outside(), outside()
    AffiliationFactory(seller=violator, affiliate=near)
    cleared(violator, CLEARED_AT)
    with pytest.raises(RuleBroken) as refused:
        enrolments.apply(near, by=member_of(near), at=LAST)
    assert refused.value.context == {
        "barred_until": LAST.isoformat(),
        "open_again": (LAST + timedelta(microseconds=1)).isoformat(),
    }
    assert violator.name not in refused.value.detail


@pytest.mark.postgres
def test_the_database_itself_refuses_an_active_enrolment_applied_for_under_the_bar():
    violator = outside()
    cleared(violator, CLEARED_AT)
    twin = outside(legal_name=violator.legal_name.upper())
    for seller in (violator, twin):
        for inside in (CLEARED_AT, LAST):
            with pytest.raises(IntegrityError), transaction.atomic():
                EnrolmentFactory(seller=seller, applied_at=inside)
        pending = EnrolmentFactory(seller=seller, applied_at=LAST, state="applied")
        pending.activate(LAST + timedelta(days=9))
        with pytest.raises(IntegrityError), transaction.atomic():
            pending.save()
        Enrolment.objects.filter(pk=pending.pk).delete()
        assert EnrolmentFactory(seller=seller, applied_at=LAST + TICK).state == "active"
