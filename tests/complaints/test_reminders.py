"""The limits of the judgement remind whoever can still answer, and their end is told (3.2 to 3.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases.deadlines import settle
from cases.reminders import loop
from complaints.models import JudgementClock, JudgementDeadline, JudgementReminder
from complaints.sweep import sweep
from tests.factories import audits as audited
from tests.factories import cases as make
from tests.factories import complaints as file
from tests.factories import losses as lost
from tests.factories import violations as judged
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.timeline.announcers import announcer_of
from zestech_aftersales.timeline.models import Delivery, Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

MICROSECOND = timedelta(microseconds=1)


def remind(at):
    return loop.remind(now=lambda: at)


def limit_of(clock):
    return JudgementDeadline.objects.get(clock=clock)


def walked(limit):
    """Let the loop walk every step of a limit; who was reminded at which."""
    length = limit.due_at - limit.started_at
    for step in (50, 75, 90):
        at = limit.started_at + length * step // 100
        limit = make.fresh(limit)
        assert limit.next_reminder_at == at
        remind(at)
        told = JudgementReminder.objects.filter(limit=limit, step=step)
        event = Event.objects.get(subject=f"judgement-limit/{limit.pk}", detail__step=step)
        assert (event.effective_at, event.clause) == (at, limit.clause)
        assert {each.event_id for each in told} == {event.pk}
    limit = make.fresh(limit)
    assert limit.next_reminder_at is None
    reminders = JudgementReminder.objects.filter(limit=limit).order_by("id")
    return sorted({(each.step, each.person.name) for each in reminders})


def words(limit, person):
    event = Event.objects.filter(subject=f"judgement-limit/{limit.pk}").latest("id")
    return announcer_of(event.stream).notice(event, person)


def named(seller):
    make.a_member(seller, Seat.STAFF, name="staff")
    return make.a_member(seller, Seat.OWNER, name="owner")


LADDER = [(50, "staff"), (75, "owner"), (75, "staff"), (90, "owner"), (90, "staff")]


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("clock", [JudgementClock.HEARING, JudgementClock.APPEAL])
def test_the_seller_of_a_violation_is_reminded_of_his_hearing_and_his_appeal(clock):
    violation = judged.a_notified() if clock == JudgementClock.HEARING else judged.a_confirmed()
    owner = named(violation.seller)
    assert walked(limit_of(clock)) == LADDER
    notice = words(limit_of(clock), owner)
    assert notice.url == f"/dashboard/judgement/violations/{violation.pk}/"
    assert "rule 3.2" in notice.text


@pytest.mark.clause("3.2")
def test_an_answer_ends_the_reminders():
    violation = judged.a_notified()
    named(violation.seller)
    judged.an_answered(violation)
    assert limit_of(JudgementClock.HEARING).next_reminder_at is None
    assert remind(judged.HEARD) == 0


@pytest.mark.clause("3.2")
def test_the_seller_is_reminded_of_the_hearing_of_an_audit():
    audit = audited.a_notified()
    owner = named(audit.seller)
    assert walked(limit_of(JudgementClock.HEARING)) == LADDER
    assert words(limit_of(JudgementClock.HEARING), owner).url == f"/dashboard/judgement/audits/{audit.pk}/"


@pytest.mark.clause("3.4")
def test_the_seller_is_reminded_of_a_loss_claim():
    claim = lost.a_notified()
    owner = named(claim.seller)
    assert walked(limit_of(JudgementClock.LOSS_ANSWER)) == LADDER
    notice = words(limit_of(JudgementClock.LOSS_ANSWER), owner)
    assert notice.url == f"/dashboard/judgement/losses/{claim.pk}/"
    assert "counts as not contested" in notice.text


@pytest.mark.clause("3.3")
def test_both_sides_are_reminded_before_a_negotiation_ends():
    complaint = file.filed()
    named(complaint.seller)
    name = complaint.buyer.name
    assert walked(limit_of(JudgementClock.AUTO_ESCALATION)) == sorted([*LADDER, (50, name), (75, name), (90, name)])
    notice = words(limit_of(JudgementClock.AUTO_ESCALATION), complaint.buyer)
    assert notice.url == f"/portal/complaints/{complaint.reference}/"


@pytest.mark.clause("3.3")
@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_only_the_side_that_was_asked_is_reminded_of_evidence(side):
    complaint = file.escalated()
    named(complaint.seller)
    file.asked(complaint, side, at=file.NEGOTIATED + file.HOUR)
    told = {name for _step, name in walked(limit_of(JudgementClock.EVIDENCE))}
    assert told == ({complaint.buyer.name} if side == "buyer" else {"owner", "staff"})


@pytest.mark.clause("3.3")
def test_both_sides_are_reminded_of_the_objection():
    complaint = file.determined()
    named(complaint.seller)
    told = {name for _step, name in walked(limit_of(JudgementClock.OBJECTION))}
    assert told == {complaint.buyer.name, "owner", "staff"}


@pytest.mark.clause("3.2")
@pytest.mark.parametrize("clock", ["hearing", "appeal"])
def test_the_seller_hears_of_the_end_of_his_time_after_the_margin_and_not_if_he_was_in_time(clock):
    violation = judged.a_notified() if clock == "hearing" else judged.a_confirmed()
    owner = named(violation.seller)
    due_at = limit_of(clock).due_at
    sweep(at=due_at + settle() + MICROSECOND)
    kind = f"violation.{clock}_over"
    while relay_batch(at=due_at + settle() + MICROSECOND):
        pass
    planned = Delivery.objects.filter(event__kind=kind, recipient=owner)
    assert {each.not_before for each in planned} == {due_at + settle()}
    event = Event.objects.get(kind=kind)
    assert announcer_of(event.stream).notice(event, owner)
    if clock == "hearing":
        judged.an_answered(violation, at=due_at)
    else:
        judged.an_appealed(violation, at=due_at)
    assert announcer_of(event.stream).notice(event, owner) is None
