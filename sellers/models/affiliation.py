"""An affiliation: two sellers under one control, as the auditors keep it; what a bar reaches beyond the entity (3.2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AffiliationBasis(models.TextChoices):
    """What ties the two together."""

    OWNERSHIP = "ownership", _("one holds shares of the other")
    COMMON_OWNER = "common_owner", _("the same owner")
    MANAGEMENT = "management", _("the same people direct both")
    SUCCESSION = "succession", _("one carries on the other’s business")
    OTHER = "other", _("another tie, see the evidence")


class Affiliation(models.Model):
    """One line of the graph between sellers. It is ended, never deleted: bars are judged by what it was.

    It counts from the instant that an auditor recorded it, never backwards: what somebody applied for before
    was applied for without it.
    """

    # The older row first: a pair has one spelling.
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="+", verbose_name=_("seller"))
    affiliate = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="+", verbose_name=_("affiliate"))
    basis = models.CharField(_("basis"), max_length=16, choices=AffiliationBasis.choices)
    evidence = models.TextField(_("evidence"))
    kept_from = models.DateTimeField(_("kept from"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    # Its last instant (T5).
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ended by")
    )
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(seller__lt=F("affiliate")), name="affiliation_of_two_in_order"),
            models.UniqueConstraint(
                fields=["seller", "affiliate"], condition=Q(ended_at__isnull=True), name="one_standing_affiliation"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__gte=F("kept_from"), ended_by__isnull=False),
                name="affiliation_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller} – {self.affiliate}"

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in: one of its own, for auditors' eyes."""
        return f"affiliation/{self.pk}"
