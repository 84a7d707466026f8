"""An event that the platform itself declares: place, time, kind, source; it touches many cases at once (4.1.2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.exclusion import EventKind


class DeclaredEvent(models.Model):
    """Declared by one of the staff; what it excuses is decided by an auditor who did not declare it."""

    kind = models.CharField(_("kind of event"), max_length=20, choices=EventKind.choices)
    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, such as CN."))
    city = models.CharField(_("city"), max_length=120, blank=True, help_text=_("Empty: the whole country."))
    begins_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ended"), null=True, blank=True, help_text=_("Empty while it still lasts."))
    duties = models.JSONField(_("duties it stops"), default=list)
    source = models.TextField(_("source"), help_text=_("Who says so, and where it can be read."))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        verbose_name = _("declared event")
        verbose_name_plural = _("declared events")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.place}"

    @property
    def place(self) -> str:
        """Where it happened."""
        return f"{self.city}, {self.country}" if self.city else self.country

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"declared/{self.pk}"
