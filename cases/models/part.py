"""Parts of a visit: those it will need, told before (3.1), and those it used, told in its report (2.1.1)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.offer import Side


class Part(models.Model):
    """What a part is, how many of it, who pays, and what the buyer is charged for all of them."""

    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("part"), max_length=120)
    number = models.CharField(_("part number"), max_length=60, blank=True)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    paid_by = models.CharField(_("paid by"), max_length=6, choices=Side.choices, default=Side.SELLER)
    amount = models.DecimalField(_("charge to the buyer"), max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"

    @property
    def is_charged(self) -> bool:
        """Whether the buyer is to pay for it."""
        return self.paid_by == Side.BUYER and self.amount > 0


class PartsList(models.Model):
    """One version of what a visit will need; a correction is a new version, the old one stays. It may be empty."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="parts_lists")
    version = models.PositiveSmallIntegerField(_("version"))
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    given_at = models.DateTimeField(_("told to the buyer"))

    class Meta:
        verbose_name = _("parts list")
        verbose_name_plural = _("parts lists")
        ordering = ["appointment_id", "version"]
        constraints = [models.UniqueConstraint(fields=["appointment", "version"], name="parts_list_version_once")]

    def __str__(self) -> str:
        return f"{self.appointment_id} v{self.version}"


class ListedPart(Part):
    """A part that a visit will need, and who brings it."""

    parts_list = models.ForeignKey(PartsList, models.PROTECT, related_name="parts")
    brought_by = models.CharField(_("brought by"), max_length=6, choices=Side.choices, default=Side.SELLER)

    class Meta:
        verbose_name = _("needed part")
        verbose_name_plural = _("needed parts")
        ordering = ["parts_list_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["parts_list", "position"], name="listed_part_position_once"),
            models.CheckConstraint(condition=~Q(name=""), name="listed_part_has_name"),
        ]


class UsedPart(Part):
    """A part that a visit used; a charge for it that was not told before is kept as such (3.1)."""

    visit = models.ForeignKey("cases.Visit", models.PROTECT, related_name="used_parts")
    is_outside = models.BooleanField(_("charge not told before"), default=False)

    class Meta:
        verbose_name = _("used part")
        verbose_name_plural = _("used parts")
        ordering = ["visit_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "position"], name="used_part_position_once"),
            models.CheckConstraint(condition=~Q(name=""), name="used_part_has_name"),
        ]
