"""What the staff write for themselves; no party ever reads it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class InternalNote(models.Model):
    """A note on a thing, named as in the timeline (complaint/3, case/17)."""

    subject = models.CharField(_("about"), max_length=64)
    text = models.TextField(_("note"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["id"]
        indexes = [models.Index(fields=["subject", "id"])]

    def __str__(self) -> str:
        return self.text[:80]
