"""The loops that beat wakes, and what the health page reads of them."""

from datetime import timedelta

import pytest
from django.core import mail

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, DeliveryFactory, make_event
from zestech_aftersales.timeline import deliveries, queries, relay, tasks
from zestech_aftersales.timeline.announcers import Recipient
from zestech_aftersales.timeline.models import Delivery, Undelivered

pytestmark = pytest.mark.django_db


def test_an_event_becomes_a_mail_and_a_notice(announcer, frozen):
    ann = UserFactory()
    announcer.recipients = [Recipient(ann)]
    make_event()
    tasks.relay()
    tasks.deliver()
    assert [message.to for message in mail.outbox] == [[ann.email]]
    assert [notice.subject for notice in queries.notices_for(ann)] == ["About test/1"]
    assert queries.last_beat("relay") == queries.last_beat("deliver") == frozen.instant


def test_a_run_is_bounded(announcer, frozen, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 2)
    monkeypatch.setattr(tasks, "RELAY_ROUNDS", 2)
    monkeypatch.setattr(deliveries, "BATCH", 2)
    monkeypatch.setattr(tasks, "DELIVERY_ROUNDS", 2)
    for _number in range(5):
        DeliveryFactory()
    tasks.relay()
    assert Undelivered.objects.count() == 1
    tasks.deliver()
    assert Delivery.objects.filter(state="pending").count() == 1


def test_the_oldest_debt_is_known(announcer, frozen):
    assert queries.oldest_undelivered(AT) is None
    make_event(at=AT - timedelta(seconds=9))
    DeliveryFactory(not_before=AT - timedelta(seconds=5), event=make_event())
    DeliveryFactory(not_before=AT + timedelta(days=1), event=make_event())
    assert queries.oldest_undelivered(AT) == AT - timedelta(seconds=9)
    Undelivered.objects.update(quarantined_at=AT)
    assert queries.oldest_undelivered(AT) == AT - timedelta(seconds=5)
    assert queries.quarantined() == (3, 0)


def test_a_job_that_never_ran_has_no_beat():
    assert queries.last_beat("relay") is None
