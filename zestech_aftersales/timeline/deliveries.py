"""The outbox at work: notices are leased, sent outside a transaction, and marked.

A process killed between sending and marking sends again after its lease, under the same
Message-ID, so that receivers can tell the repeat.
"""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from zestech_aftersales.timeline.announcers import Notice, announcer_of
from zestech_aftersales.timeline.backoff import wait_after
from zestech_aftersales.timeline.models import Delivery, DeliveryState, Medium

# A batch that waits for the mail server's time-out at each of its mails still ends inside its lease.
BATCH = 20
LEASE = timedelta(seconds=BATCH * settings.EMAIL_TIMEOUT + 60)
OUTAGE_WAIT = timedelta(seconds=30)
MAX_ATTEMPTS = 12

log = structlog.get_logger(__name__)


def claim(*, at: datetime, limit: int = BATCH) -> list[Delivery]:
    """Lease up to `limit` deliveries that are due at `at`; committed before anything is sent."""
    due = Delivery.objects.due(at)
    if not due.exists():
        return []
    with transaction.atomic(durable=True):
        claimed = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("event", "recipient")
            .order_by("not_before", "id")[:limit]
        )
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(leased_until=at + LEASE)
    return claimed


def deliver_batch(*, at: datetime, limit: int = BATCH) -> int:
    """Send up to `limit` notices and return how many are off the list.

    A mail that its server refuses is tried again with a growing wait and quarantined after
    MAX_ATTEMPTS. When the server cannot be reached at all, its mails wait, and that counts against
    none of them.
    """
    claimed = claim(at=at, limit=limit)
    held_up: list[int] = []
    outage = ""
    with Mailer() as mailer:
        for delivery in claimed:
            if outage and delivery.medium == Medium.MAIL:
                held_up.append(delivery.pk)
                continue
            try:
                _deliver(delivery, mailer, at)
            except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not stop the rest
                if _is_outage(error):
                    outage = f"{type(error).__name__}: {error}"
                    held_up.append(delivery.pk)
                else:
                    _put_back(delivery, error, at)
    if held_up:
        log.warning("mail_server_away", mails=len(held_up), error=outage)
        Delivery.objects.filter(pk__in=held_up).settle(
            DeliveryState.PENDING, not_before=at + OUTAGE_WAIT, last_error=outage
        )
    return len(claimed) - len(held_up)


class Mailer:
    """One connection to the mail server, opened at the first mail of a batch and kept to its end."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.connection is not None:
            self.connection.close()

    def send(self, message: EmailMultiAlternatives) -> None:
        if self.connection is None:
            connection: BaseEmailBackend = get_connection()
            connection.open()
            self.connection = connection
        message.connection = self.connection
        message.send()


def _deliver(delivery: Delivery, mailer: Mailer, at: datetime) -> None:
    recipient = delivery.recipient
    with translation.override(recipient.language), timezone.override(recipient.zone):
        announcer = announcer_of(delivery.event.stream)
        notice = announcer.notice(delivery.event, recipient) if announcer and recipient.is_active else None
        if notice is None:
            _settle(delivery, DeliveryState.SUPERSEDED)
            return
        subject = " ".join(notice.subject.split())[:255]
        if delivery.medium == Medium.MAIL:
            mailer.send(mail_of(delivery, notice, subject))
    _settle(delivery, DeliveryState.SENT, sent_at=at, subject=subject, text=notice.text, url=notice.url, last_error="")


def mail_of(delivery: Delivery, notice: Notice, subject: str) -> EmailMultiAlternatives:
    """The mail of a notice; its Message-ID is the delivery's, at each attempt the same."""
    context = {
        "subject": subject,
        "text": notice.text,
        "link": urljoin(settings.BASE_URL, notice.url) if notice.url else "",
        "site": settings.BASE_URL,
        "recipient": delivery.recipient,
        "clause": delivery.event.clause,
    }
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string("mail/notice.txt", context),
        to=[delivery.recipient.email],
        headers={
            "Message-ID": f"<{delivery.uid}@{urlsplit(settings.BASE_URL).hostname}>",
            # Keeps well-behaved out-of-office programs from answering.
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mail/notice.html", context), "text/html")
    return message


def _settle(delivery: Delivery, state: DeliveryState, **values: object) -> None:
    Delivery.objects.filter(pk=delivery.pk).settle(state, **values)


def _put_back(delivery: Delivery, error: Exception, at: datetime) -> None:
    attempts = delivery.attempts + 1
    given_up = attempts >= MAX_ATTEMPTS
    text = f"{type(error).__name__}: {error}"
    _settle(
        delivery,
        DeliveryState.QUARANTINED if given_up else DeliveryState.PENDING,
        attempts=attempts,
        not_before=at + wait_after(attempts),
        last_error=text,
    )
    log.warning("notice_not_sent", delivery=str(delivery.uid), attempts=attempts, quarantined=given_up, error=text)


def _is_outage(error: Exception) -> bool:
    """Whether the mail server is away, as against: it refuses this one mail."""
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return True
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        return True
    # smtplib's own errors are OSErrors too: they speak of one mail.
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
