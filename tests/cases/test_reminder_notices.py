"""What people read of their limits: stated at the request, reminded of on the way, told at the end."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.core import mail

from cases.actions.cancel import cancel
from cases.deadlines import settle
from cases.models import Clock
from cases.reminders import loop
from cases.sweep import sweep
from tests.factories import cases as make
from tests.factories.accounts import UserFactory
from tests.instants import instant
from zestech_aftersales.accounts.actors import Seat
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.services import ServiceMethod
from zestech_aftersales.timeline.deliveries import deliver_batch
from zestech_aftersales.timeline.models import Delivery
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = pytest.mark.django_db

R0 = instant("2026-03-02T01:15:30Z")
HALFWAY = R0 + timedelta(hours=24)
DUE = R0 + timedelta(hours=48)
MICROSECOND = timedelta(microseconds=1)


def told(at, *, remind=True):
    """Let the loops run at an instant; the mails that go out, as (address, subject, text)."""
    mail.outbox.clear()
    if remind:
        loop.remind(now=lambda: at)
    relay_batch(at=at)
    deliver_batch(at=at, limit=50)
    return [(each.to[0], each.subject, each.body) for each in mail.outbox]


@pytest.fixture
def cover():
    cover = make.a_cover(buyer_email="buyer@example.com")
    make.a_member(cover.seller, Seat.OWNER, email="owner@example.com", time_zone="Asia/Shanghai")
    make.a_member(cover.seller, Seat.STAFF, email="staff@example.com", time_zone="Europe/Berlin")
    told(R0 - timedelta(days=1), remind=False)
    return cover


@pytest.fixture
def appointment(cover):
    return make.requested(cover, at=R0)


@pytest.mark.clause("2.3.1")
def test_the_acknowledgement_of_a_door_visit_states_both_limits_to_both_sides(appointment):
    mails = {address: text for address, _subject, text in told(R0)}
    assert set(mails) == {"buyer@example.com", "owner@example.com", "staff@example.com"}
    for address, response, confirmation in (
        ("buyer@example.com", "Wed 4 Mar 2026, 01:15 (UTC)", "Mon 16 Mar 2026, 16:00 (UTC)"),
        ("owner@example.com", "Wed 4 Mar 2026, 09:15 (UTC+8)", "Tue 17 Mar 2026, 00:00 (UTC+8)"),
        ("staff@example.com", "Wed 4 Mar 2026, 02:15 (UTC+1)", "Mon 16 Mar 2026, 17:00 (UTC+1)"),
    ):
        assert f"Respond to the request: by {response}, rule 2.3.1" in mails[address]
        assert f"Confirm the appointment: by {confirmation}, rule 2.3.1" in mails[address]


@pytest.mark.clause("2.3.2")
def test_the_acknowledgement_of_remote_guidance_states_its_one_limit(cover):
    make.requested(cover, at=R0, method=ServiceMethod.REMOTE)
    for _address, _subject, text in told(R0):
        assert "Give a solution: by Wed 4 Mar 2026" in text
        assert "rule 2.3.2" in text
        assert "Confirm the appointment" not in text


def test_a_reminder_says_what_until_when_by_which_clause_and_what_follows(appointment):
    told(R0)
    [(address, subject, text)] = told(HALFWAY)
    reference = appointment.case.reference
    assert (address, subject) == (
        "staff@example.com",
        f"{reference}: reminder, Respond to the request (50 % of the time is over)",
    )
    for words in (
        "Respond to the request: by Wed 4 Mar 2026, 02:15 (UTC+1), rule 2.3.1",
        "counts as refused by the seller",
        f"/dashboard/cases/{reference}/",
        "/rules/#c-2.3.1",
    ):
        assert words in text
    shown = Delivery.objects.get(medium="in_app", subject=subject)
    assert (shown.recipient.email, shown.url) == (address, f"/dashboard/cases/{reference}/")


def test_the_buyers_reminder_leads_to_his_page(appointment):
    make.offered(appointment, at=R0 + timedelta(hours=1))
    told(R0 + timedelta(hours=1))
    at = appointment.deadlines.get(clock=Clock.BUYER_SILENCE).next_reminder_at
    [(address, subject, text)] = told(at)
    assert address == "buyer@example.com"
    assert "Decide on the offer" in subject
    assert "the offer lapses" in text
    assert f"/portal/cases/{appointment.case.reference}/" in text


@pytest.mark.parametrize("end", ["answered", "cancelled", "paused"])
def test_a_reminder_that_has_nothing_left_to_say_is_not_sent(appointment, end):
    told(R0)
    clock = Clock.CONFIRMATION if end == "paused" else Clock.RESPONSE
    at = appointment.deadlines.get(clock=clock).next_reminder_at
    if end == "paused":
        appointment.deadlines.filter(clock=Clock.RESPONSE).update(due_at=at + timedelta(days=1), next_reminder_at=None)
    loop.remind(now=lambda: at)
    relay_batch(at=at)
    if end == "cancelled":
        cancel(appointment, "", by=make.buyer_of(appointment), at=at)
    else:
        make.offered(appointment, at=at)
    assert not [subject for _address, subject, _text in told(at, remind=False) if "reminder" in subject]
    assert set(Delivery.objects.filter(event__kind="limit.reminded").values_list("state", flat=True)) == {"superseded"}


def quiet(email):
    person = UserFactory._meta.model.objects.get(email=email)
    person.quiet_from, person.quiet_until = time(0), time(23, 59)
    person.save()


def test_a_reminder_waits_for_quiet_hours_the_last_one_and_the_end_do_not(appointment):
    told(R0)
    for email in ("owner@example.com", "staff@example.com", "buyer@example.com"):
        quiet(email)
    assert told(HALFWAY) == []
    waiting = Delivery.objects.get(event__kind="limit.reminded", medium="mail")
    # 23:59 in Berlin.
    assert waiting.not_before == instant("2026-03-03T22:59:00Z")
    last = told(R0 + timedelta(hours=43.2))
    # The first one went into the quiet night; by now a later one has overtaken it.
    assert {(address, "90 %" in subject) for address, subject, _text in last} == {
        ("owner@example.com", True),
        ("staff@example.com", True),
    }
    sweep(now=lambda: DUE + settle() + MICROSECOND)
    ends = told(DUE + settle() + MICROSECOND)
    assert {address for address, _subject, _text in ends} == {
        "buyer@example.com",
        "owner@example.com",
        "staff@example.com",
    }
    assert all("Deemed refused" in subject for _address, subject, _text in ends)


@pytest.mark.clause("2.3.1")
@pytest.mark.parametrize(
    "wish", [{"digest_at": time(9)}, {"quiet_from": time(0), "quiet_until": time(23, 59)}], ids=["digest", "quiet"]
)
def test_whoever_wants_mail_later_has_no_later_limit(appointment, wish):
    told(R0)
    UserFactory._meta.model.objects.update(**wish)
    clocks = appointment.deadlines.order_by("id")
    due = list(clocks.values_list("due_at", flat=True))
    assert due[0] == DUE
    assert told(HALFWAY) == []
    waiting = Delivery.objects.get(event__kind="limit.reminded", medium="mail")
    assert waiting.in_digest is ("digest_at" in wish)
    assert waiting.not_before > HALFWAY
    assert list(clocks.values_list("due_at", flat=True)) == due
    sweep(now=lambda: DUE + settle() + MICROSECOND)
    refused = make.fresh(appointment)
    assert (refused.state, refused.ended_at) == ("deemed_refused", DUE)


def test_the_end_is_told_to_the_owner_only_when_no_answer_can_be_on_its_way(appointment):
    told(R0)
    late = DUE + timedelta(seconds=1)
    with pytest.raises(RuleBroken):
        make.offered(appointment, at=late)
    assert not [each for each in told(late) if "Deemed refused" in each[1]]
    assert not [each for each in told(DUE + settle() - MICROSECOND) if "Deemed refused" in each[1]]
    ends = told(DUE + settle())
    assert ["Deemed refused" in subject for address, subject, _text in ends if address == "owner@example.com"] == [True]
