"""What a reader wants to hear once a day comes in one mail; what cannot wait does not wait."""

import sys
from datetime import time, timedelta
from functools import partial

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, DeliveryFactory, make_event
from tests.timeline.side_by_side import side_by_side
from tests.timeline.smtp import Sink, free_port, smtp_sink
from zestech_aftersales.timeline import deliveries
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.deliveries import LEASE, OUTAGE_WAIT, deliver_batch
from zestech_aftersales.timeline.models import Delivery, DeliveryState, Medium
from zestech_aftersales.timeline.relay import relay_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("announcer")]


@pytest.fixture
def sink(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with smtp_sink(settings.EMAIL_PORT) as sink:
        yield sink


def owed(count, **given):
    return DeliveryFactory.create_batch(count, in_digest=True, **given)


def states():
    return set(Delivery.objects.values_list("state", flat=True))


def text_of(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def test_the_notices_of_a_day_are_one_mail_to_each_reader(sink: Sink):
    ann, bob = UserFactory(email="ann@example.com"), UserFactory(email="bob@example.com")
    owed(3, recipient=ann)
    owed(2, recipient=bob)
    DeliveryFactory(recipient=ann)
    assert deliver_batch(at=AT) == 6
    assert [(mail["To"], mail["Subject"]) for mail in sink.mails] == [
        ("ann@example.com", "About test/1"),
        ("ann@example.com", "Your daily digest: 3 notices"),
        ("bob@example.com", "Your daily digest: 2 notices"),
    ]
    assert states() == {"sent"}
    assert set(Delivery.objects.values_list("subject", "url")) == {("About test/1", "/portal/cases/1/")}


def test_a_digest_has_words_link_and_clause_of_each(sink: Sink, announcer, settings):
    settings.BASE_URL = "https://service.example.com"
    announcer.words = lambda event, _person: Notice(f"Subject {event.clause}", f"Text {event.clause}", f"/{event.pk}/")
    reader = UserFactory()
    events = [make_event(clause=clause) for clause in ("2.3.1", "3.1")]
    for event in events:
        owed(1, event=event, recipient=reader)
    deliver_batch(at=AT)
    [mail] = sink.mails
    for kind in ("plain", "html"):
        told = text_of(mail, kind)
        for event in events:
            for words in (
                f"Subject {event.clause}",
                f"Text {event.clause}",
                f"/{event.pk}/",
                f"/rules/#c-{event.clause}",
            ):
                assert words in told
        assert "https://service.example.com/accounts/profile/" in told


def test_a_single_notice_keeps_its_own_face(sink: Sink):
    [only] = owed(1)
    deliver_batch(at=AT)
    assert sink.mails[0]["Subject"] == "About test/1"
    assert str(only.uid) in sink.ids[0]


def test_what_there_is_nothing_left_to_say_of_is_left_out(sink: Sink, announcer):
    reader = UserFactory()
    gone, bad, *_kept = owed(4, recipient=reader)

    def words(event, _person):
        if event.pk == bad.event_id:
            raise KeyError("word")
        return None if event.pk == gone.event_id else Notice("Subject", "text", "/")

    announcer.words = words
    deliver_batch(at=AT)
    [mail] = sink.mails
    assert mail["Subject"] == "Your daily digest: 2 notices"
    found = dict(Delivery.objects.values_list("pk", "state"))
    assert (found.pop(gone.pk), found.pop(bad.pk)) == (DeliveryState.SUPERSEDED, DeliveryState.PENDING)
    assert set(found.values()) == {"sent"}


def test_a_digest_larger_than_a_batch_stays_one(sink: Sink):
    owed(7, recipient=UserFactory())
    assert deliver_batch(at=AT, limit=2) == 7
    assert len(sink.mails) == 1


def test_what_is_too_long_for_one_mail_comes_in_several(sink: Sink, monkeypatch):
    monkeypatch.setattr(deliveries, "LONGEST_DIGEST", 3)
    owed(7, recipient=UserFactory())
    assert deliver_batch(at=AT) == 7
    assert [mail["Subject"] for mail in sink.mails] == ["Your daily digest: 3 notices"] * 2 + ["About test/1"]


def test_killed_between_sending_and_marking_it_comes_again_under_the_same_id(sink: Sink, monkeypatch):
    owed(2, recipient=UserFactory())
    with monkeypatch.context() as killed:
        killed.setattr(deliveries, "_settle", lambda *_args, **_values: sys.exit())
        with pytest.raises(SystemExit):
            deliver_batch(at=AT)
    assert deliver_batch(at=AT) == 0
    assert deliver_batch(at=AT + LEASE) == 2
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1


def test_a_digest_that_says_more_has_another_id(sink: Sink):
    reader = UserFactory()
    owed(2, recipient=reader)
    deliver_batch(at=AT)
    owed(3, recipient=reader)
    deliver_batch(at=AT)
    assert len(set(sink.ids)) == 2


def test_a_refused_digest_waits_and_one_without_a_server_costs_no_attempt(sink: Sink, settings):
    owed(2, recipient=UserFactory(email="refused@example.com"))
    deliver_batch(at=AT)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("pending", 1)}
    Delivery.objects.all().delete()
    settings.EMAIL_PORT = free_port()
    owed(2, recipient=UserFactory())
    assert deliver_batch(at=AT) == 0
    assert set(Delivery.objects.values_list("attempts", "not_before")) == {(0, AT + OUTAGE_WAIT)}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_halve_a_digest(sink: Sink):
    for _reader in range(12):
        owed(5, recipient=UserFactory())
    side_by_side(*[partial(deliver_batch, at=AT)] * 3)
    while deliver_batch(at=AT):
        pass
    assert [mail["Subject"] for mail in sink.mails] == ["Your daily digest: 5 notices"] * 12
    assert states() == {"sent"}


def relayed(announcer, *recipients):
    announcer.recipients = list(recipients)
    make_event()
    relay_batch(at=AT)
    return {
        (owed.recipient.name, owed.medium): (owed.not_before - AT, owed.in_digest)
        for owed in Delivery.objects.select_related("recipient")
    }


def test_mails_wait_for_their_reader_and_notices_in_the_application_do_not(announcer):
    # AT is 01:15:30 in UTC.
    early = UserFactory(name="early", quiet_from=time(22), quiet_until=time(7))
    daily = UserFactory(name="daily", digest_at=time(1, 15))
    any_time = UserFactory(name="any time")
    until_seven, tomorrow, now = (
        timedelta(hours=5, minutes=44, seconds=30),
        timedelta(hours=23, minutes=59, seconds=30),
        timedelta(),
    )
    assert relayed(announcer, *map(Recipient, (early, daily, any_time))) == {
        ("early", Medium.IN_APP): (now, False),
        ("early", Medium.MAIL): (until_seven, False),
        ("daily", Medium.IN_APP): (now, False),
        ("daily", Medium.MAIL): (tomorrow, True),
        ("any time", Medium.IN_APP): (now, False),
        ("any time", Medium.MAIL): (now, False),
    }


def test_what_cannot_wait_comes_at_once(announcer):
    reader = UserFactory(name="reader", quiet_from=time(22), quiet_until=time(7), digest_at=time(8))
    told = relayed(announcer, Recipient(reader, at_once=True))
    assert set(told.values()) == {(timedelta(), False)}


def test_a_notice_that_is_held_back_anyhow_heeds_the_quiet_hours_of_that_later_time(announcer):
    reader = UserFactory(name="reader", quiet_from=time(22), quiet_until=time(7))
    told = relayed(announcer, Recipient(reader, not_before=AT + timedelta(hours=22)))
    held = timedelta(hours=22)
    assert told["reader", Medium.IN_APP] == (held, False)
    assert told["reader", Medium.MAIL] == (timedelta(hours=29, minutes=44, seconds=30), False)
