"""The mark of a product and its history (1.1)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sellers.actions import products
from sellers.models import EnrolmentState, MarkPeriod
from tests.factories.accounts import FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import EnrolmentFactory, ProductFactory, SellerFactory, member_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat, system
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BY = system(Channel.IMPORT)


@pytest.fixture
def product():
    return ProductFactory(marked=False)


@pytest.mark.clause("1.1")
def test_both_ends_of_a_mark_are_inside(product):
    products.mark(product, begins_at=AT - timedelta(days=9), ends_at=AT, by=BY, at=AT)
    assert product.is_marked_at(AT - timedelta(days=9))
    assert product.is_marked_at(AT)
    assert not product.is_marked_at(AT - timedelta(days=9) - TICK)
    assert not product.is_marked_at(AT + TICK)


@pytest.mark.clause("1.1")
def test_the_instant_of_unmarking_is_the_last(product):
    products.mark(product, by=BY, at=AT)
    ended = AT + timedelta(days=1)
    products.unmark(product, reason="sold out", by=BY, at=ended)
    assert product.is_marked_at(ended)
    assert not product.is_marked_at(ended + TICK)


def test_history_is_kept_when_it_is_marked_again(product):
    products.mark(product, by=BY, at=AT)
    products.unmark(product, reason="recall", by=BY, at=AT + timedelta(days=1))
    products.mark(product, by=BY, at=AT + timedelta(days=3))
    assert product.mark_periods.count() == 2
    assert [product.is_marked_at(AT + timedelta(days=days)) for days in (0, 2, 3)] == [True, False, True]


@pytest.mark.parametrize(
    ("begin", "end"),
    [(0, None), (5, None), (10, 20), (-5, 0), (-5, 5), (2, 3), (-5, None)],
)
def test_periods_never_overlap(product, begin, end):
    products.mark(product, begins_at=AT - timedelta(days=20), ends_at=AT - timedelta(days=10), by=BY, at=AT)
    given = [None if days is None else AT + timedelta(days=days - 20) for days in (begin, end)]
    with pytest.raises(RuleBroken) as refused:
        products.mark(product, begins_at=given[0], ends_at=given[1], by=BY, at=AT)
    assert refused.value.code == "already_marked"
    assert product.mark_periods.count() == 1


@pytest.mark.postgres
def test_the_database_refuses_an_overlap_too(product):
    MarkPeriod.objects.create(product=product, begins_at=AT, ends_at=AT + timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkPeriod.objects.create(product=product, begins_at=AT + timedelta(days=1), ends_at=AT + timedelta(days=2))
    other = ProductFactory(marked=False)
    MarkPeriod.objects.create(product=other, begins_at=AT, ends_at=AT + timedelta(days=1))
    MarkPeriod.objects.create(product=product, begins_at=AT + timedelta(days=1, microseconds=1))


def test_the_database_refuses_a_second_open_mark(product):
    MarkPeriod.objects.create(product=product, begins_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkPeriod.objects.create(product=product, begins_at=AT + timedelta(days=1))


def test_a_mark_ends_after_it_begins(product):
    with pytest.raises(RuleBroken) as refused:
        products.mark(product, begins_at=AT, ends_at=AT - TICK, by=BY, at=AT)
    assert refused.value.code == "mark_reversed"


def test_a_mark_is_not_set_in_advance(product):
    with pytest.raises(RuleBroken) as refused:
        products.mark(product, begins_at=AT + TICK, by=BY, at=AT)
    assert refused.value.code == "mark_in_future"


def test_a_product_without_a_mark_cannot_lose_it(product):
    with pytest.raises(RuleBroken) as refused:
        products.unmark(product, reason="why not", by=BY, at=AT)
    assert refused.value.code == "not_marked"


def test_ending_a_mark_needs_a_reason(product):
    products.mark(product, by=BY, at=AT)
    with pytest.raises(RuleBroken) as refused:
        products.unmark(product, reason=" ", by=BY, at=AT)
    assert refused.value.code == "reason_missing"


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("state", [None, "applied", "rejected", "withdrawn", "cleared"])
def test_only_the_enrolled_display_the_mark(state):
    seller = SellerFactory(enrolled=False)
    if state:
        EnrolmentFactory(seller=seller, state=EnrolmentState(state))
    product = ProductFactory(seller=seller, marked=False)
    with pytest.raises(RuleBroken) as refused:
        products.mark(product, by=BY, at=AT)
    assert refused.value.code == "not_enrolled"
    products.mark(product, begins_at=AT - timedelta(days=2), ends_at=AT, by=BY, at=AT)
    assert product.is_marked_at(AT)


def test_each_step_writes_one_event(product):
    products.mark(product, by=BY, at=AT, begins_at=AT - timedelta(days=1))
    products.unmark(product, reason="recall", by=BY, at=AT)
    marked, unmarked = Event.objects.filter(stream=f"seller/{product.seller_id}").order_by("id")
    assert (marked.kind, marked.subject, marked.clause) == ("product.marked", f"product/{product.pk}", "1.1")
    assert (marked.effective_at, marked.recorded_at) == (AT - timedelta(days=1), AT)
    assert unmarked.kind == "product.unmarked"
    assert unmarked.detail == {"reason": "recall"}


@pytest.mark.parametrize("seat", [Seat.OWNER, Seat.STAFF, Seat.CLIENT])
def test_the_sellers_people_may(product, seat):
    seat_at = Actor(Channel.API, UserFactory(), seller_id=product.seller_id, seat=seat)
    assert products.mark(product, by=seat_at, at=AT)


def test_support_may_and_nobody_else(product):
    for stranger in (
        Actor(Channel.PORTAL, UserFactory()),
        Actor(Channel.ADMIN, FinanceFactory()),
        member_of(product.seller, Seat.ENGINEER),
        member_of(SellerFactory()),
        Actor(Channel.API, client_id="feed", order_feed=True),
    ):
        with pytest.raises(PermissionDenied):
            products.mark(product, by=stranger, at=AT)
    assert products.mark(product, by=Actor(Channel.ADMIN, SupportFactory()), at=AT)


def test_the_same_command_twice_sets_and_ends_one_mark(product):
    owner = member_of(product.seller)
    first = products.mark(product, by=owner.with_key("set"), at=AT)
    assert products.mark(product, by=owner.with_key("set"), at=AT + TICK) == first
    ended = products.unmark(product, reason="sold out", by=owner.with_key("end"), at=AT + timedelta(days=1))
    again = products.unmark(product, reason="sold out", by=owner.with_key("end"), at=AT + timedelta(days=2))
    assert (again, again.ends_at) == (ended, AT + timedelta(days=1))
    assert Event.objects.count() == 2
    with pytest.raises(RuleBroken) as refused:
        products.unmark(product, reason="sold out", by=owner.with_key("another"), at=AT + timedelta(days=2))
    assert refused.value.code == "not_marked"


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("ends_after", [timedelta(days=1), None], ids=["in the past", "until now"])
def test_no_mark_reaches_back_before_the_enrolment(ends_after):
    """After a bar a seller takes part by a new enrolment: the year between bore no mark and never gets one."""
    seller = SellerFactory(enrolled=False)
    EnrolmentFactory(seller=seller, state="cleared", applied_at=AT - timedelta(days=900))
    again = EnrolmentFactory(seller=seller, applied_at=AT, decided_at=AT)
    product, owner = ProductFactory(seller=seller, marked=False), member_of(seller)
    later = AT + timedelta(days=9)
    before = AT - TICK
    with pytest.raises(RuleBroken) as refused:
        products.mark(product, begins_at=before, ends_at=ends_after and before + ends_after, by=owner, at=later)
    assert refused.value.code == "not_enrolled"
    assert products.mark(product, begins_at=again.decided_at, by=owner, at=later).covers(later)
