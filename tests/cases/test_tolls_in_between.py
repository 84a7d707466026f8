"""An outage tolled between the receipt of what uses a time and its commit: the limit it moved is counted so (T7, T9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.actions.exclusions import add_proof
from cases.actions.outages import decide_outage
from cases.actions.restrictions import answer_finding, appeal, decide_restriction
from cases.beside import sum_of_proof, sums_of_restriction
from cases.models import Restriction
from cases.outages import apply_outages
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
BEFORE_SEALS = instant("2020-01-01T00:00:00Z")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def found():
    return [(each.thing, each.what) for each in verify(Tally(), at=BEFORE_SEALS)]


def tolled(begins_at):
    """Two hours away, tolled at once; until when."""
    ends_at = begins_at + 2 * HOUR
    outage = claim.an_outage(begins_at, ends_at, at=ends_at)
    decide_outage(outage, approved=True, reason="The logs say so.", by=claim.an_administrator(), at=ends_at)
    apply_outages(now=lambda: ends_at)
    return ends_at


@pytest.mark.clause("4.1.2")
def test_a_proof_received_just_before_a_toll_and_committed_after_it():
    filed = claim.claimed(make.requested(at=R0), at=R0 + 24 * HOUR)
    at = tolled(filed.proof_due_at - 3 * HOUR)
    moved = make.fresh(filed).proof_due_at
    assert moved > filed.proof_due_at
    by = make.seller_of(filed.appointment)
    add_proof(make.fresh(filed), "Weather office", [claim.PHOTO], by=by, at=at - MICROSECOND)
    assert sum_of_proof(make.fresh(filed)).agrees
    assert found() == []


@pytest.mark.clause("4.1.3")
def test_a_decision_and_an_appeal_received_just_before_a_toll_and_committed_after_it():
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    buyer = make.buyer_of(restriction.cover)
    answer_finding(restriction, "No.", by=buyer, at=R0)
    at = tolled(restriction.hearing_due_at - 3 * HOUR)
    decide_restriction(restriction, approved=True, reason="Yes.", by=claim.an_auditor(), at=at - MICROSECOND)
    assert found() == []
    restriction = Restriction.objects.select_related("cover__edition").get()
    at = tolled(restriction.appeal_due_at - 3 * HOUR)
    appeal(restriction, "Unfair.", by=buyer, at=at - MICROSECOND)
    restriction = Restriction.objects.select_related("cover__edition").get()
    assert [each.agrees for each in sums_of_restriction(restriction)] == [True, True]
    assert found() == []


@pytest.mark.clause("4.1.3")
@pytest.mark.parametrize("is_answered", [True, False])
def test_only_a_buyer_who_has_not_answered_is_told_of_more_time_to_be_heard(is_answered):
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    if is_answered:
        answer_finding(restriction, "No.", by=make.buyer_of(restriction.cover), at=R0)
    at = tolled(restriction.hearing_due_at - 3 * HOUR)
    assert Event.objects.filter(kind="restriction.tolled").count() == 1
    while relay_batch(at=at):
        pass
    told = Delivery.objects.filter(event__kind="restriction.tolled", recipient=restriction.cover.buyer)
    assert told.exists() is not is_answered
