"""Event: one thing that happened; written once by the command that did it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.actors import ActorKind, Channel
from zestech_aftersales.timeline.models.evidence import Evidence


class ExactEncoder(DjangoJSONEncoder):
    """JSON that keeps the microseconds of an instant, which Django's own encoder cuts off."""

    def default(self, o: Any) -> Any:
        if isinstance(o, datetime) and o.tzinfo is not None:
            return o.astimezone(UTC).isoformat(timespec="microseconds")
        return super().default(o)


class Event(Evidence):
    """One fact of a stream. `effective_at` is when it counts, `recorded_at` when it was written."""

    uid = models.UUIDField(_("stable id"), default=uuid.uuid4, unique=True, editable=False)
    stream = models.CharField(_("stream"), max_length=64, help_text=_("The thing whose history this is, like case/17."))
    subject = models.CharField(_("subject"), max_length=64, help_text=_("What changed, like appointment/44."))
    kind = models.CharField(_("kind"), max_length=64)
    clause = models.CharField(_("clause"), max_length=16, blank=True, default="")
    actor_kind = models.CharField(_("side"), max_length=8, choices=ActorKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    acting_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("acting for"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    client_id = models.CharField(_("API client"), max_length=100, blank=True, default="")
    channel = models.CharField(_("channel"), max_length=16, choices=Channel.choices)
    key = models.CharField(_("idempotency key"), max_length=255, blank=True, default="")
    effective_at = models.DateTimeField(_("effective at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    before = models.JSONField(_("before"), null=True, blank=True, encoder=ExactEncoder)
    after = models.JSONField(_("after"), null=True, blank=True, encoder=ExactEncoder)
    detail = models.JSONField(_("detail"), null=True, blank=True, encoder=ExactEncoder)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        indexes = [models.Index(fields=["stream", "id"], name="timeline_event_stream")]
        constraints = [
            # NULLs are distinct to a unique index, hence one constraint for people and one
            # for clients and the system.
            models.UniqueConstraint(
                fields=["actor", "client_id", "key"],
                condition=Q(actor__isnull=False) & ~Q(key=""),
                name="timeline_event_key_of_person",
            ),
            models.UniqueConstraint(
                fields=["client_id", "key"],
                condition=Q(actor__isnull=True) & ~Q(key=""),
                name="timeline_event_key_of_client",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__lte=models.F("recorded_at")),
                name="timeline_event_effective_by_then",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.kind}"
