"""What the staff keep for themselves: saved filters, and accesses to what their role does not show."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A filter of one list that somebody comes back to; nobody else's business and no evidence."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters", verbose_name=_("owner")
    )
    # app.model, as Django labels it in lower case.
    list = models.CharField(_("list"), max_length=100)
    query = models.CharField(_("filter"), max_length=2000, blank=True)
    name = models.CharField(_("name"), max_length=80)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["list", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list", "name"],
                name="desk_filter_name_once",
                violation_error_message=_("You have a filter of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReadingAccess(models.Model):
    """For a time an administrator reads what the role does not show; it ends by itself, and each look is recorded."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    reason = models.TextField(_("reason"))
    opened_at = models.DateTimeField(_("opened"))
    ends_at = models.DateTimeField(_("ends"))
    closed_at = models.DateTimeField(_("closed before"), null=True, blank=True)

    class Meta:
        verbose_name = _("reading access")
        verbose_name_plural = _("reading accesses")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="desk_access_ends")]
        indexes = [models.Index(fields=["person", "-id"], name="desk_access_of_person")]

    def __str__(self) -> str:
        return f"{self.person}, {self.opened_at:%Y-%m-%d %H:%M} UTC"

    @property
    def stream(self) -> str:
        """The stream its events are chained in."""
        return f"access/{self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Whether something may be read under it; its last instant is inside."""
        return self.closed_at is None and self.opened_at <= at <= self.ends_at
