"""Two clearances of one legal entity: lifting one leaves what the other one alone would have left, in any order (3.2)."""

from datetime import UTC, datetime, timedelta

import pytest

from complaints.actions.clearances import approve_clearance, propose_clearance
from complaints.models import Audit, Clearance
from sellers.actions import enrolments, products
from sellers.bars import bar_end, bar_until, bars_on
from sellers.models import Enrolment, Product
from tests.complaints.test_clearances_overturned import overturned
from tests.factories.cases import fresh
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_violation, in_force
from tests.factories.sellers import ProductFactory, SellerFactory, member_of
from zestech_aftersales.timeline.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
SECOND, LATER = AT + 5 * DAY, AT + 20 * DAY


@pytest.fixture
def entity():
    """Two accounts: one takes part, the other one left while an audit of it ran."""
    active = SellerFactory()
    left = SellerFactory(legal_name=active.legal_name.upper())
    for seller in (active, left):
        ProductFactory(seller=seller)
    Audit.objects.create(seller=left, part="cause", opened_at=AT - 2 * DAY)
    enrolments.withdraw(of(left), reason="We close.", by=member_of(left), at=AT - DAY)
    return active, left


def of(seller):
    return Enrolment.objects.filter(seller=seller).latest("pk")


def outcome(entity, *, at):
    """What somebody sees of the entity's accounts."""
    return [
        (of(seller).state, of(seller).cleared_at, of(seller).bar_ends_at, bar_until(seller, at),
         Product.objects.get(seller=seller).is_marked_at(at))
        for seller in entity
    ]  # fmt: skip


def two(entity):
    """Their violations: the first clearance takes who takes part, the second one names who had left."""
    active, left = entity
    first, second = a_violation(active, at=AT), a_violation(left, at=SECOND)
    in_force(active, at=AT, cited=[first])
    in_force(left, at=SECOND, cited=[second])
    return first, second


def test_without_the_first_all_is_as_if_the_second_alone_had_been(entity):
    first, _second = two(entity)
    overturned(first, at=LATER)
    active, _left = entity
    for seller in entity:
        enrolment = of(seller)
        assert (enrolment.state, enrolment.cleared_at, enrolment.bar_ends_at) == ("cleared", SECOND, bar_end(SECOND))
        assert [bar.begins_at for bar in bars_on(seller, LATER)] == [SECOND]
    assert not Product.objects.get(seller=active).is_marked_at(LATER)
    told = Event.objects.filter(subject=f"enrolment/{of(active).pk}").order_by("id")
    assert [event.kind for event in told] == ["enrolment.cleared", "enrolment.cleared_by_other"]


def test_without_the_second_the_first_stands(entity):
    _first, second = two(entity)
    overturned(second, at=LATER)
    active, left = entity
    assert (of(active).state, of(active).cleared_at) == ("cleared", AT)
    assert (of(left).state, of(left).left_at) == ("withdrawn", AT - DAY)
    assert bar_until(left, LATER) == bar_end(AT)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_without_both_it_is_as_before_whichever_fell_first(entity, order):
    violations = two(entity)
    for n, which in enumerate(order):
        overturned(violations[which], at=LATER + n * DAY)
    assert set(Clearance.objects.values_list("state", flat=True)) == {"lifted"}
    assert outcome(entity, at=LATER + 3 * DAY) == [
        ("active", None, None, None, True),
        ("withdrawn", None, None, None, False),
    ]


def test_three_of_them_hand_on_what_the_first_took(entity):
    active, _left = entity
    third = SellerFactory(legal_name=active.legal_name)
    Audit.objects.create(seller=third, part="cause", opened_at=AT - 2 * DAY)
    enrolments.withdraw(of(third), reason="We close.", by=member_of(third), at=AT - DAY)
    violations = [*two(entity), a_violation(third, at=SECOND)]
    in_force(third, at=SECOND + DAY, cited=[violations[2]])
    overturned(violations[0], at=LATER)
    overturned(violations[1], at=LATER + DAY)
    assert (of(active).state, of(active).cleared_at) == ("cleared", SECOND + DAY)
    overturned(violations[2], at=LATER + 2 * DAY)
    assert of(active).state == "active"
    assert Product.objects.get(seller=active).is_marked_at(LATER + 2 * DAY)


def test_who_enrolled_anew_is_given_the_new_enrolment_back(entity):
    active, left = entity
    first = a_violation(active, at=AT)
    old = in_force(active, at=AT, cited=[first]).enrolment
    again = bar_end(AT) + DAY
    for seller in entity:
        made = enrolments.apply(seller, by=member_of(seller), at=again)
        enrolments.activate(made, by=an_auditor(), at=again)
    second = a_violation(left, at=again)
    in_force(left, at=again + DAY, cited=[second])
    overturned(first, at=again + 2 * DAY)
    assert (Enrolment.objects.get(pk=old.pk).state, of(active).state) == ("withdrawn", "cleared")
    overturned(second, at=again + 3 * DAY)
    assert [of(active).state, of(left).state] == ["active", "active"]
    assert Enrolment.objects.filter(state="active").count() == 2


def test_marks_come_back_though_the_clearance_named_the_enrolment_before(entity):
    """One of an audit's time, left since; the seller takes part anew: both are cleared, the marks are the new one's."""
    _active, left = entity
    owner = member_of(left)
    anew = enrolments.activate(enrolments.apply(left, by=owner, at=AT), by=an_auditor(), at=AT)
    product = Product.objects.get(seller=left)
    products.mark(product, by=owner, at=AT + TICK)
    violation = a_violation(left, at=SECOND)
    before = Enrolment.objects.filter(seller=left).earliest("pk")
    proposal = propose_clearance(before, violations=[violation], reason="Late.", by=an_auditor(), at=SECOND)
    clearance = approve_clearance(proposal, reason="So it is.", by=an_auditor(), at=SECOND)
    assert Event.objects.filter(kind="product.unmarked", subject=f"product/{product.pk}").count() == 2
    assert not product.is_marked_at(SECOND + TICK)
    overturned(violation, at=LATER)
    assert fresh(clearance).state == "lifted"
    assert [fresh(each).state for each in (before, anew)] == ["withdrawn", "active"]
    assert fresh(product).is_marked_at(LATER)


def test_who_has_left_the_enrolment_after_it_is_not_brought_back(entity):
    active, _left = entity
    product, violation = Product.objects.get(seller=active), a_violation(active, at=AT)
    old = in_force(active, at=AT, cited=[violation]).enrolment
    owner, applied_at = member_of(active), bar_end(AT) + TICK
    new = enrolments.activate(enrolments.apply(active, by=owner, at=applied_at), by=an_auditor(), at=applied_at)
    enrolments.withdraw(new, reason="We close.", by=owner, at=applied_at + DAY)
    overturned(violation, at=applied_at + 3 * DAY)
    assert (fresh(old).state, fresh(old).left_at) == ("withdrawn", applied_at)
    assert fresh(new).state == "withdrawn"
    assert not fresh(product).is_marked_at(applied_at + 3 * DAY)
