"""S73 to S76: what is accepted, when it may be escalated, when it escalates by itself, and until when it can be filed."""

from datetime import timedelta

import pytest

from complaints.acceptance import Item
from complaints.models import Complaint, JudgementDeadline
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories.complaints import BREACH, ESCALATED, FILED, MICROSECOND, NEGOTIATED
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.models import Event

pytestmark = pytest.mark.django_db

SETTLED = timedelta(seconds=30)


def events(complaint, kind=None):
    found = Event.objects.filter(stream=complaint.subject).order_by("id")
    return list(found.filter(kind=kind) if kind else found)


@pytest.mark.scenario("S73")
@pytest.mark.clause("3.3")
def test_a_bank_transfer_is_not_accepted_and_told_where_to_go():
    complaint = file.filed(file.unanswered(protection="bank_transfer"))
    assert (complaint.state, complaint.failed_codes, complaint.ended_at) == ("rejected", ["not_trade_assurance"], FILED)
    items = [Item.from_json(kept) for kept in Complaint.objects.get().acceptance]
    assert [item.passed for item in items].count(True) == len(items) - 1 == 8
    failed = next(item for item in items if not item.passed)
    assert "trade assurance" in failed.reason
    assert "your bank or card company" in failed.pointer
    assert not JudgementDeadline.objects.exists()
    (event,) = events(complaint)
    assert (event.kind, event.after, event.detail["failed"]) == (
        "complaint.rejected", {"state": "rejected"}, ["not_trade_assurance"],
    )  # fmt: skip


@pytest.mark.scenario("S74")
@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
def test_the_buyer_escalates_after_three_natural_days_and_not_an_instant_before():
    complaint = file.filed()
    assert (complaint.state, complaint.negotiation_ends_at) == ("negotiating", NEGOTIATED)
    with pytest.raises(RuleBroken) as told:
        file.escalated(complaint, at=NEGOTIATED)
    assert (told.value.code, told.value.status) == ("too_early", 409)
    assert instant(told.value.context["until"]) == NEGOTIATED
    assert make.fresh(complaint).state == "negotiating"
    after = file.escalated(complaint, at=NEGOTIATED + MICROSECOND)
    assert (after.state, after.escalated_at) == ("escalated", NEGOTIATED + MICROSECOND)
    limit = JudgementDeadline.objects.get()
    assert (limit.state, limit.due_at) == ("met", ESCALATED)


@pytest.mark.scenario("S75")
@pytest.mark.clause("3.4")
def test_it_escalates_by_itself_when_nobody_acts():
    complaint = file.filed()
    assert sweep(at=ESCALATED + SETTLED) == 0
    assert make.fresh(complaint).state == "negotiating"
    swept_at = ESCALATED + SETTLED + MICROSECOND
    assert sweep(at=swept_at) == 1
    fresh = make.fresh(complaint)
    assert (fresh.state, fresh.escalated_at) == ("escalated", ESCALATED)
    (event,) = events(complaint, "complaint.escalated")
    assert (event.effective_at, event.recorded_at, event.actor_kind) == (ESCALATED, swept_at, "system")
    assert sweep(at=swept_at + timedelta(hours=1)) == 0


@pytest.mark.scenario("S76")
@pytest.mark.clause("3.3")
def test_it_is_filed_up_to_the_last_instant_of_the_ninetieth_day():
    last = instant("2026-06-02T16:00:00Z")
    one, other = file.unanswered(), file.unanswered()
    in_time = file.filed(one, at=last)
    assert (in_time.breach_at, in_time.state) == (BREACH, "negotiating")
    late = file.filed(other, at=last + MICROSECOND)
    assert (late.state, late.failed_codes) == ("rejected", ["out_of_time"])
    item = next(Item.from_json(kept) for kept in late.acceptance if not kept["passed"])
    assert "4 Mar 2026" in item.reason
    assert "2 Jun 2026" in item.reason


@pytest.mark.clause("4.2")
def test_a_dispute_goes_from_negotiation_to_the_platforms_decision_and_its_review():
    complaint = file.escalated()
    buyer, seller = make.buyer_of(complaint), make.seller_of(complaint)
    request = file.asked(complaint, at=NEGOTIATED + file.HOUR)
    file.answered(request, by=seller, at=NEGOTIATED + 2 * file.HOUR)
    file.determined(complaint, at=NEGOTIATED + 3 * file.HOUR, liability="nobody")
    file.objected(complaint, by=buyer, at=NEGOTIATED + 4 * file.HOUR)
    after = file.reviewed(complaint, at=NEGOTIATED + 5 * file.HOUR, liability="seller")
    assert after.state == "reviewed"
    assert [each.liability for each in after.determinations.order_by("id")] == ["nobody", "seller"]
    states = [event.after["state"] for event in events(complaint)]
    assert states == ["negotiating", "escalated", "evidence", "evidence", "determined", "objected", "reviewed"]
