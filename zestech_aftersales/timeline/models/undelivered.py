"""Undelivered: the marker beside an event that the relay has not yet sealed and fanned out."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.timeline.models.event import Event


class UndeliveredQuerySet(models.QuerySet["Undelivered"]):
    def waiting(self, at: datetime) -> Self:
        """What the relay may try at `at`."""
        return self.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=at), quarantined_at__isnull=True)


class Undelivered(models.Model):
    """Written with its event, deleted once the event's notices are fanned out.

    Only `event_id` must be given, so that set-based statements can write markers plainly.
    """

    event = models.OneToOneField(
        Event,
        verbose_name=_("event"),
        primary_key=True,
        on_delete=models.DO_NOTHING,
        related_name="undelivered",
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    retry_at = models.DateTimeField(_("tried again at"), null=True, blank=True)
    quarantined_at = models.DateTimeField(_("quarantined at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True, default="", db_default="")

    objects = UndeliveredQuerySet.as_manager()

    class Meta:
        verbose_name = _("undelivered event")
        verbose_name_plural = _("undelivered events")

    def __str__(self) -> str:
        return f"event/{self.event_id}"
