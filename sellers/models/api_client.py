"""The binding of an API client: for whom another system speaks."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ApiClient(models.Model):
    """An OAuth2 application speaks for one seller, one buyer organisation, or as the order feed."""

    application = models.OneToOneField("oauth2_provider.Application", models.PROTECT, related_name="binding")
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="api_clients", null=True, blank=True)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_clients", null=True, blank=True
    )
    order_feed = models.BooleanField(_("order feed of the platform"), default=False)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(seller__isnull=False, buyer__isnull=True, order_feed=False)
                    | Q(seller__isnull=True, buyer__isnull=False, order_feed=False)
                    | Q(seller__isnull=True, buyer__isnull=True, order_feed=True)
                ),
                name="api_client_speaks_for_one",
                violation_error_message=_("Choose one: a seller, a buyer, or the order feed."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.application)
