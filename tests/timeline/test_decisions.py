"""Four eyes: another person decides, once."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from tests.factories.accounts import AuditorFactory, UserFactory
from tests.factories.timeline import AT
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor, Channel, system
from zestech_aftersales.accounts.models import User
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.actions.decisions import decide, put_forward
from zestech_aftersales.timeline.models import Decision, Event
from zestech_aftersales.timeline.queries import decisions_about

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


@action
def propose(*, by: Actor, at: datetime, reason: str = "Third violation") -> Decision:
    """As the actions of higher apps do it."""
    return put_forward(kind="clearance", subject="seller/5", reason=reason, clause="3.2", by=by, at=at)


@action
def approve(decision: Decision, *, by: Actor, at: datetime) -> Decision:
    return decide(decision, approved=True, reason="", by=by, at=at)


@action
def decline(decision: Decision, *, reason: str, by: Actor, at: datetime) -> Decision:
    return decide(decision, approved=False, reason=reason, by=by, at=at)


def by(person: User) -> Actor:
    return Actor(Channel.ADMIN, user=person)


def proposed(person: User) -> Decision:
    return propose(by=by(person), at=AT)


def test_another_person_approves():
    first, second = AuditorFactory(), AuditorFactory()
    decision = approve(proposed(first), by=by(second), at=LATER)
    assert (decision.state, decision.proposer, decision.approver) == ("approved", first, second)
    assert (decision.proposed_at, decision.decided_at) == (AT, LATER)
    told = Event.objects.order_by("id").values_list("kind", "clause", "actor", "before", "after", "effective_at")
    assert list(told) == [
        ("decision.proposed", "3.2", first.pk, None, {"state": "proposed"}, AT),
        ("decision.approved", "3.2", second.pk, {"state": "proposed"}, {"state": "approved"}, LATER),
    ]
    assert Event.objects.first().detail == {"kind": "clearance", "subject": "seller/5", "reason": "Third violation"}


def test_another_person_declines_with_a_reason():
    decision = proposed(AuditorFactory())
    with pytest.raises(RuleBroken) as refused:
        decline(decision, reason=" ", by=by(AuditorFactory()), at=LATER)
    assert (refused.value.code, refused.value.status, refused.value.clause) == ("reason_required", 422, "3.2")
    declined = decline(decision, reason="Not proven", by=by(AuditorFactory()), at=LATER)
    assert (declined.state, declined.answer) == ("declined", "Not proven")
    assert Event.objects.last().detail["reason"] == "Not proven"


def test_nothing_is_proposed_without_a_reason():
    with pytest.raises(RuleBroken) as refused:
        propose(reason=" ", by=by(AuditorFactory()), at=AT)
    assert (refused.value.code, refused.value.status, refused.value.clause) == ("reason_required", 422, "3.2")


def test_the_proposer_alone_decides_nothing():
    first = AuditorFactory()
    decision = proposed(first)
    for step in (partial(approve), partial(decline, reason="I changed my mind")):
        with pytest.raises(PermissionDenied, match="another person"):
            step(decision, by=by(first), at=LATER)
    assert Decision.objects.get().state == "proposed"
    assert Event.objects.count() == 1


@pytest.mark.parametrize("way", ["buyer", "system"])
def test_only_staff_propose_and_decide(way):
    actor = by(UserFactory()) if way == "buyer" else system()
    with pytest.raises(PermissionDenied, match="staff"):
        propose(by=actor, at=AT)
    with pytest.raises(PermissionDenied, match="staff"):
        approve(proposed(AuditorFactory()), by=actor, at=AT)


def test_what_is_decided_stays_decided():
    decision = approve(proposed(AuditorFactory()), by=by(AuditorFactory()), at=AT)
    with pytest.raises(TransitionNotAllowed):
        decline(decision, reason="On second thought", by=by(AuditorFactory()), at=LATER)


def test_the_database_refuses_one_person_on_both_sides():
    first = AuditorFactory()
    decision = proposed(first)
    for values in ({"state": "approved"}, {"state": "approved", "approver": first}, {"approver": first}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**values)


def test_the_state_is_set_by_transitions_only():
    with pytest.raises(AttributeError):
        proposed(AuditorFactory()).state = "approved"


def test_the_decisions_about_a_thing_are_read_with_their_people(django_assert_num_queries):
    old, new = proposed(AuditorFactory()), proposed(AuditorFactory())
    approve(old, by=by(AuditorFactory()), at=AT)
    with django_assert_num_queries(1):
        read = [(d, bool(d.proposer.name), d.approver and bool(d.approver.name)) for d in decisions_about("seller/5")]
    assert read == [(new, True, None), (old, True, True)]
    assert not decisions_about("seller/6")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does():
    decision = proposed(AuditorFactory())
    second, third = AuditorFactory(), AuditorFactory()
    outcomes = side_by_side(
        partial(approve, decision, by=by(second), at=LATER),
        partial(decline, decision, reason="Not proven", by=by(third), at=LATER),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Decision", "TransitionNotAllowed"]
    assert Event.objects.count() == 2
