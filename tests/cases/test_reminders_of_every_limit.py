"""Every limit reminds: the engineer's rung, a longer limit, the sign-off, the proof; and who hears of a visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from cases.actions.exclusions import withdraw_claim
from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.actions.outages import decide_outage
from cases.actions.sign_offs import sign_off
from cases.actions.substitutes import send_another_engineer
from cases.actions.visits import check_in
from cases.models import Clock, ProofReminder, ReminderSent, SignOffReminder
from cases.outages import apply_outages
from cases.reminders import loop
from cases.reminders.visits import remind_of_visits
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories import visits as make_visit
from tests.factories.visits import BEGINS, ENDS, GRACE
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.timeline.deliveries import deliver_batch
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def remind(at):
    return loop.remind(now=lambda: at)


def delivered(at):
    """Let relay and mail run at an instant: (address, subject, text) of what goes out."""
    mail.outbox.clear()
    while relay_batch(at=at):
        pass
    while deliver_batch(at=at, limit=50):
        pass
    return [(each.to[0], each.subject, each.body) for each in mail.outbox]


def people(visit):
    """Owner, staff and the visit's engineer with mail addresses of their own."""
    seller = visit.appointment.seller
    make.a_member(seller, Seat.STAFF, email="staff@example.com")
    engineer = make.a_member(seller, Seat.ENGINEER, email="engineer@example.com")
    visit.engineer.user = engineer
    visit.engineer.save()
    return engineer


@pytest.fixture
def visit():
    return make_visit.planned()


@pytest.mark.clause("2.3.1")
def test_the_engineer_of_the_missed_visit_is_reminded_that_a_new_date_is_owed(visit):
    engineer = people(visit)
    make_visit.nobody_came(visit)
    begun = ENDS + GRACE
    remind(begun + 24 * HOUR)
    told = ReminderSent.objects.filter(step=50, deadline__clock=Clock.NEW_DATE)
    assert {each.person.email for each in told} == {"staff@example.com", engineer.email}
    remind(begun + 36 * HOUR)
    assert not ReminderSent.objects.filter(step=75, person=engineer).exists()


def test_the_engineer_of_an_earlier_visit_is_left_alone(visit):
    engineer = people(visit)
    make_visit.nobody_came(visit)
    at = ENDS + GRACE + HOUR
    proposal = make_visit.proposed(visit.appointment, by=make.seller_of(visit.appointment), at=at)
    second = make_visit.taken(proposal, by=make.buyer_of(visit.appointment), at=at + HOUR)
    other = make.an_engineer(visit.appointment.seller, user=make.a_member(visit.appointment.seller, Seat.ENGINEER))
    send_another_engineer(second, engineer=other, by=make.seller_of(second.appointment), at=at + 2 * HOUR)
    missed_at = second.ends_at + GRACE
    make_visit.nobody_came(second, at=missed_at)
    later: Any = missed_at + timedelta(hours=24)
    remind(later)
    heard = set(ReminderSent.objects.filter(sent_at=later).values_list("person", flat=True))
    assert other.user_id in heard
    assert engineer.pk not in heard


def test_the_engineer_hears_what_concerns_his_visit_and_nothing_else():
    appointment = make.requested(at=R0)
    engineer = make.an_engineer(appointment.seller)
    engineer.user = make.a_member(appointment.seller, Seat.ENGINEER, email="engineer@example.com")
    engineer.save()
    agreed = make.accepted(make.offered(appointment, at=R0), at=R0)
    assert "engineer@example.com" not in {address for address, _subject, _text in delivered(R0)}
    make_visit.confirm(agreed, items=make.ALL_ITEMS, engineer=engineer, by=make.seller_of(agreed), at=R0 + HOUR)
    told = [each for each in delivered(R0 + HOUR) if each[0] == "engineer@example.com"]
    assert [f"{agreed.case.reference}: Appointment confirmed" for _address, _subject, _text in told] == [
        subject for _address, subject, _text in told
    ]
    assert f"/dashboard/cases/{agreed.case.reference}/" in told[0][2]


def test_an_engineer_who_is_sent_elsewhere_learns_that_he_no_longer_comes(visit):
    people(visit)
    delivered(R0)
    seller = visit.appointment.seller
    other = make.an_engineer(seller, user=make.a_member(seller, Seat.ENGINEER, email="other@example.com"))
    send_another_engineer(visit, engineer=other, by=make.seller_of(visit.appointment), at=R0 + HOUR)
    texts = {address: text for address, _subject, text in delivered(R0 + HOUR)}
    assert f"/dashboard/cases/{visit.appointment.case.reference}/" in texts["other@example.com"]
    # He no longer reaches the case: his notice leads to his own plan and tells nothing of the buyer.
    assert "You no longer come to the visit" in texts["engineer@example.com"]
    assert "/dashboard/cases/" not in texts["engineer@example.com"]


def lengthened(appointment, amount, *, at):
    row = appointment.deadlines.get(clock=Clock.RESPONSE)
    proposal = propose_longer_limit(row, amount, "Parts come late.", by=make.seller_of(appointment), at=at)
    accept_longer_limit(proposal, by=make.buyer_of(appointment), at=at)
    return appointment.deadlines.get(clock=Clock.RESPONSE)


@pytest.mark.clause("2.3.3")
def test_a_longer_limit_agreed_on_after_the_last_step_reminds_by_its_own_length():
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF)
    for hours in (24, 36, 43.2):
        remind(R0 + hours * HOUR)
    row = lengthened(appointment, 96, at=R0 + 44 * HOUR)
    assert (row.reminded_step, row.next_reminder_at) == (0, R0 + 48 * HOUR)
    for hours in (48, 72, 86.4):
        remind(R0 + hours * HOUR)
    steps = row.reminders.order_by("id").values_list("amount", "step", flat=False).distinct()
    assert sorted(set(steps)) == [(48, 50), (48, 75), (48, 90), (96, 50), (96, 75), (96, 90)]
    assert remind(R0 + 90 * HOUR) == 0


def test_steps_of_the_longer_limit_that_are_behind_are_not_told_again():
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF)
    remind(R0 + 24 * HOUR)
    row = lengthened(appointment, 60, at=R0 + 31 * HOUR)
    # Half of 60 hours is over already; three quarters are at 45.
    assert (row.reminded_step, row.next_reminder_at) == (50, R0 + 45 * HOUR)


def test_a_reminder_of_the_shorter_limit_that_still_waits_is_not_sent():
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF, email="staff@example.com")
    delivered(R0)
    remind(R0 + 43.2 * HOUR)
    while relay_batch(at=R0 + 43.2 * HOUR):
        pass
    lengthened(appointment, 96, at=R0 + 43.2 * HOUR)
    assert not [subject for _address, subject, _text in delivered(R0 + 44 * HOUR) if "reminder" in subject]


@pytest.mark.clause("2.1.1")
def test_the_buyer_is_reminded_of_his_sign_off_and_told_of_its_end(visit):
    done = make_visit.done(visit)
    buyer = done.buyer
    row = done.sign_off
    # Until 24:00 of 12 March in Shanghai.
    length = row.due_at - BEGINS
    for step in (50, 75, 90):
        delivered(BEGINS)
        assert remind(BEGINS + length * step / 100 - MICROSECOND) == 0
        assert remind(BEGINS + length * step / 100) == 1
        [(address, subject, text)] = delivered(BEGINS + length * step / 100)
        assert (address, f"Sign off the service ({step} %" in subject) == (buyer.email, True)
        assert f"/portal/cases/{done.case.reference}/" in text
        assert "counts as signed off" in text
    assert list(SignOffReminder.objects.order_by("id").values_list("step", "person")) == [
        (50, buyer.pk), (75, buyer.pk), (90, buyer.pk),
    ]  # fmt: skip
    assert make.fresh(row).next_reminder_at is None


def test_a_service_that_is_signed_reminds_nobody(visit):
    done = make_visit.done(visit)
    sign_off(done, by=make.buyer_of(done), at=BEGINS + HOUR)
    assert make.fresh(done).sign_off.next_reminder_at is None
    assert remind(BEGINS + timedelta(days=5)) == 0


@pytest.mark.clause("4.1.2")
def test_the_seller_is_reminded_of_the_proof_he_owes():
    appointment = make.requested(at=R0)
    make.a_member(appointment.seller, Seat.STAFF, name="staff")
    make.a_member(appointment.seller, Seat.OWNER, name="owner")
    filed_at = instant("2026-03-03T02:00:00Z")
    filed = claim.claimed(appointment, at=filed_at)
    length = filed.proof_due_at - filed_at
    assert filed.next_reminder_at == filed_at + length / 2
    for step in (50, 75, 90):
        remind(filed_at + length * step / 100)
    told = ProofReminder.objects.order_by("id").values_list("step", "person__name")
    assert sorted(told) == [(50, "staff"), (75, "owner"), (75, "staff"), (90, "owner"), (90, "staff")]
    event = Event.objects.filter(kind="limit.reminded", subject=filed.cause).first()
    assert (event.clause, event.effective_at) == ("4.1.2", filed_at + length / 2)
    assert "the claim lapses" in "".join(text for _address, _subject, text in delivered(filed_at + length * 0.9))


def test_a_claim_that_is_withdrawn_reminds_nobody():
    filed_at = instant("2026-03-03T02:00:00Z")
    appointment = make.requested(at=R0)
    filed = claim.claimed(appointment, at=filed_at)
    withdraw_claim(filed, by=make.seller_of(appointment), at=filed_at + HOUR)
    assert make.fresh(filed).next_reminder_at is None
    assert ProofReminder.objects.count() == 0


@pytest.mark.clause("2.3.1")
def test_an_acknowledgement_states_the_limits_with_the_pause_at_their_start():
    before = R0 - 2 * HOUR
    outage = claim.an_outage(before, R0 + 5 * HOUR, at=R0 + 6 * HOUR)
    decide_outage(outage, approved=True, reason="Seen.", by=claim.an_administrator(), at=R0 + 6 * HOUR)
    apply_outages(now=lambda: R0 + 6 * HOUR)
    appointment = make.requested(at=R0)
    row = appointment.deadlines.get(clock=Clock.RESPONSE)
    assert row.due_at == R0 + 53 * HOUR
    texts = {address: text for address, _subject, text in delivered(R0 + 6 * HOUR)}
    stated = texts[appointment.buyer.email]
    assert "Respond to the request: by Wed 4 Mar 2026, 06:15 (UTC)" in stated
    assert stated.count("Respond to the request") == 1


@pytest.mark.clause("2.1.1")
def test_the_engineer_is_reminded_to_check_in_and_to_report_once_each(visit):
    engineer = people(visit)
    seller = make.seller_of(visit.appointment)
    delivered(R0)
    assert remind_of_visits(at=BEGINS - MICROSECOND) == 0
    assert remind_of_visits(at=BEGINS) == 1
    assert remind_of_visits(at=BEGINS + HOUR - MICROSECOND) == 0
    [(address, subject, text)] = delivered(BEGINS)
    assert (address, "check-in of your visit" in subject) == (engineer.email, True)
    assert f"/dashboard/cases/{visit.appointment.case.reference}/" in text
    check_in(visit, by=seller, at=BEGINS + HOUR)
    delivered(BEGINS + HOUR)
    assert remind_of_visits(at=ENDS - MICROSECOND) == 0
    assert remind_of_visits(at=ENDS) == 1
    [(address, subject, _text)] = delivered(ENDS)
    assert (address, "report of your visit" in subject) == (engineer.email, True)
    assert remind_of_visits(at=ENDS + 24 * HOUR) == 0


def test_a_visit_that_was_made_put_off_or_cancelled_reminds_nobody(visit):
    people(visit)
    make_visit.done(visit, at=BEGINS)
    cancelled = make_visit.planned()
    make.cancelled(cancelled.appointment, at=R0 + HOUR)
    moved = make_visit.planned()
    proposal = make_visit.proposed(moved.appointment, by=make.seller_of(moved.appointment), at=R0 + HOUR)
    make_visit.taken(proposal, by=make.buyer_of(moved.appointment), at=R0 + 2 * HOUR, window=1)
    assert remind_of_visits(at=BEGINS + HOUR - MICROSECOND) == 0


def test_a_reminder_that_is_overtaken_by_the_check_in_is_not_sent(visit):
    people(visit)
    delivered(R0)
    remind_of_visits(at=BEGINS)
    check_in(visit, by=make.seller_of(visit.appointment), at=BEGINS)
    assert not [subject for _address, subject, _text in delivered(BEGINS) if "of your visit" in subject]
