"""What happens to a clearance when violations it cites fall: lifted from the start, or reviewed by its two (3.2)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from complaints import deadlines
from complaints.actions.clearances import answer_outcome, approve_clearance, decline_clearance, propose_outcome
from complaints.actions.hearings import appeal
from complaints.actions.judging import overturn
from complaints.models import Audit, Clearance, JudgementClock, Violation
from complaints.queries.clearances import who_may_sign
from sellers.actions import enrolments, products
from sellers.bars import bar_until
from sellers.models import Enrolment, EnrolmentState
from tests.factories.accounts import AdministratorFactory
from tests.factories.cases import fresh
from tests.factories.claims import an_auditor
from tests.factories.clearances import a_proposal, a_violation, in_force
from tests.factories.sellers import AffiliationFactory, EnrolmentFactory, ProductFactory, SellerFactory, member_of
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.2")]
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
LATER = AT + 3 * DAY


@pytest.fixture
def seller():
    return SellerFactory()


@pytest.fixture
def owner(seller):
    return member_of(seller)


def overturned(violation, *, at=LATER):
    """The violation after the seller's appeal and a third auditor's decision."""
    deadlines.start(JudgementClock.APPEAL, at=at - DAY, law=edition_in_force(at).law, violation=violation)
    appeal(violation, "We did reply.", by=member_of(violation.seller), at=at - TICK)
    return overturn(violation, reason="They did.", by=an_auditor(), at=at)


def of(seller):
    return Enrolment.objects.filter(seller=seller).latest("pk")


@pytest.mark.clause("1.1")
def test_without_any_ground_it_falls_from_the_start_but_a_mark_nobody_was_shown_meanwhile(seller, owner):
    marked, planned = ProductFactory(seller=seller), ProductFactory(seller=seller, marked=False)
    products.mark(planned, by=owner, at=AT - DAY, ends_at=None)
    violation = a_violation(seller, at=AT)
    clearance = in_force(seller, at=AT, cited=[violation])
    overturned(violation)
    lifted = fresh(clearance)
    assert (lifted.state, lifted.lifted_at) == ("lifted", LATER)
    back = of(seller)
    assert (back.state, back.cleared_at, back.bar_ends_at, back.left_at) == ("active", None, None, None)
    assert bar_until(seller, LATER) is None
    assert bar_until(seller, AT + TICK) is None
    for product in (marked, planned):
        seen = [product.is_marked_at(at) for at in (AT, AT + TICK, LATER - TICK, LATER, LATER + DAY)]
        assert seen == [True, False, False, True, True]


def test_a_mark_with_a_planned_end_keeps_it_and_one_whose_end_has_passed_stays_ended(seller, owner):
    soon, far = ProductFactory(seller=seller, marked=False), ProductFactory(seller=seller, marked=False)
    products.mark(soon, by=owner, at=AT - DAY, ends_at=AT + DAY)
    products.mark(far, by=owner, at=AT - DAY, ends_at=LATER + DAY - TICK)
    violation = a_violation(seller, at=AT)
    in_force(seller, at=AT, cited=[violation])
    overturned(violation)
    assert not soon.is_marked_at(LATER)
    assert [far.is_marked_at(at) for at in (LATER, LATER + DAY - TICK, LATER + DAY)] == [True, True, False]


def test_one_that_had_left_is_withdrawn_again_as_of_then(seller, owner):
    enrolments.withdraw(of(seller), reason="We close.", by=owner, at=AT)
    Audit.objects.create(seller=seller, part="cause", opened_at=AT - DAY)
    violation = a_violation(seller, at=AT)
    in_force(seller, at=AT + DAY, cited=[violation])
    overturned(violation)
    back = of(seller)
    assert (back.state, back.left_at) == ("withdrawn", AT)
    assert enrolments.apply(seller, by=owner, at=LATER).state == "applied"


def test_the_whole_entity_is_given_back_and_who_was_turned_down_may_apply_again(seller):
    twin, applicant = SellerFactory(legal_name=seller.legal_name), SellerFactory(enrolled=False)
    AffiliationFactory(seller=twin, affiliate=applicant)
    EnrolmentFactory(seller=applicant, state="applied")
    violation = a_violation(seller, at=AT)
    in_force(seller, at=AT, cited=[violation])
    asks, hears = member_of(applicant), member_of(twin)
    with pytest.raises(RuleBroken):
        enrolments.apply(applicant, by=asks, at=LATER - TICK)
    overturned(violation)
    assert [of(each).state for each in (seller, twin, applicant)] == ["active", "active", "rejected"]
    relay_batch(at=LATER)
    assert Delivery.objects.filter(recipient=asks.user, event__kind="enrolment.bar_lifted").exists()
    assert Delivery.objects.filter(recipient=hears.user, event__kind="clearance.lifted").exists()
    assert enrolments.apply(applicant, by=asks, at=LATER).state == "applied"


def test_every_change_has_one_event(seller):
    violation = a_violation(seller, at=AT)
    clearance = in_force(seller, at=AT, cited=[violation])
    overturned(violation)
    told = Event.objects.filter(subject=clearance.subject).order_by("id")
    assert [(event.before["state"], event.after["state"]) for event in told] == [
        ("", "proposed"), ("proposed", "in_force"), ("in_force", "lifted"),
    ]  # fmt: skip
    told = Event.objects.filter(subject=f"enrolment/{clearance.enrolment_id}").order_by("id")
    assert [(event.before["state"], event.after["state"]) for event in told] == [
        ("active", "cleared"), ("cleared", "active"),
    ]  # fmt: skip


def reviewed(seller):
    """A clearance of which one of two violations fell, with its two auditors."""
    first, second = an_auditor(), an_auditor()
    cited = [a_violation(seller, at=AT), a_violation(seller, at=AT)]
    clearance = approve_clearance(a_proposal(seller, at=AT, by=first, cited=cited), reason="So.", by=second, at=AT)
    overturned(cited[0])
    return fresh(clearance), first, second, cited[1]


def test_if_some_fall_its_two_auditors_review_it(seller):
    clearance, first, second, _other = reviewed(seller)
    assert (clearance.state, clearance.review_since) == ("under_review", LATER)
    assert of(seller).state == "cleared"
    assert set(who_may_sign(clearance)) == {first.user, second.user}
    for stranger in (an_auditor(), Actor(Channel.ADMIN, AdministratorFactory())):
        with pytest.raises(PermissionDenied):
            propose_outcome(clearance, outcome="lifted", reason="So.", by=stranger, at=LATER + DAY)
    propose_outcome(clearance, outcome="stands", reason="One is enough.", by=second, at=LATER + DAY)
    for wrong in (second, an_auditor()):
        with pytest.raises(PermissionDenied):
            answer_outcome(clearance, agreed=True, reason="So.", by=wrong, at=LATER + DAY)
    kept = answer_outcome(clearance, agreed=True, reason="It is.", by=first, at=LATER + 2 * DAY)
    assert (kept.state, kept.review_since, of(seller).state) == ("in_force", None, "cleared")


def test_reviewed_and_lifted_by_both(seller):
    clearance, first, second, _other = reviewed(seller)
    propose_outcome(clearance, outcome="lifted", reason="Too little.", by=first, at=LATER + DAY)
    assert of(seller).state == "cleared"
    lifted = answer_outcome(clearance, agreed=True, reason="Too little.", by=second, at=LATER + 2 * DAY)
    assert (lifted.state, of(seller).state) == ("lifted", "active")


def test_without_agreement_the_review_goes_on(seller):
    clearance, first, second, _other = reviewed(seller)
    propose_outcome(clearance, outcome="lifted", reason="Too little.", by=first, at=LATER + DAY)
    open_still = answer_outcome(clearance, agreed=False, reason="Enough.", by=second, at=LATER + DAY)
    assert (open_still.state, open_still.review_outcome) == ("under_review", "")
    propose_outcome(clearance, outcome="stands", reason="Enough.", by=second, at=LATER + DAY)
    assert answer_outcome(clearance, agreed=True, reason="All right.", by=first, at=LATER + DAY).state == "in_force"


def test_when_the_last_one_falls_during_the_review_it_is_lifted(seller):
    clearance, first, _second, other = reviewed(seller)
    propose_outcome(clearance, outcome="stands", reason="One is enough.", by=first, at=LATER + DAY)
    overturned(other, at=LATER + 2 * DAY)
    assert (fresh(clearance).state, of(seller).state) == ("lifted", "active")


def test_another_auditor_stands_in_for_one_who_is_none_any_more(seller):
    clearance, first, second, _other = reviewed(seller)
    first.user.is_active = False
    first.user.save()
    stand_in = an_auditor()
    propose_outcome(clearance, outcome="stands", reason="One is enough.", by=second, at=LATER + DAY)
    assert answer_outcome(clearance, agreed=True, reason="Yes.", by=stand_in, at=LATER + DAY).state == "in_force"


def test_a_proposal_whose_ground_fell_is_not_lifted_but_cannot_be_approved(seller):
    violation = a_violation(seller, at=AT)
    clearance = a_proposal(seller, at=AT, cited=[violation])
    overturned(violation)
    assert fresh(clearance).state == "proposed"
    with pytest.raises(RuleBroken) as refused:
        approve_clearance(clearance, reason="So.", by=an_auditor(), at=LATER)
    assert refused.value.code == "ground_changed"


YEAR_LATER = datetime(2027, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize("newer", [EnrolmentState.APPLIED, EnrolmentState.ACTIVE])
def test_with_a_new_enrolment_meanwhile_one_is_active_and_no_more(seller, owner, newer):
    violation = a_violation(seller, at=AT)
    old = in_force(seller, at=AT, cited=[violation]).enrolment
    new = enrolments.apply(seller, by=owner, at=YEAR_LATER)
    if newer == EnrolmentState.ACTIVE:
        enrolments.activate(new, by=an_auditor(), at=YEAR_LATER + DAY)
    overturned(violation, at=YEAR_LATER + 2 * DAY)
    states = (fresh(old).state, fresh(new).state)
    if newer == EnrolmentState.ACTIVE:
        assert states == ("withdrawn", "active")
        assert fresh(old).left_at == YEAR_LATER
    else:
        assert states == ("active", "rejected")


def test_where_another_clearance_came_since_the_seller_stays_out(seller, owner):
    violation = a_violation(seller, at=AT)
    old = in_force(seller, at=AT, cited=[violation]).enrolment
    new = enrolments.apply(seller, by=owner, at=YEAR_LATER)
    enrolments.activate(new, by=an_auditor(), at=YEAR_LATER)
    in_force(seller, at=YEAR_LATER + DAY)
    overturned(violation, at=YEAR_LATER + 2 * DAY)
    assert (fresh(old).state, fresh(old).left_at) == ("withdrawn", YEAR_LATER + DAY)
    assert fresh(new).state == "cleared"
    assert bar_until(seller, YEAR_LATER + 2 * DAY) is not None


def test_only_clearances_that_cite_it_follow(seller):
    other = SellerFactory()
    kept = in_force(other, at=AT)
    violation = a_violation(seller, at=AT)
    in_force(seller, at=AT, cited=[violation])
    overturned(violation)
    assert fresh(kept).state == "in_force"
    assert of(other).state == "cleared"
    assert Violation.objects.count() == Clearance.objects.count()


def under_review(seller, first, second):
    """A clearance on three violations, one of which has fallen."""
    cited = [a_violation(seller, at=AT) for _number in range(3)]
    proposed = a_proposal(seller, at=AT, by=first, cited=cited)
    signed = approve_clearance(proposed, reason="So.", by=second, at=AT)
    overturned(cited[0])
    return fresh(signed), cited


def test_an_outcome_is_agreed_to_on_the_ground_it_was_proposed_on(seller):
    first, second = an_auditor(), an_auditor()
    clearance, cited = under_review(seller, first, second)
    propose_outcome(clearance, outcome="stands", reason="Two are enough.", by=first, at=LATER + DAY)
    overturned(cited[1], at=LATER + 2 * DAY)
    with pytest.raises(RuleBroken) as refused:
        answer_outcome(clearance, agreed=True, reason="Yes.", by=second, at=LATER + 3 * DAY)
    assert refused.value.code == "ground_changed"
    answer_outcome(clearance, agreed=False, reason="One is left.", by=second, at=LATER + 3 * DAY)
    propose_outcome(clearance, outcome="lifted", reason="One is not enough.", by=second, at=LATER + 3 * DAY)
    assert answer_outcome(clearance, agreed=True, reason="Yes.", by=first, at=LATER + 3 * DAY).state == "lifted"


def test_who_remains_of_the_two_is_one_of_those_who_review(seller):
    first, second = an_auditor(), an_auditor()
    clearance, _cited = under_review(seller, first, second)
    first.user.is_active = False
    first.user.save()
    stranger, another = an_auditor(), an_auditor()
    with pytest.raises(PermissionDenied):
        propose_outcome(clearance, outcome="lifted", reason="So.", by=stranger, at=LATER + DAY)
    propose_outcome(clearance, outcome="stands", reason="So.", by=second, at=LATER + DAY)
    assert answer_outcome(clearance, agreed=True, reason="Yes.", by=another, at=LATER + DAY).state == "in_force"


def test_where_both_have_left_two_others_review(seller):
    first, second = an_auditor(), an_auditor()
    clearance, _cited = under_review(seller, first, second)
    for gone in (first.user, second.user):
        gone.is_active = False
        gone.save()
    propose_outcome(clearance, outcome="stands", reason="So.", by=an_auditor(), at=LATER + DAY)
    assert answer_outcome(clearance, agreed=True, reason="Yes.", by=an_auditor(), at=LATER + DAY).state == "in_force"


@pytest.mark.parametrize("step", ["approve", "decline", "propose the outcome", "agree", "disagree"])
def test_no_step_of_a_clearance_is_taken_without_a_reason(seller, step):
    first, second = an_auditor(), an_auditor()
    if step in ("approve", "decline"):
        clearance = a_proposal(seller, at=AT, by=first)
    else:
        clearance, _cited = under_review(seller, first, second)
    if step in ("agree", "disagree"):
        propose_outcome(clearance, outcome="lifted", reason="So.", by=first, at=LATER + DAY)
    take = {
        "approve": approve_clearance,
        "decline": decline_clearance,
        "propose the outcome": partial(propose_outcome, outcome="lifted"),
        "agree": partial(answer_outcome, agreed=True),
        "disagree": partial(answer_outcome, agreed=False),
    }[step]
    before = (fresh(clearance).state, fresh(clearance).review_outcome, Event.objects.count())
    for nothing in ("", "  \n"):
        with pytest.raises(RuleBroken) as refused:
            take(clearance, reason=nothing, by=second, at=LATER + 2 * DAY)
        assert (refused.value.code, refused.value.status) == ("reason_required", 422)
    assert (fresh(clearance).state, fresh(clearance).review_outcome, Event.objects.count()) == before
    take(clearance, reason="So it is.", by=second, at=LATER + 2 * DAY)
    assert Event.objects.count() > before[2], "with one it is"
