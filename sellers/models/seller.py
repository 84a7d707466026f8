"""A seller: who promises."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sellers.validators import country_code
from zestech_aftersales.accounts.models import validate_time_zone


class Seller(models.Model):
    """A merchant of the shop; the legal entity is what a bar of clause 3.2 covers."""

    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("legal entity"), max_length=200)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    city = models.CharField(_("city"), max_length=80)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        ordering = ["name", "id"]
        indexes = [models.Index(Lower("legal_name"), name="seller_legal_entity")]

    def __str__(self) -> str:
        return self.name
