"""Delivery: one notice to one person by one medium; together they are the outbox."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.timeline.models.event import Event


class Medium(models.TextChoices):
    MAIL = "mail", _("e-mail")
    IN_APP = "in_app", _("in the application")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("pending")
    SENT = "sent", _("sent")
    SUPERSEDED = "superseded", _("superseded")
    QUARANTINED = "quarantined", _("quarantined")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> Self:
        """What may be sent at `at`: not before its time and not in somebody's hands."""
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=at),
            not_before__lte=at,
            state="pending",
        )

    def in_app(self) -> Self:
        # Spelled out, so that the partial index is used.
        return self.filter(medium="in_app", state="sent")

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def settle(self, state: DeliveryState, **values: object) -> int:
        """Give up the lease of what is still pending, with its outcome; one that was sent stays sent."""
        return self.filter(state="pending").update(state=state, leased_until=None, **values)

    def requeue(self, at: datetime) -> int:
        """Put what was given up back into the outbox, with all its attempts before it."""
        return self.filter(state="quarantined").update(state="pending", attempts=0, not_before=at)

    def mark_read(self, at: datetime) -> int:
        """Note that the recipient saw them at `at`; what was read before keeps its instant."""
        return self.order_by().unread().update(read_at=at)


class Delivery(models.Model):
    """What is owed to one person. `uid` is the mail's stable Message-ID, so repeats can be told.

    `not_before` holds a notice back: by its announcer, its reader's quiet hours or digest at first, by the
    back-off after a failure. What is `in_digest` goes out in one mail with all else that is due to the reader.
    `subject`, `text` and `url` hold what was said, as it was said.
    """

    uid = models.UUIDField(_("stable id"), default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        on_delete=models.DO_NOTHING,
        related_name="deliveries",
        db_index=False,
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recipient"),
        on_delete=models.PROTECT,
        related_name="deliveries",
        db_index=False,
    )
    medium = models.CharField(_("medium"), max_length=8, choices=Medium.choices)
    state = models.CharField(_("state"), max_length=16, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    not_before = models.DateTimeField(_("not before"))
    in_digest = models.BooleanField(_("in the digest"), default=False, db_default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True, default="")
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=255, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")
    url = models.CharField(_("address"), max_length=255, blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["event", "recipient", "medium"], name="timeline_delivery_once")]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state="pending"),
                name="timeline_delivery_pending",
            ),
            models.Index(fields=["not_before"], condition=Q(state="quarantined"), name="timeline_delivery_given_up"),
            models.Index(
                fields=["recipient", "-id"],
                condition=Q(medium="in_app", state="sent"),
                name="timeline_delivery_in_app",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medium} {self.uid}"
