"""Every kind of Decision by one person alone (refused), by two, and by several at one moment (invariant 9)."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F

from cases.actions.claim_rulings import REVOCATION, decide_revocation, propose_revocation
from cases.actions.editions import EDITION, decide_draft
from cases.actions.outages import OUTAGE_TOLL, decide_outage, propose_outage
from cases.actions.restrictions import RESTRICTION, decide_restriction
from complaints.actions import losses
from complaints.actions.clearances import CLEARANCE, REVIEW, answer_outcome, approve_clearance, propose_outcome
from complaints.actions.losses import LOSS
from complaints.models import Clearance
from complaints.sweep import let_groundless_fall
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import editions
from tests.factories import losses as lost
from tests.factories.clearances import a_proposal, a_violation
from tests.factories.sellers import SellerFactory
from tests.instants import instant
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.timeline import waiting
from zestech_aftersales.timeline.models import Decision

AT = instant("2026-03-02T01:15:30Z")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = AT + 40 * DAY
TRIALS = 3

Deciding = Callable[[Actor], object]


@dataclass(frozen=True)
class Put:
    """What one person has put forward: the decision's kind, who it was, who else may decide, and how one does."""

    kind: str
    first: Actor
    others: list[Actor]
    decide: Deciding


def a_clearance() -> Put:
    first = claim.an_auditor()
    thing = a_proposal(SellerFactory(), at=AT, by=first)
    others = [claim.an_auditor(), claim.an_auditor()]
    return Put(CLEARANCE, first, others, lambda by: approve_clearance(thing, reason="So.", by=by, at=LATER))


def a_review() -> Put:
    """Two violations are cited and one falls: the two auditors of the clearance review it."""
    seller, first, other = SellerFactory(), claim.an_auditor(), claim.an_auditor()
    cited = [a_violation(seller, at=AT), a_violation(seller, at=AT)]
    thing = approve_clearance(a_proposal(seller, at=AT, by=first, cited=cited), reason="So.", by=other, at=AT + HOUR)
    cited[0].groundless_since = AT + DAY
    cited[0].breach = f"deadline/{999_000_000 + cited[0].pk}"
    cited[0].save()
    let_groundless_fall(at=AT + DAY)
    propose_outcome(thing, outcome="stands", reason="It does.", by=first, at=AT + 2 * DAY)
    return Put(
        REVIEW, first, [other, other], lambda by: answer_outcome(thing, agreed=True, reason="Yes.", by=by, at=LATER)
    )


def a_loss() -> Put:
    first = lost.of_finance()
    thing = losses.put_up(lost.a_draft(), reason="Look.", by=first, at=lost.DRAFTED)
    others = [claim.an_auditor(), claim.an_auditor()]
    return Put(LOSS, first, others, lambda by: losses.approve(thing, reason="So.", by=by, at=lost.DRAFTED + HOUR))


def an_outage() -> Put:
    first = claim.an_administrator()
    thing = propose_outage(begins_at=AT - HOUR, ends_at=AT, reason="Away.", by=first, at=AT)
    others = [claim.an_administrator(), claim.an_administrator()]
    return Put(
        OUTAGE_TOLL, first, others, lambda by: decide_outage(thing, approved=True, reason="So.", by=by, at=LATER)
    )


def an_edition() -> Put:
    first = claim.an_administrator()
    thing = editions.a_proposal(date(2026, 9, 1), at=AT, by=first, response_hours=24)
    others = [claim.an_administrator(), claim.an_administrator()]
    return Put(EDITION, first, others, lambda by: decide_draft(thing, approved=True, reason="So.", by=by, at=LATER))


def a_restriction() -> Put:
    first = claim.an_auditor()
    thing = claim.a_restriction(make.a_cover(), at=AT, by=first)
    others = [claim.an_auditor(), claim.an_auditor()]
    decide = partial(decide_restriction, thing, approved=True, reason="So.", at=LATER)
    return Put(RESTRICTION, first, others, lambda by: decide(by=by))


def a_revocation() -> Put:
    first = claim.an_auditor()
    filed = claim.claimed(make.requested(at=AT), at=AT + DAY, proven=True)
    thing = claim.granted(filed, at=AT + DAY + HOUR)
    propose_revocation(thing, reason="Another year.", by=first, at=AT + 2 * DAY)
    others = [claim.an_auditor(), claim.an_auditor()]
    decide = partial(decide_revocation, thing, approved=True, reason="So.", at=LATER)
    return Put(REVOCATION, first, others, lambda by: decide(by=by))


KINDS: list[Any] = [a_clearance, a_review, a_loss, an_outage, an_edition, a_restriction, a_revocation]
each_kind = pytest.mark.parametrize("put", KINDS, ids=[each.__name__.partition("_")[2] for each in KINDS])


def of(put: Put) -> Decision:
    return Decision.objects.filter(kind=put.kind).latest("pk")


@pytest.mark.django_db
def test_every_kind_of_decision_is_tried_here():
    tried = {each().kind for each in KINDS}
    assert tried == set(waiting._signers)


@pytest.mark.django_db
@pytest.mark.scenario("S72")
@each_kind
def test_one_person_alone_is_refused(put):
    told = put()
    with pytest.raises(PermissionDenied):
        told.decide(told.first)
    assert (of(told).state, of(told).approver) == ("proposed", None)


@pytest.mark.django_db
@each_kind
def test_two_people_decide_and_nobody_decides_again(put):
    told = put()
    told.decide(told.others[0])
    decision = of(told)
    assert (decision.state, decision.proposer, decision.approver) == ("approved", told.first.user, told.others[0].user)
    with pytest.raises(Exception, match=r"."):
        told.decide(told.others[1])
    assert of(told).approver == told.others[0].user


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@each_kind
def test_of_several_at_one_moment_one_other_person_decides(put):
    for _trial in range(TRIALS):
        told = put()
        if put is a_review:
            assert Clearance.objects.latest("pk").state == "under_review"
        people = [told.first, *told.others]
        answers = side_by_side(*[partial(told.decide, by) for by in people])
        refused = [isinstance(answer, Exception) for answer in answers]
        assert refused[0], "the proposer never decides, whoever comes first"
        assert refused.count(False) == 1, answers
        decision = of(told)
        assert (decision.state, decision.approver) == ("approved", people[refused.index(False)].user)
        if put is an_edition:
            break  # a second one on that date is another refusal
    assert not Decision.objects.filter(approver=F("proposer")).exists()


DECIDES = {
    "decide", "_decide", "decide_draft", "decide_outage", "decide_restriction", "decide_revocation", "answer_outcome",
}  # fmt: skip


def deciding(step):
    """Whether a step answers a proposal: its action decides one, by itself or through the one it calls."""
    return bool(DECIDES & set(re.findall(r"\b(\w+)\(", inspect.getsource(inspect.unwrap(step.perform)))))


def test_every_step_that_answers_a_proposal_brings_back_the_one_it_showed():
    steps = [
        (model.__name__, step) for model, shown in admin.site._registry.items() for step in getattr(shown, "steps", ())
    ]
    answering = {(name, step.name) for name, step in steps if deciding(step)}
    assert len(answering) == 14
    assert answering == {(name, step.name) for name, step in steps if step.decides is not None}
