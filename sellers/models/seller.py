"""A seller: who promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sellers.legal_names import LONGEST, entity_key
from sellers.validators import country_code
from zestech_aftersales.accounts.models import validate_time_zone


class Seller(models.Model):
    """A merchant of the shop; the legal entity is what a bar of clause 3.2 covers."""

    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("legal entity"), max_length=200)
    # What the legal entity is compared by; derived from its name at every save.
    entity_key = models.CharField(_("legal entity compared"), max_length=LONGEST, editable=False, db_index=True)
    # NULL: from the beginning.
    named_since = models.DateTimeField(_("so named since"), null=True, blank=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    city = models.CharField(_("city"), max_length=80)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])

    history = HistoricalRecords(excluded_fields=["entity_key", "named_since"])

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Keep what the entity is compared by true to its name."""
        self.entity_key = entity_key(self.legal_name)
        if update_fields is not None and "legal_name" in update_fields:
            update_fields = {*update_fields, "entity_key"}
        super().save(update_fields=update_fields, **kwargs)

    def clean_fields(self, exclude: Iterable[str] | None = None) -> None:
        """Everything but what is derived."""
        super().clean_fields(exclude={*(exclude or ()), "entity_key"})


class FormerLegalName(models.Model):
    """A legal name that a seller bore and bears no more: who changes it stays the same entity (3.2).

    Both instants belong to it; `since` NULL: from the beginning.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="former_legal_names")
    legal_name = models.CharField(_("legal entity"), max_length=200)
    entity_key = models.CharField(_("legal entity compared"), max_length=LONGEST, db_index=True)
    since = models.DateTimeField(_("so named since"), null=True, blank=True)
    until = models.DateTimeField(_("so named until"))

    class Meta:
        verbose_name = _("former legal name")
        verbose_name_plural = _("former legal names")
        ordering = ["-until", "-id"]

    def __str__(self) -> str:
        return f"{self.seller}: {self.legal_name}"
