"""A seat in a slot of a service point, taken or held for a while; the database refuses to give it twice."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.rulebook.periods import on_time


def occupied_at(at: datetime) -> Q:
    """Seats that nobody else can have at an instant: the SQL twin of `SlotSeat.counts_at`."""
    return Q(released_at=None) & (Q(held_until=None) | Q(held_until__gte=at))


def during(begin: datetime, end: datetime) -> Q:
    """Seats of any part of a slot, however long the point's slots were when they were taken."""
    return Q(starts_at=begin) | Q(starts_at__lt=end, ends_at__gt=begin)


class SlotSeat(models.Model):
    """Seat 1 to the point's capacity at one slot; released seats stay as history.

    With `held_until` it is only held while somebody decides: for an appointment whose offer names the time, or for a
    buyer who is booking. Its last instant is inside (T5); after it the seat counts as free, whether or not a task has
    been by to release it.
    """

    point = models.ForeignKey("sellers.ServicePoint", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("slot begins"))
    # As long as the point's slots were then; without an end it counts for the slot with the same begin alone.
    ends_at = models.DateTimeField(_("slot ends"), null=True, blank=True)
    seat = models.PositiveSmallIntegerField(_("seat"))
    appointment = models.ForeignKey(
        "cases.ServiceAppointment", models.PROTECT, related_name="seats", null=True, blank=True
    )
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("slot seat")
        verbose_name_plural = _("slot seats")
        indexes = [
            models.Index(
                fields=["held_until"], condition=Q(released_at=None, held_until__isnull=False), name="slot_seat_held"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["point", "starts_at", "seat"], condition=Q(released_at=None), name="slot_seat_taken_once"
            ),
            # Whose it is: an appointment's, or for a while that of a buyer who is booking.
            models.CheckConstraint(
                condition=Q(appointment__isnull=False) | Q(held_by__isnull=False, held_until__isnull=False),
                name="slot_seat_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.starts_at:%Y-%m-%d %H:%M} #{self.seat}"

    def is_during(self, begin: datetime, end: datetime) -> bool:
        """Whether it is a seat of any part of a slot: the twin of `during`."""
        return self.starts_at == begin or (self.ends_at is not None and self.starts_at < end and begin < self.ends_at)

    def counts_at(self, at: datetime) -> bool:
        """Whether nobody else can sit here at an instant."""
        return self.released_at is None and (self.held_until is None or on_time(at, self.held_until))
