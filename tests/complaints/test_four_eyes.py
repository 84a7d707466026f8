"""Every kind of Decision by one person alone (refused), by two, and by several at one moment (invariant 9)."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from complaints.models import Clearance
from tests.factories.proposals import KINDS, a_review, an_edition
from tests.timeline.side_by_side import side_by_side
from zestech_aftersales.timeline import waiting
from zestech_aftersales.timeline.models import Decision

TRIALS = 3
each_kind = pytest.mark.parametrize("put", KINDS, ids=[each.__name__.partition("_")[2] for each in KINDS])


def of(put):
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
