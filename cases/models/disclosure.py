"""The four items the seller must tell before confirming or serving (3.1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

ITEMS = ("service_period", "number_of_services", "service_scope", "charging_standard")


class Disclosure(models.Model):
    """One version of what was told; a correction is a new version, the old one stays."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="disclosures")
    version = models.PositiveSmallIntegerField(_("version"))
    service_period = models.CharField(_("service period"), max_length=300)
    number_of_services = models.CharField(_("number of services"), max_length=300)
    service_scope = models.TextField(_("service scope"), max_length=2000)
    charging_standard = models.TextField(_("charging standard"), max_length=2000)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    # Given = shown on the buyer's case page from that instant on; the notice about it is delivered on its own.
    given_at = models.DateTimeField(_("given to the buyer"))
    acknowledged_at = models.DateTimeField(_("acknowledged by the buyer"), null=True, blank=True)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["appointment_id", "version"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "version"], name="disclosure_version_once"),
            *[
                models.CheckConstraint(condition=~models.Q(**{item: ""}), name=f"disclosure_has_{item}")
                for item in ITEMS
            ],
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} v{self.version}"
