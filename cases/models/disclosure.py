"""The four items the seller must tell before confirming or serving (3.1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

ITEMS = ("service_period", "number_of_services", "service_scope", "charging_standard")
ITEM_WORDS = [
    ("service_period", _("Service period")),
    ("number_of_services", _("Number of services")),
    ("service_scope", _("Service scope")),
    ("charging_standard", _("Charging standard")),
]


class Disclosure(models.Model):
    """One version of what was told; a correction is a new version, the old one stays."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="disclosures")
    version = models.PositiveSmallIntegerField(_("version"))
    service_period = models.CharField(_("service period"), max_length=300)
    number_of_services = models.CharField(_("number of services"), max_length=300)
    service_scope = models.TextField(_("service scope"), max_length=2000)
    charging_standard = models.TextField(_("charging standard"), max_length=2000)
    # The charging standard as a figure: nothing beyond it may be charged. NULL: the words alone say it.
    charges_at_most = models.DecimalField(_("charges at most"), max_digits=12, decimal_places=2, null=True, blank=True)
    charges_currency = models.CharField(_("currency"), max_length=3, blank=True)
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


class DisclosureDoubt(models.Model):
    """What the buyer finds unclear in one item; a later version with another text of that item clears it."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="doubts", verbose_name=_("disclosure"))
    item = models.CharField(_("item"), max_length=20, choices=ITEM_WORDS)
    question = models.TextField(_("what is unclear"))
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("asked by")
    )
    cleared_by = models.ForeignKey(
        Disclosure, models.PROTECT, related_name="clears", null=True, blank=True, verbose_name=_("cleared by")
    )

    class Meta:
        verbose_name = _("unclear item")
        verbose_name_plural = _("unclear items")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure", "item"], condition=models.Q(cleared_by=None), name="one_open_doubt_of_an_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()}: {self.question[:60]}"
