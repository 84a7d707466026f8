"""Editions, outages, decisions and commitments counted again from the events: a corrupted row is named."""

from datetime import date, timedelta

import pytest

from cases.actions.editions import change_draft, decide_draft
from cases.models import EditionDraft, Outage
from cases.verification import Tally, verify
from sellers.actions.commitments import record_commitment
from sellers.models import CommitmentSource, SellerCommitment, Term
from sellers.terms import Dimension, Promise
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.editions import a_draft, a_proposal
from tests.factories.sellers import commit
from tests.instants import instant
from zestech_aftersales.timeline.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.clause("5.2")]

NOON = instant("2026-03-02T04:00:00Z")
HOUR = timedelta(hours=1)


def found():
    return {(each.thing, each.what) for each in verify(Tally(), at=instant("2020-01-01T00:00:00Z"))}


def longer_response(draft):
    EditionDraft.objects.filter(pk=draft.pk).update(numbers={**draft.numbers, "response_hours": 72})


def decided_later():
    Decision.objects.filter(state="approved").update(decided_at=NOON + HOUR)


def test_what_was_published_tolled_and_promised_is_as_its_events_say():
    changed = change_draft(a_draft(at=NOON), {"response_hours": 24}, by=claim.an_administrator(), at=NOON)
    proposal = a_proposal(date(2026, 3, 9), at=NOON, response_hours=36)
    decide_draft(proposal, approved=True, reason="Agreed.", by=claim.an_administrator(), at=NOON)
    outage = claim.an_outage(NOON - 2 * HOUR, NOON - HOUR, at=NOON)
    promise = commit(make.a_product(), Promise(Dimension.RESPONSE_HOURS, 24))
    assert found() == set()
    longer_response(changed)
    decided_later()
    Outage.objects.filter(pk=outage.pk).update(state="applied")
    SellerCommitment.objects.filter(pk=promise.pk).update(state="void")
    names = {(thing.partition("/")[0], what) for thing, what in found()}
    assert names >= {("edition_draft", "numbers"), ("decision", "decided at"), ("outage", "state")}
    assert [what for name, what in names if "commitment" in name] == ["state"]


@pytest.mark.clause("2.3.3")
@pytest.mark.parametrize(
    "changed", [{"state": "binding", "reason": "extends"}, {"value": 24}, {"excludes": True}, {"reason": "neutral"}]
)
def test_a_term_that_is_not_as_it_was_judged_is_named(changed):
    promise = commit(make.a_product(), Promise(Dimension.COVER_MONTHS, 24), Promise(Dimension.RESPONSE_HOURS, 72))
    void = Term.objects.get(commitment=promise, state="void")
    assert found() == set()
    Term.objects.filter(pk=void.pk).update(**changed)
    assert found() == {(f"commitment/{promise.pk}", "terms")}


@pytest.mark.clause("2.3.3")
def test_a_term_that_nobody_has_judged_or_that_came_since_is_named():
    waits = record_commitment(
        make.a_seller(), None, source=CommitmentSource.UNILATERAL, statement="We reply within 24 hours.",
        terms=[Promise(Dimension.RESPONSE_HOURS, 24)], by=claim.a_supporter(), at=NOON,
    )  # fmt: skip
    promise = commit(make.a_product(), Promise(Dimension.RESPONSE_HOURS, 24))
    assert found() == set()
    waits.terms.update(state="binding", reason="extends")
    Term.objects.create(commitment=promise, dimension="cover_months", value=36, state="binding", reason="extends")
    assert found() == {(f"commitment/{waits.pk}", "terms"), (f"commitment/{promise.pk}", "terms")}
