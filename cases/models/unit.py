"""A unit that was replaced: the new one inherits what is left of the cover (2.3.4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class UnitReplacement(models.Model):
    """One unit in place of another, by their serial numbers; the cover of the line goes on to the same end."""

    cover = models.ForeignKey("cases.Cover", models.PROTECT, related_name="replacements")
    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="replacements")
    visit = models.ForeignKey("cases.Visit", models.PROTECT, related_name="+", null=True, blank=True)
    old_serial = models.CharField(_("replaced unit"), max_length=80, blank=True)
    new_serial = models.CharField(_("new unit"), max_length=80)
    replaced_at = models.DateTimeField(_("replaced"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta:
        verbose_name = _("replaced unit")
        verbose_name_plural = _("replaced units")
        ordering = ["replaced_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(new_serial=""), name="replacement_has_new_serial"),
            models.CheckConstraint(condition=~Q(new_serial=F("old_serial")), name="replacement_is_another_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.old_serial or '-'} → {self.new_serial}"
