"""An engineer: who comes to the door (2.2.1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sellers.validators import closed_days, names, opening_hours, service_types
from zestech_aftersales.accounts.models import validate_time_zone


class Engineer(models.Model):
    """A person a seller sends, with or without a log-in of their own."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="engineers")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="engineer", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=120)
    skills = models.JSONField(_("services"), default=list, blank=True, validators=[service_types])
    # ["AE", "Berlin", "DE Frankfurt"]: countries, cities, cities of a country; none: everywhere.
    areas = models.JSONField(_("areas"), default=list, blank=True, validators=[names])
    # Hours a week as a service point keeps them, {"mon": [["09:00", "17:00"]], ...}; none: any time.
    working_hours = models.JSONField(_("working hours"), default=dict, blank=True, validators=[opening_hours])
    # ["2026-12-25", ...] in the engineer's zone.
    days_off = models.JSONField(_("days off"), default=list, blank=True, validators=[closed_days])
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    is_active = models.BooleanField(_("takes visits"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("engineer")
        verbose_name_plural = _("engineers")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
