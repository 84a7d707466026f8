"""A product and the history of its after-sales service mark (1.1)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sellers.validators import methods, service_types


class Product(models.Model):
    """What is sold under one number, and what its page says about service."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="products")
    sku = models.CharField(_("SKU"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    description = models.TextField(_("description"), blank=True)
    service_types = models.JSONField(_("services offered"), default=list, blank=True, validators=[service_types])
    methods = models.JSONField(_("methods offered"), default=list, blank=True, validators=[methods])
    # What the page says about service: {"statement": text, dimension: value, ...}.
    page = models.JSONField(_("what the page says"), default=dict, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["seller_id", "name", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"

    def is_marked_at(self, instant: datetime) -> bool:
        """Whether the product bore the mark at `instant`; both ends of a period are inside (T5, 1.1)."""
        return any(period.covers(instant) for period in self.mark_periods.all())

    @property
    def has_open_mark(self) -> bool:
        """Whether the product bears the mark without a planned end."""
        return any(period.ends_at is None for period in self.mark_periods.all())


class MarkPeriod(models.Model):
    """From when to when a product bore the mark; kept for ever, for covers are judged by it."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="mark_periods")
    begins_at = models.DateTimeField(_("marked from"))
    ends_at = models.DateTimeField(_("marked until"), null=True, blank=True)

    class Meta:
        verbose_name = _("mark period")
        verbose_name_plural = _("mark periods")
        ordering = ["product_id", "begins_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(ends_at__isnull=True), name="one_open_mark_per_product"
            ),
            models.UniqueConstraint(fields=["product", "begins_at"], name="one_mark_begins_at_an_instant"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")), name="mark_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins_at.isoformat()} / {self.ends_at.isoformat() if self.ends_at else '…'}"

    def covers(self, instant: datetime) -> bool:
        """Whether `instant` lies inside; the first and the last instant do (T5)."""
        return self.begins_at <= instant and (self.ends_at is None or instant <= self.ends_at)

    def meets(self, begins_at: datetime, ends_at: datetime | None) -> bool:
        """Whether any instant lies in both periods."""
        return (ends_at is None or self.begins_at <= ends_at) and (self.ends_at is None or begins_at <= self.ends_at)
