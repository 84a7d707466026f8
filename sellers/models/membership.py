"""A membership: which seller a person works for, and in which seat."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.accounts.actors import Seat

# An API client has a binding of its own (ApiClient), never a person's seat.
SEATS = [seat for seat in Seat if seat != Seat.CLIENT]


class Membership(models.Model):
    """One person's seat at one seller."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="membership")
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="memberships")
    seat = models.CharField(_("seat"), max_length=10, choices=[(seat.value, seat.label) for seat in SEATS])

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["seller_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seat__in=[seat.value for seat in SEATS]), name="membership_has_a_persons_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_seat_display()})"
