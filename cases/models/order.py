"""An order and its lines, as the shop's export tells them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


class OrderState(models.TextChoices):
    PLACED = "placed", _("placed")
    PAID = "paid", _("paid")
    REFUNDED = "refunded", _("refunded")
    CANCELLED = "cancelled", _("cancelled")


class Protection(models.TextChoices):
    """How the payment was protected; only trade assurance makes a credit insurance order (3.3)."""

    TRADE_ASSURANCE = "trade_assurance", _("trade assurance")
    BANK_TRANSFER = "bank_transfer", _("bank transfer")
    CARD = "card", _("card")
    OTHER = "other", _("other")


class Order(models.Model):
    """What a buyer ordered in the shop; known by the shop's own order number."""

    number = models.CharField(_("order number"), max_length=64)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    state = FSMField(_("state"), default=OrderState.PLACED, choices=OrderState.choices, protected=True)
    placed_at = models.DateTimeField(_("placed"))
    paid_at = models.DateTimeField(_("fully paid"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    protection = models.CharField(
        _("payment protection"), max_length=20, choices=Protection.choices, default=Protection.OTHER
    )
    is_online = models.BooleanField(_("online order"), default=True)
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    refunded_amount = models.DecimalField(_("refunded amount"), max_digits=12, decimal_places=2, default=0)
    ship_name = models.CharField(_("recipient"), max_length=200, blank=True)
    ship_address = models.CharField(_("address"), max_length=300, blank=True)
    ship_city = models.CharField(_("city"), max_length=120, blank=True)
    ship_country = models.CharField(_("country"), max_length=2, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    edition = models.ForeignKey("rulebook.RuleEdition", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["number"], name="order_number_once")]
        indexes = [models.Index(fields=["buyer", "-placed_at"])]

    def __str__(self) -> str:
        return self.number

    @property
    def stream(self) -> str:
        """The stream its events are chained in."""
        return f"order/{self.pk}"

    @transition(field=state, source=OrderState.PLACED, target=OrderState.PAID)
    def pay(self, paid_at: datetime) -> None:
        self.paid_at = paid_at

    @transition(field=state, source=OrderState.PAID, target=OrderState.REFUNDED)
    def refund(self, refunded_at: datetime) -> None:
        self.refunded_at = refunded_at

    @transition(field=state, source=OrderState.PLACED, target=OrderState.CANCELLED)
    def cancel(self, cancelled_at: datetime) -> None:
        self.cancelled_at = cancelled_at


class OrderLine(models.Model):
    """One product of an order: what a cover is about."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey("sellers.Product", models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=255)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    refunded_quantity = models.PositiveIntegerField(_("refunded quantity"), default=0)
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order_id", "position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_fully_refunded(self) -> bool:
        """True when nothing of the line is left with the buyer; partial amounts change nothing."""
        return self.refunded_quantity >= self.quantity
