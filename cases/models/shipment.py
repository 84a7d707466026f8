"""A shipment of spare parts or accessories to the buyer: announced, sent, and what became of it (2.1.1)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from cases.validators import only_https


class ShipmentKind(models.TextChoices):
    SPARE_PART = "spare_part", _("spare part")
    ACCESSORY = "accessory", _("accessory")


class ShipmentState(models.TextChoices):
    ANNOUNCED = "announced", _("announced")
    SHIPPED = "shipped", _("on its way")
    RECEIVED = "received", _("received")
    LOST = "lost", _("lost")
    RETURNED = "returned", _("returned to the seller")


State = ShipmentState


class Shipment(models.Model):
    """One parcel in a case. That it arrived is for the buyer alone to say; it stops no limit."""

    case = models.ForeignKey("cases.ServiceCase", models.PROTECT, related_name="shipments")
    kind = models.CharField(_("kind"), max_length=10, choices=ShipmentKind.choices)
    contents = models.TextField(_("what is inside"), max_length=1000)
    state = FSMField(_("state"), default=State.ANNOUNCED, choices=State.choices, protected=True)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)
    tracking_url = models.CharField(_("tracking link"), max_length=300, blank=True, validators=[only_https])
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    announced_at = models.DateTimeField(_("announced"))
    shipped_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # The buyer's word that it has not come; the parcel may still turn up.
    missed_at = models.DateTimeField(_("said not to have come"), null=True, blank=True)
    ended_at = models.DateTimeField(_("received, lost or returned"), null=True, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(contents=""), name="shipment_has_contents"),
            models.CheckConstraint(
                condition=Q(shipped_at=None) | Q(shipped_at__gte=F("announced_at")), name="shipment_sent_afterwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.contents[:60]}"

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"shipment/{self.pk}"

    @property
    def is_missed(self) -> bool:
        """Whether the buyer says that it has not come, and nobody has said more since."""
        return self.state == State.SHIPPED and self.missed_at is not None

    @transition(field=state, source=State.ANNOUNCED, target=State.SHIPPED)
    def ship(self, at: datetime) -> None:
        self.shipped_at = at

    @transition(field=state, source=[State.SHIPPED, State.LOST], target=State.RECEIVED)
    def receive(self, at: datetime) -> None:
        """Also a parcel given up for lost may turn up."""
        self.ended_at = at

    @transition(field=state, source=State.SHIPPED, target=State.LOST)
    def lose(self, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=[State.SHIPPED, State.LOST], target=State.RETURNED)
    def come_back(self, at: datetime) -> None:
        self.ended_at = at
