"""Commitments: recorded, judged term by term, superseded, ended (2.3.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from sellers import queries
from sellers.actions import commitments
from sellers.models import CommitmentSource, CommitmentState, SellerCommitment
from sellers.terms import Dimension, Promise
from tests.factories.accounts import AuditorFactory, FinanceFactory, SupportFactory, UserFactory
from tests.factories.sellers import CommitmentFactory, ProductFactory, SellerFactory, commit, member_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
TICK, DAY = timedelta(microseconds=1), timedelta(days=1)
D, S = Dimension, CommitmentSource


@pytest.fixture
def product():
    return ProductFactory()


@pytest.fixture
def owner(product):
    return member_of(product.seller)


def say(product, *terms, by, at=AT, source=S.PAGE, **more):
    about = {"seller": product.seller, "product": product} | more.pop("about", {})
    return commitments.record_commitment(
        about["seller"],
        about["product"],
        source=source,
        statement="; ".join(term.text for term in terms) or "nothing",
        terms=terms,
        by=by,
        at=at,
        **more,
    )


def hours(value):
    return Promise(D.RESPONSE_HOURS, value)


@pytest.mark.clause("2.3.3")
def test_s34_a_shorter_reply_binds(product, owner):
    said = say(product, hours(24), by=owner)
    assert said.state == CommitmentState.BINDING
    assert queries.best_terms(product, AT) == {"response_hours": 24}


@pytest.mark.clause("2.3.3")
def test_s35_a_longer_reply_is_void(product, owner):
    said = say(product, hours(72), by=owner)
    assert said.state == CommitmentState.VOID
    assert [term.reason for term in said.terms.all()] == ["narrows_rules"]
    assert queries.best_terms(product, AT) == {}


@pytest.mark.clause("2.3.3")
def test_the_rest_of_a_mixed_sentence_survives(product, owner):
    said = say(product, Promise(D.COVER_MONTHS, 24), hours(72), Promise(D.METHODS, "door", excludes=True), by=owner)
    assert said.state == CommitmentState.SPLIT
    assert [(term.dimension, term.state) for term in said.terms.all()] == [
        ("cover_months", "binding"),
        ("response_hours", "void"),
        ("methods", "void"),
    ]
    assert queries.best_terms(product, AT) == {"cover_months": 24}


@pytest.mark.parametrize(("months", "state"), [(24, "binding"), (12, "binding"), (6, "void")])
def test_a_promised_cover(product, owner, months, state):
    assert say(product, Promise(D.COVER_MONTHS, months), by=owner).state == state


def test_it_binds_from_its_first_to_its_last_instant(product, owner):
    said = say(product, hours(24), by=owner)
    commitments.end(said, reason="Too costly.", by=owner, at=AT + DAY)
    bound = [bool(queries.binding_terms(product, AT + step)) for step in (-TICK, 0 * TICK, DAY, DAY + TICK)]
    assert bound == [False, True, True, False]


def test_of_several_the_best_holds_and_a_request_has_both_instants(product, owner):
    say(product, hours(24), Promise(D.COVER_MONTHS, 24), by=owner)
    first = SellerCommitment.objects.get()
    commitments.end(first, reason="Too costly.", by=owner, at=AT + DAY)
    say(product, hours(36), Promise(D.SOLUTION_HOURS, 30), by=owner, at=AT + 2 * DAY)
    assert queries.best_terms(product, AT + 3 * DAY) == {"response_hours": 36, "solution_hours": 30}
    # Placed while 24 h stood, requested later: the page as of placement and what was promised since.
    placed_and_requested = queries.best_terms(product, AT, AT + 3 * DAY)
    assert placed_and_requested == {"response_hours": 24, "solution_hours": 30, "cover_months": 24}


def test_a_promise_narrower_than_an_earlier_one_is_void(product, owner):
    say(product, hours(24), by=owner)
    assert say(product, hours(36), by=owner, at=AT + DAY).state == CommitmentState.VOID
    assert queries.best_terms(product, AT + DAY) == {"response_hours": 24}


def test_a_replacement_is_not_held_against_what_it_replaces(product, owner):
    first = say(product, hours(24), by=owner)
    second = say(product, hours(36), by=owner, at=AT + DAY, begins_at=AT, replaces=first)
    assert second.state == CommitmentState.BINDING
    first = SellerCommitment.objects.get(pk=first.pk)
    # It is never ended in the past: orders placed until now keep it.
    assert (first.state, first.ended_at) == (CommitmentState.SUPERSEDED, AT + DAY)
    assert queries.best_terms(product, AT + DAY) == {"response_hours": 24}
    assert queries.best_terms(product, AT + DAY + TICK) == {"response_hours": 36}


def test_what_is_said_of_all_products_holds_for_each(product, owner):
    say(product, hours(24), by=owner, source=S.UNILATERAL, about={"product": None})
    sibling, stranger = ProductFactory(seller=product.seller), ProductFactory()
    assert queries.best_terms(sibling, AT) == {"response_hours": 24}
    assert queries.best_terms(stranger, AT) == {}
    assert say(product, hours(36), by=owner).state == CommitmentState.VOID


def test_what_is_said_to_one_buyer_holds_for_that_buyer(product, owner):
    buyer, other = UserFactory(), UserFactory()
    say(product, hours(12), by=owner, source=S.COMMUNICATION, made_to=buyer)
    assert queries.best_terms(product, AT, buyer=buyer) == {"response_hours": 12}
    assert queries.best_terms(product, AT, buyer=other) == queries.best_terms(product, AT) == {}
    assert say(product, hours(24), by=owner).state == CommitmentState.BINDING


def test_what_staff_report_waits_for_an_auditor(product):
    support, auditor = Actor(Channel.ADMIN, SupportFactory()), Actor(Channel.ADMIN, AuditorFactory())
    said = say(product, hours(24), by=support)
    assert said.state == CommitmentState.RECORDED
    assert queries.best_terms(product, AT) == {}
    with pytest.raises(PermissionDenied):
        commitments.judge(said, by=support, at=AT)
    assert commitments.judge(said, by=auditor, at=AT).state == CommitmentState.BINDING
    with pytest.raises(TransitionNotAllowed):
        commitments.judge(said, by=auditor, at=AT)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"terms": []}, "terms_missing"),
        ({"terms": [hours(24), hours(24)]}, "terms_twice"),
        ({"statement": " "}, "statement_missing"),
        ({"source": S.COMMUNICATION}, "recipient_unclear"),
        ({"product": None}, "product_missing"),
        ({"seller": "other"}, "product_of_another"),
    ],
)
def test_a_sentence_that_cannot_stand_is_refused(product, owner, change, code):
    other = member_of(SellerFactory())
    given = {"seller": product.seller, "product": product, "source": S.PAGE, "statement": "So.", "terms": [hours(24)]}
    given |= change
    by = owner
    if given["seller"] == "other":
        given["seller"], by = queries.seller_of(other), other
    with pytest.raises(RuleBroken) as refused:
        commitments.record_commitment(given.pop("seller"), given.pop("product"), **given, by=by, at=AT)
    assert refused.value.code == code
    assert not SellerCommitment.objects.exists()
    assert not Event.objects.exists()


def test_only_one_about_the_same_thing_is_replaced(product, owner):
    sibling = ProductFactory(seller=product.seller)
    with pytest.raises(RuleBroken) as refused:
        say(product, hours(24), by=owner, replaces=commit(sibling, hours(24)))
    assert refused.value.code == "replaces_another"


def test_the_same_command_twice_is_one_commitment(product, owner):
    first = say(product, hours(24), by=owner.with_key("k"))
    assert say(product, hours(24), by=owner.with_key("k")) == first
    assert SellerCommitment.objects.count() == 1


def test_each_step_writes_one_event(product, owner):
    first = say(product, hours(24), by=owner)
    second = say(product, hours(20), by=owner, replaces=first)
    commitments.end(second, reason="Too costly.", by=owner, at=AT)
    told = Event.objects.order_by("id").values_list("kind", "clause", "subject")
    one, two = f"commitment/{first.pk}", f"commitment/{second.pk}"
    assert list(told) == [
        ("commitment.recorded", "2.3.3", one),
        ("commitment.binding", "2.3.3", one),
        ("commitment.superseded", "2.3.3", one),
        ("commitment.recorded", "2.3.3", two),
        ("commitment.binding", "2.3.3", two),
        ("commitment.ended", "2.3.3", two),
    ]


def test_what_is_announced_is_not_taken_back(product, owner):
    said = say(product, hours(24), by=owner, begins_at=AT + DAY)
    assert queries.best_terms(product, AT) == {}
    with pytest.raises(RuleBroken) as refused:
        commitments.end(said, reason="No.", by=owner, at=AT)
    assert refused.value.code == "not_begun"


@pytest.mark.parametrize("state", CommitmentState.values)
def test_what_may_follow_what(state):
    for step, sources in {
        "bind": {"recorded"},
        "void": {"recorded"},
        "split": {"recorded"},
        "supersede": {"binding", "split"},
        "end": {"binding", "split"},
    }.items():
        commitment = CommitmentFactory.build(seller=None, state=state)
        if state in sources:
            getattr(commitment, step)(AT)
            assert commitment.state != state
        else:
            with pytest.raises(TransitionNotAllowed):
                getattr(commitment, step)(AT)


def test_who_may_promise(product, owner):
    for other in (
        member_of(product.seller, Seat.ENGINEER),
        member_of(SellerFactory()),
        Actor(Channel.PORTAL, UserFactory()),
        Actor(Channel.ADMIN, FinanceFactory()),
    ):
        with pytest.raises(PermissionDenied):
            say(product, hours(24), by=other)
        with pytest.raises(PermissionDenied):
            commitments.end(commit(product, hours(24)), reason="So.", by=other, at=AT)
    assert say(product, hours(20), by=member_of(product.seller, Seat.STAFF))
