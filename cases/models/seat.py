"""A taken seat in a slot of a service point; the database refuses to take it twice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SlotSeat(models.Model):
    """Seat 1 to the point's capacity at one slot; released seats stay as history."""

    point = models.ForeignKey("sellers.ServicePoint", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("slot begins"))
    seat = models.PositiveSmallIntegerField(_("seat"))
    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="seats")
    taken_at = models.DateTimeField(_("taken"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("slot seat")
        verbose_name_plural = _("slot seats")
        constraints = [
            models.UniqueConstraint(
                fields=["point", "starts_at", "seat"], condition=Q(released_at=None), name="slot_seat_taken_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.starts_at:%Y-%m-%d %H:%M} #{self.seat}"
