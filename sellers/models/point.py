"""A service point: where a buyer can bring the unit (2.2.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sellers import slots
from sellers.slots import Slot
from sellers.validators import closed_days, country_code, opening_hours
from zestech_aftersales.accounts.models import validate_time_zone


class ServicePoint(models.Model):
    """A workshop with its opening hours; its slots are booked by cases.SlotSeat."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="points")
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=240)
    city = models.CharField(_("city"), max_length=80)
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    # {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], ...} in the point's zone.
    opening_hours = models.JSONField(_("opening hours"), default=dict, blank=True, validators=[opening_hours])
    # ["2026-12-25", ...] in the point's zone.
    closed_days = models.JSONField(_("closed days"), default=list, blank=True, validators=[closed_days])
    slot_minutes = models.PositiveSmallIntegerField(
        _("slot length in minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    capacity = models.PositiveSmallIntegerField(
        _("units served at the same time"), default=1, validators=[MinValueValidator(1)]
    )
    has_published_slots = models.BooleanField(
        _("slots are published"),
        default=True,
        help_text=_("Without published slots the buyer books the point and a time is agreed later."),
    )
    is_active = models.BooleanField(_("open for bookings"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("service point")
        verbose_name_plural = _("service points")
        ordering = ["country", "city", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="point_serves_one_at_least"),
            models.CheckConstraint(condition=models.Q(slot_minutes__gte=1), name="point_slot_has_length"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    def slots_between(self, begin: datetime, end: datetime) -> list[Slot]:
        """The slots that start at or after `begin` and before `end`; none if the point publishes none.

        Every slot has `capacity` seats; which of them are taken is not known here.
        """
        if not (self.is_active and self.has_published_slots):
            return []
        return slots.slots(
            slots.read_hours(self.opening_hours),
            frozenset(date.fromisoformat(day) for day in self.closed_days),
            self.slot_minutes,
            ZoneInfo(self.time_zone),
            begin,
            end,
        )

    def is_closed_between(self, begin: datetime, end: datetime) -> bool:
        """Whether every day of the point's zone that a time touches, its end not included, is a closed one."""
        zone, closed = ZoneInfo(self.time_zone), {date.fromisoformat(day) for day in self.closed_days}
        day, last = begin.astimezone(zone).date(), max(begin, end - datetime.resolution).astimezone(zone).date()
        return all(day + timedelta(days=n) in closed for n in range((last - day).days + 1))

    def slot_at(self, starts_at: datetime) -> Slot | None:
        """The published slot that starts at exactly this instant, if there is one."""
        return next(iter(self.slots_between(starts_at, starts_at + datetime.resolution)), None)
