"""What a mail looks like: one notice, or the digest of several to one reader."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from zestech_aftersales.timeline.announcers import Notice
from zestech_aftersales.timeline.models import Delivery


def one_line(notice: Notice) -> Notice:
    """The notice with a subject that fits a mail's header."""
    return replace(notice, subject=" ".join(notice.subject.split())[:255])


def mail_of(delivery: Delivery, notice: Notice) -> EmailMultiAlternatives:
    """The mail of one notice; its Message-ID is the delivery's, at each attempt the same."""
    return _mail("notice", notice.subject, delivery, str(delivery.uid), _part(delivery, notice))


def digest_of(said: Sequence[tuple[Delivery, Notice]]) -> EmailMultiAlternatives:
    """One mail that lists several notices to one reader.

    Its Message-ID is made of theirs: a repeat with the same notices can be told, and one that says more is new.
    """
    members = sorted(str(delivery.uid) for delivery, _notice in said)
    stable_id = f"digest-{hashlib.sha256(' '.join(members).encode()).hexdigest()[:32]}"
    count = len(said)
    subject = ngettext(
        "Your daily digest: %(n)d notice", "Your daily digest: %(n)d notices", count
    ) % {"n": count}  # fmt: skip
    return _mail("digest", subject, said[0][0], stable_id, {"parts": [_part(*each) for each in said]})


def _part(delivery: Delivery, notice: Notice) -> dict[str, Any]:
    return {
        "subject": notice.subject,
        "text": notice.text,
        "link": urljoin(settings.BASE_URL, notice.url) if notice.url else "",
        "clause": delivery.event.clause,
    }


def _mail(
    template: str, subject: str, delivery: Delivery, stable_id: str, told: dict[str, Any]
) -> EmailMultiAlternatives:
    context = {**told, "subject": subject, "site": settings.BASE_URL, "recipient": delivery.recipient}
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"mail/{template}.txt", context),
        to=[delivery.recipient.email],
        headers={
            "Message-ID": f"<{stable_id}@{urlsplit(settings.BASE_URL).hostname}>",
            # Keeps well-behaved out-of-office programs from answering.
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return message
