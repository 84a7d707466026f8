"""The outbox: each notice goes out, once if all is well, and under one id if not."""

import smtplib
import sys
from datetime import timedelta
from functools import partial

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.timeline import AT, DeliveryFactory, make_event
from tests.timeline.side_by_side import side_by_side
from tests.timeline.smtp import Sink, free_port, smtp_sink
from zestech_aftersales.timeline import deliveries
from zestech_aftersales.timeline.announcers import Notice
from zestech_aftersales.timeline.backoff import wait_after
from zestech_aftersales.timeline.deliveries import LEASE, MAX_ATTEMPTS, OUTAGE_WAIT, claim, deliver_batch
from zestech_aftersales.timeline.models import Delivery, Medium

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("announcer")]


@pytest.fixture
def mail_port(settings) -> int:
    """Where mails go; nobody listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    return settings.EMAIL_PORT


@pytest.fixture
def sink(mail_port):
    with smtp_sink(mail_port) as sink:
        yield sink


def the(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


def test_a_mail_arrives_with_words_link_and_clause(sink: Sink, settings):
    settings.BASE_URL = "https://service.example.com"
    event = make_event(clause="2.3.1")
    owed = DeliveryFactory(event=event, recipient__name="Ann", recipient__email="ann@example.com")
    assert deliver_batch(at=AT) == 1
    [mail] = sink.mails
    assert (mail["To"], mail["Subject"]) == ("ann@example.com", "About test/1")
    assert mail["Message-ID"] == f"<{owed.uid}@service.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        for words in ("test.happened for Ann", "https://service.example.com/portal/cases/1/", "/rules/#c-2.3.1"):
            assert words in body.get_content()
    sent = the(owed)
    assert (sent.state, sent.sent_at, sent.subject, sent.url) == ("sent", AT, "About test/1", "/portal/cases/1/")
    assert sent.leased_until is None


def test_everybody_reads_their_own_language_and_zone(sink: Sink):
    recipient = UserFactory(name="Li", language="zh-hans", time_zone="Asia/Shanghai")
    mailed = DeliveryFactory(recipient=recipient)
    shown = DeliveryFactory(recipient=recipient, medium=Medium.IN_APP)
    assert deliver_batch(at=AT) == 2
    assert the(mailed).text == the(shown).text == "test.happened for Li, zh-hans Asia/Shanghai"
    assert len(sink.mails) == 1


def test_a_line_break_in_a_subject_does_not_stop_the_mail(sink: Sink, announcer):
    announcer.words = lambda _event, _person: Notice("Two\nlines", "text", "")
    DeliveryFactory()
    assert deliver_batch(at=AT) == 1
    assert sink.mails[0]["Subject"] == "Two lines"


def test_what_was_claimed_is_left_alone_until_its_lease_is_over(sink: Sink):
    owed = DeliveryFactory()
    assert claim(at=AT) == [owed]
    assert deliver_batch(at=AT + LEASE - timedelta(microseconds=1)) == 0
    assert deliver_batch(at=AT + LEASE) == 1
    assert the(owed).state == "sent"


def test_killed_between_sending_and_marking_it_is_sent_again_under_the_same_id(sink: Sink, monkeypatch):
    owed = DeliveryFactory()
    with monkeypatch.context() as killed:
        killed.setattr(deliveries, "_settle", lambda *_args, **_values: sys.exit())
        with pytest.raises(SystemExit):
            deliver_batch(at=AT)
    assert the(owed).state == "pending"
    assert deliver_batch(at=AT) == 0
    assert deliver_batch(at=AT + LEASE) == 1
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1


def test_a_mail_server_that_is_away_costs_no_mail_an_attempt(mail_port):
    owed = [DeliveryFactory(), DeliveryFactory()]
    shown = DeliveryFactory(medium=Medium.IN_APP)
    assert deliver_batch(at=AT) == 1
    assert the(shown).state == "sent"
    for delivery in map(the, owed):
        assert (delivery.state, delivery.attempts, delivery.leased_until) == ("pending", 0, None)
        assert delivery.last_error.startswith("ConnectionRefusedError")
    with smtp_sink(mail_port) as sink:
        assert deliver_batch(at=AT + OUTAGE_WAIT - timedelta(microseconds=1)) == 0
        assert deliver_batch(at=AT + OUTAGE_WAIT) == 2
    assert len(sink.mails) == 2
    assert {the(delivery).last_error for delivery in owed} == {""}


def test_a_mail_that_is_refused_waits_longer_each_time_and_is_given_up(sink: Sink):
    refused = DeliveryFactory(recipient__email="refused@example.com")
    others = [DeliveryFactory(), DeliveryFactory()]
    at = AT
    for attempts in range(1, MAX_ATTEMPTS + 1):
        deliver_batch(at=at)
        now = the(refused)
        assert (now.attempts, now.not_before) == (attempts, at + wait_after(attempts))
        assert deliver_batch(at=now.not_before - timedelta(microseconds=1)) == 0
        at = now.not_before
    assert now.state == "quarantined"
    assert "550" in now.last_error
    assert deliver_batch(at=at + timedelta(days=9)) == 0
    assert {the(delivery).state for delivery in others} == {"sent"}
    assert len(sink.mails) == 2


def test_words_that_cannot_be_found_stop_only_their_own_notice(sink: Sink, announcer):
    bad, good = DeliveryFactory(), DeliveryFactory()

    def words(event, _person):
        if event.pk == bad.event_id:
            raise KeyError("word")
        return Notice("Subject", "text", "/")

    announcer.words = words
    deliver_batch(at=AT)
    assert (the(bad).state, the(bad).attempts) == ("pending", 1)
    assert the(good).state == "sent"


def test_nothing_left_to_say_is_superseded(sink: Sink, announcer):
    owed = DeliveryFactory()
    announcer.words = lambda _event, _person: None
    assert deliver_batch(at=AT) == 1
    assert the(owed).state == "superseded"
    assert sink.mails == []


def test_somebody_who_left_is_told_nothing(sink: Sink):
    owed = DeliveryFactory(recipient__is_active=False)
    deliver_batch(at=AT)
    assert the(owed).state == "superseded"
    assert sink.mails == []


def test_a_reminder_waits_for_its_time(sink: Sink):
    DeliveryFactory(not_before=AT + timedelta(seconds=1))
    assert deliver_batch(at=AT) == 0
    assert deliver_batch(at=AT + timedelta(seconds=1)) == 1


def test_an_empty_outbox_costs_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert deliver_batch(at=AT) == 0


def test_one_connection_serves_a_batch(sink: Sink, monkeypatch):
    opened: list[object] = []
    connect = smtplib.SMTP.connect

    def counted(smtp, *args, **kwargs):
        opened.append(smtp)
        return connect(smtp, *args, **kwargs)

    monkeypatch.setattr(smtplib.SMTP, "connect", counted)
    DeliveryFactory.create_batch(5)
    assert deliver_batch(at=AT) == 5
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("error", "is_outage"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (smtplib.SMTPServerDisconnected(), True),
        (smtplib.SMTPAuthenticationError(535, b"no"), True),
        (smtplib.SMTPRecipientsRefused({}), False),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (KeyError("word"), False),
    ],
)
def test_what_counts_as_the_server_being_away(error, is_outage):
    assert deliveries._is_outage(error) is is_outage


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(sink: Sink):
    DeliveryFactory.create_batch(60)

    def work() -> int:
        done = 0
        while sent := deliver_batch(at=AT, limit=7):
            done += sent
        return done

    counts = side_by_side(*[partial(work)] * 2)
    assert sum(count for count in counts if isinstance(count, int)) == 60, counts
    assert len(sink.ids) == len(set(sink.ids)) == 60
