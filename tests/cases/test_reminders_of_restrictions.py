"""A buyer is reminded of his hearing before a restriction and of his appeal against it, by the steps of each (4.1.3)."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail

from cases.actions.restrictions import answer_finding, appeal, decide_restriction
from cases.models import Restriction, RestrictionReminder
from cases.reminders import loop
from cases.verification import Tally, verify
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.instants import instant
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.timeline.deliveries import deliver_batch
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.clause("4.1.3")]

R0 = instant("2026-03-02T01:15:30Z")
HOUR, DAY, MICROSECOND = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


def remind(at):
    loop.remind(now=lambda: at)
    return [(each.amount, each.step) for each in RestrictionReminder.objects.order_by("id")]


def halfway(restriction):
    return restriction.started_at + (restriction.due_at - restriction.started_at) / 2


def decided(restriction, at):
    return decide_restriction(restriction, approved=True, reason="So it is.", by=claim.an_auditor(), at=at)


def test_hearing_and_appeal_remind_the_buyer_each_by_its_own_steps():
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    assert remind(halfway(restriction) - MICROSECOND) == []
    assert remind(halfway(restriction)) == [(5, 50)]
    assert remind(halfway(restriction) + HOUR) == [(5, 50)]
    decided(restriction, restriction.hearing_due_at + HOUR)
    restriction = Restriction.objects.select_related("cover__buyer").get()
    assert remind(halfway(restriction) - MICROSECOND) == [(5, 50)]
    assert remind(halfway(restriction)) == [(5, 50), (15, 50)]
    assert {each.person for each in RestrictionReminder.objects.all()} == {restriction.cover.buyer}


def reminders_read(at):
    """The mails that remind, as they go out at an instant."""
    while relay_batch(at=at):
        pass
    mail.outbox.clear()
    while deliver_batch(at=at, limit=50):
        pass
    return [each.body for each in mail.outbox if "reminder" in each.subject]


def test_an_edition_that_gives_both_the_same_days_reminds_of_both():
    RuleEdition.objects.create(
        number=2, numbers=NUMBERS | {"hearing_days": NUMBERS["appeal_days"]},
        published_at=R0 - 900 * DAY, effective_at=R0 - 800 * DAY,
    )  # fmt: skip
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    assert remind(halfway(restriction)) == [(15, 50)]
    decided(restriction, restriction.hearing_due_at + HOUR)
    restriction = Restriction.objects.select_related("cover__buyer").get()
    # The hearing's reminder says nothing of the appeal, whose time has only begun.
    assert reminders_read(restriction.started_at) == []
    assert remind(halfway(restriction)) == [(15, 50), (15, 50)]
    assert [each.clock for each in RestrictionReminder.objects.order_by("id")] == ["hearing", "appeal"]
    [text] = reminders_read(halfway(restriction))
    assert "After that the decision can no longer be appealed." in text
    assert list(verify(Tally(), at=instant("2020-01-01T00:00:00Z"))) == []


def test_reminders_of_before_are_given_the_clock_that_their_event_tells():
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    remind(halfway(restriction))
    decided(restriction, restriction.hearing_due_at + HOUR)
    restriction = Restriction.objects.select_related("cover__buyer").get()
    remind(halfway(restriction))
    RestrictionReminder.objects.update(clock="")
    step = import_module("cases.migrations.0002_restriction_reminders_name_their_clock")
    step.name_the_clock(apps, None)
    assert [each.clock for each in RestrictionReminder.objects.order_by("id")] == ["hearing", "appeal"]


def test_the_mail_says_until_when_and_what_follows():
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    at = halfway(restriction)
    remind(at)
    [text] = reminders_read(at)
    assert "Without an answer by then it is decided without one." in text
    assert f"/portal/restrictions/{restriction.pk}/" in text


def test_who_has_answered_or_appealed_is_left_alone():
    restriction = claim.a_restriction(make.a_cover(), at=R0)
    buyer = make.buyer_of(restriction.cover)
    answer_finding(restriction, "They were different faults.", by=buyer, at=R0 + HOUR)
    assert remind(halfway(restriction)) == []
    decided(restriction, restriction.hearing_due_at)
    restriction = Restriction.objects.get()
    appeal(restriction, "It is wrong.", by=buyer, at=restriction.started_at + HOUR)
    assert remind(halfway(restriction)) == []
    assert Restriction.objects.get().next_reminder_at is None
