"""What comes by time is told only after the margin, and not at all once something in time has taken it back (T10)."""

import pytest

from cases.deadlines import settle
from complaints.actions import losses
from complaints.sweep import sweep
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories.complaints import HOUR, MICROSECOND, NEGOTIATED
from tests.instants import instant
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("3.3")]

OBJECTION_DUE = instant("2026-04-21T16:00:00Z")
EVIDENCE_DUE = instant("2026-04-17T16:00:00Z")


def told(thing, kind, person):
    """What somebody would be told now of an event."""
    return announcer_of(thing.subject).notice(Event.objects.get(stream=thing.subject, kind=kind), person)


@pytest.mark.clause("3.4")
def test_a_silent_seller_hears_that_a_loss_is_uncontested_only_after_the_margin():
    claim = lost.a_notified()
    seller = make.seller_of(claim)
    with pytest.raises(RuleBroken, match="over"):
        losses.answer(claim, "Late.", contests=True, by=seller, at=lost.ANSWER_DUE + MICROSECOND)
    while relay_batch(at=lost.ANSWER_DUE + MICROSECOND):
        pass
    planned = Delivery.objects.filter(event__kind="loss.uncontested")
    assert planned
    assert {each.not_before for each in planned} == {lost.ANSWER_DUE + settle()}
    assert told(claim, "loss.uncontested", seller.user)
    losses.answer(claim, "Not ours.", contests=True, by=seller.with_key("in time"), at=lost.ANSWER_DUE)
    assert told(claim, "loss.uncontested", seller.user) is None


def test_a_decision_that_was_objected_to_in_time_is_not_told_as_final():
    complaint = file.determined()
    sweep(at=OBJECTION_DUE + settle() + HOUR)
    assert told(complaint, "complaint.closed", complaint.buyer)
    file.objected(complaint, by=make.seller_of(complaint), at=OBJECTION_DUE)
    assert told(complaint, "complaint.closed", complaint.buyer) is None


def test_who_is_asked_reads_what_for_and_until_when():
    complaint = file.escalated()
    file.asked(complaint, at=NEGOTIATED + HOUR)
    seller, buyer = make.seller_of(complaint).user, complaint.buyer
    asked = told(complaint, "complaint.evidence_asked", seller).text
    assert "Show the call list." in asked
    assert "Give evidence: by Fri 17 Apr 2026, 16:00 (UTC)" in asked
    assert "Show the call list." not in told(complaint, "complaint.evidence_asked", buyer).text


def test_a_decision_says_until_when_one_can_object():
    complaint = file.determined()
    for person in (make.seller_of(complaint).user, complaint.buyer):
        text = told(complaint, "complaint.determined", person).text
        assert "Object to the determination: by Tue 21 Apr 2026, 16:00 (UTC)" in text


def test_evidence_in_time_is_not_told_as_silence():
    complaint = file.escalated()
    asked = file.asked(complaint, at=NEGOTIATED + HOUR)
    sweep(at=EVIDENCE_DUE + settle() + HOUR)
    assert told(complaint, "complaint.evidence_silent", complaint.buyer)
    file.answered(asked, by=make.seller_of(complaint), at=EVIDENCE_DUE)
    assert told(complaint, "complaint.evidence_silent", complaint.buyer) is None
