"""The outbox at work: notices are leased, sent outside a transaction, and marked.

A process killed between sending and marking sends again after its lease, under the same
Message-ID, so that receivers can tell the repeat.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Self

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone, translation

from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.announcers import Notice, announcer_of
from zestech_aftersales.timeline.backoff import wait_after
from zestech_aftersales.timeline.mails import digest_of, mail_of, one_line
from zestech_aftersales.timeline.models import Delivery, DeliveryState, Medium
from zestech_aftersales.timeline.models.delivery import DeliveryQuerySet

# A batch that waits for the mail server's time-out at each of its mails still ends inside its lease.
BATCH = 20
# Who has more to read in a day gets several mails of this many notices.
LONGEST_DIGEST = 100
LEASE = timedelta(seconds=BATCH * settings.EMAIL_TIMEOUT + 60)
OUTAGE_WAIT = timedelta(seconds=30)
MAX_ATTEMPTS = 12

log = structlog.get_logger(__name__)


def claim(*, at: datetime, limit: int = BATCH) -> list[Delivery]:
    """Lease what at most `limit` mails will say of what is due at `at`; committed before anything is sent."""
    due = Delivery.objects.due(at)
    if not due.exists():
        return []
    with transaction.atomic(durable=True):
        rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("event", "recipient")
        claimed = list(rows.filter(in_digest=False).order_by("not_before", "id")[:limit])
        if people := _readers_of_digests(due, limit - len(claimed)):
            claimed += rows.filter(in_digest=True, recipient__in=people).order_by("recipient_id", "id")
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in claimed]).update(leased_until=at + LEASE)
    return claimed


def _readers_of_digests(due: DeliveryQuerySet, limit: int) -> list[int]:
    """Whose digests are due; each reader is locked, so that two workers never halve one digest."""
    waiting = due.filter(in_digest=True)
    readers = User.objects.filter(pk__in=waiting.values("recipient")).order_by("pk")
    return list(readers.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit])


def letters(claimed: Iterable[Delivery]) -> list[list[Delivery]]:
    """What goes out together: each notice alone, those of one reader's digest as one."""
    together: dict[tuple[str, int], list[Delivery]] = {}
    for delivery in claimed:
        key = ("digest", delivery.recipient_id) if delivery.in_digest else ("notice", delivery.pk)
        together.setdefault(key, []).append(delivery)
    return [
        letter[first : first + LONGEST_DIGEST]
        for letter in together.values()
        for first in range(0, len(letter), LONGEST_DIGEST)
    ]


def deliver_batch(*, at: datetime, limit: int = BATCH) -> int:
    """Send up to `limit` mails and notices and return how many deliveries are off the list.

    A mail that its server refuses is tried again with a growing wait and quarantined after
    MAX_ATTEMPTS. When the server cannot be reached at all, its mails wait, and that counts against
    none of them.
    """
    claimed = claim(at=at, limit=limit)
    held_up: list[int] = []
    outage = ""
    with Mailer() as mailer:
        for letter in letters(claimed):
            if outage and letter[0].medium == Medium.MAIL:
                held_up += [delivery.pk for delivery in letter]
                continue
            recipient = letter[0].recipient
            with translation.override(recipient.language), timezone.override(recipient.zone):
                said = _worded(letter, at)
                try:
                    _send(said, mailer, at)
                except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not stop the rest
                    if _is_outage(error):
                        outage = f"{type(error).__name__}: {error}"
                        held_up += [delivery.pk for delivery, _notice in said]
                    else:
                        for delivery, _notice in said:
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


def _worded(letter: Iterable[Delivery], at: datetime) -> list[tuple[Delivery, Notice]]:
    """The words of each notice, in the language and zone that are active; what has none is settled."""
    said: list[tuple[Delivery, Notice]] = []
    for delivery in letter:
        announcer = announcer_of(delivery.event.stream) if delivery.recipient.is_active else None
        try:
            notice = announcer.notice(delivery.event, delivery.recipient) if announcer else None
        except Exception as error:  # noqa: BLE001  # one notice's defect must not stop the others in its digest
            _put_back(delivery, error, at)
            continue
        if notice is None:
            _settle(delivery, DeliveryState.SUPERSEDED)
        else:
            said.append((delivery, one_line(notice)))
    return said


def _send(said: Sequence[tuple[Delivery, Notice]], mailer: Mailer, at: datetime) -> None:
    if said and said[0][0].medium == Medium.MAIL:
        mailer.send(mail_of(*said[0]) if len(said) == 1 else digest_of(said))
    for delivery, notice in said:
        words = {"subject": notice.subject, "text": notice.text, "url": notice.url}
        _settle(delivery, DeliveryState.SENT, sent_at=at, last_error="", **words)


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
