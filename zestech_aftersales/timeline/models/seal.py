"""EventSeal: the hash chain over a stream's events; StreamHead: where each chain ends."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.timeline.models.event import Event
from zestech_aftersales.timeline.models.evidence import Evidence


class EventSeal(Evidence):
    """One link: the event's hash over its own fields and the link before (`timeline.seals`)."""

    event = models.OneToOneField(
        Event,
        verbose_name=_("event"),
        primary_key=True,
        on_delete=models.DO_NOTHING,
        related_name="seal",
    )
    stream = models.CharField(_("stream"), max_length=64)
    position = models.PositiveIntegerField(_("position"))
    previous_hash = models.CharField(_("hash before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [models.UniqueConstraint(fields=["stream", "position"], name="timeline_seal_position")]

    def __str__(self) -> str:
        return f"{self.stream} #{self.position}"


class StreamHead(models.Model):
    """The last link of a stream: the row two sealers queue for, and proof of a cut-off tail."""

    stream = models.CharField(_("stream"), max_length=64)
    position = models.PositiveIntegerField(_("position"), default=0)
    hash = models.CharField(_("hash"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("end of a stream")
        verbose_name_plural = _("ends of streams")
        constraints = [models.UniqueConstraint(fields=["stream"], name="timeline_head_stream")]

    def __str__(self) -> str:
        return f"{self.stream} #{self.position}"
