"""Verification: one run of the nightly recount of everything from its events."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verification(models.Model):
    """When everything was counted again, how much, and what differed; the first differences are kept."""

    begun_at = models.DateTimeField(_("begun"))
    done_at = models.DateTimeField(_("done"))
    cases = models.PositiveIntegerField(_("cases"))
    orders = models.PositiveIntegerField(_("orders"))
    judged = models.PositiveIntegerField(_("judged things"), default=0)
    limits = models.PositiveIntegerField(_("limits"))
    events = models.PositiveIntegerField(_("events"))
    differences = models.PositiveIntegerField(_("differences"))
    # [{"place", "thing", "what", "stored", "counted"}], the first ones only.
    first = models.JSONField(_("first differences"), default=list, blank=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.done_at:%Y-%m-%d %H:%M}: {self.differences}"
