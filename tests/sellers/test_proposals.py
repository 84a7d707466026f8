"""The system proposes for each term; the auditor accepts it or decides otherwise, with reasons (2.3.3)."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from sellers import queries
from sellers.actions import commitments
from sellers.models import CommitmentSource, SellerCommitment
from sellers.proposals import Leaning, proposed
from sellers.terms import Dimension, Offering, Promise
from tests.factories.accounts import AuditorFactory, SupportFactory
from tests.factories.sellers import ProductFactory
from zestech_aftersales.accounts.actors import Actor, Channel
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.clause("2.3.3")
D = Dimension
AT = datetime(2026, 3, 2, 1, 15, 30, tzinfo=UTC)
H24, H36, H72 = (Promise(D.RESPONSE_HOURS, hours) for hours in (24, 36, 72))
YEARS_2 = Promise(D.COVER_MONTHS, 24)
NO_DOOR = Promise(D.METHODS, "door", excludes=True)


@pytest.fixture
def law(db):
    return queries.edition_in_force(AT).law


@pytest.mark.parametrize(
    ("said", "earlier", "leanings", "whole"),
    [
        ([H24], [], ["extending"], "extending"),
        ([Promise(D.RESPONSE_HOURS, 48)], [], ["neutral"], "neutral"),
        ([H72], [], ["narrowing"], "narrowing"),
        ([H36], [H24], ["narrowing"], "narrowing"),
        ([H24], [H24], ["neutral"], "neutral"),
        ([YEARS_2, H72], [], ["extending", "narrowing"], "mixed"),
        ([Promise(D.CHARGE, "free"), YEARS_2], [], ["neutral", "extending"], "extending"),
        ([NO_DOOR, Promise(D.METHODS, "point")], [], ["narrowing", "neutral"], "mixed"),
    ],
)
def test_what_is_proposed(law, said, earlier, leanings, whole):
    proposal = proposed(said, law, earlier, Offering())
    assert [term.leaning for term in proposal.terms] == leanings
    assert proposal.whole == Leaning(whole)


def test_the_reason_names_what_it_was_compared_with(law):
    [by_rules] = proposed([H72], law, [], Offering()).terms
    [by_earlier] = proposed([H36], law, [H24], Offering()).terms
    assert by_rules.reason == "The rules give: hours to respond: 48 (rule 2.3.1)."
    assert by_earlier.reason == "Promised before: hours to respond: 24."


@pytest.fixture
def recorded(db):
    """A mixed sentence that support recorded on a buyer's report."""
    product = ProductFactory()
    return commitments.record_commitment(
        product.seller,
        product,
        source=CommitmentSource.PAGE,
        statement="Two years, but we answer in three days.",
        terms=[YEARS_2, H72],
        by=Actor(channel=Channel.ADMIN, user=SupportFactory()),
        at=AT,
    )


@pytest.fixture
def auditor(db):
    return Actor(channel=Channel.ADMIN, user=AuditorFactory())


def verdicts(commitment):
    return [(term.state, term.reason) for term in commitment.terms.all()]


def test_without_decisions_the_proposal_holds(recorded, auditor):
    commitments.judge(recorded, by=auditor, at=AT)
    assert verdicts(recorded) == [("binding", "extends"), ("void", "narrows_rules")]
    event = Event.objects.get(kind="commitment.split")
    assert (event.detail["proposed"], event.detail["terms"][1]["proposed"]) == ("mixed", "narrows_rules")


def test_an_auditor_who_differs_says_why(recorded, auditor):
    years, _hours = recorded.terms.all()
    decisions = {years.pk: "no_promise"}
    with pytest.raises(RuleBroken, match="reason_missing"):
        commitments.judge(recorded, by=auditor, at=AT, decisions=decisions)
    commitments.judge(recorded, by=auditor, at=AT, decisions=decisions, reason="He spoke of the battery.")
    assert SellerCommitment.objects.get().state == "void"
    assert verdicts(recorded) == [("void", "no_promise"), ("void", "narrows_rules")]


@pytest.mark.parametrize("verdict", ["extends", "neutral"])
def test_nobody_binds_what_is_below_the_rules(recorded, auditor, verdict):
    hours = recorded.terms.get(dimension=D.RESPONSE_HOURS)
    with pytest.raises(RuleBroken, match="narrower_than_rules"):
        commitments.judge(recorded, by=auditor, at=AT, decisions={hours.pk: verdict}, reason="So.")
    assert SellerCommitment.objects.get().state == "recorded"


def test_only_an_auditor_decides(recorded):
    with pytest.raises(PermissionDenied):
        commitments.judge(recorded, by=Actor(channel=Channel.ADMIN, user=SupportFactory()), at=AT)


@pytest.mark.usefixtures("frozen")
def test_the_proposal_stands_beside_the_decision_at_the_staff_desk(recorded, auditor, client):
    client.force_login(auditor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"{reverse('admin:sellers_sellercommitment_step', args=['judge'])}?thing={recorded.pk}"
    page = client.get(address).content.decode()
    assert "Proposed: extending (the whole: mixed). The rules give: months of cover: 12 (rule 2.3.4)." in page
    assert "Two years, but we answer in three days." in page
    years, hours = recorded.terms.all()
    typed = {f"term_{years.pk}": "no_promise", f"term_{hours.pk}": "narrows_rules"}
    answer = client.post(address, typed)
    assert "Say why you differ from the proposal." in answer.content.decode()
    client.post(address, {**typed, "reason": "He spoke of the battery."})
    assert SellerCommitment.objects.get().state == "void"


@pytest.mark.usefixtures("frozen")
def test_accepted_as_it_stands_no_reason_is_needed(recorded, auditor, client):
    client.force_login(auditor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = f"{reverse('admin:sellers_sellercommitment_step', args=['judge'])}?thing={recorded.pk}"
    years, hours = recorded.terms.all()
    client.post(address, {f"term_{years.pk}": "extends", f"term_{hours.pk}": "narrows_rules"})
    assert SellerCommitment.objects.get().state == "split"
