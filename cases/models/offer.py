"""An offer: the structured answer that meets the 48 hours, or the buyer's counter-offer to it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType


class OfferState(models.TextChoices):
    STANDING = "standing", _("standing")
    REPLACED = "replaced", _("replaced")
    ACCEPTED = "accepted", _("accepted")
    FLAGGED = "flagged", _("flagged")
    HELD_REASONABLE = "held_reasonable", _("held reasonable")
    HELD_UNREASONABLE = "held_unreasonable", _("held unreasonable")
    VOID = "void", _("void")


class Side(models.TextChoices):
    SELLER = "seller", _("seller")
    BUYER = "buyer", _("buyer")


OPEN_OFFERS = [OfferState.STANDING, OfferState.FLAGGED, OfferState.HELD_REASONABLE]


class Offer(models.Model):
    """What, who, when, where and for how much; kept for ever, also when it came late."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="offers")
    side = models.CharField(_("side"), max_length=10, choices=Side.choices, default=Side.SELLER)
    state = FSMField(_("state"), default=OfferState.STANDING, choices=OfferState.choices, protected=True)
    method = models.CharField(_("method"), max_length=10, choices=ServiceMethod.choices)
    service_type = models.CharField(_("service"), max_length=30, choices=ServiceType.choices)
    # Visit windows: [{"starts_at": ISO, "ends_at": ISO}], instants in UTC.
    windows = models.JSONField(_("visit windows"), default=list, blank=True)
    next_step = models.CharField(_("next step"), max_length=300, blank=True)
    next_step_at = models.DateTimeField(_("date of the next step"), null=True, blank=True)
    contact_name = models.CharField(_("named person"), max_length=120, blank=True)
    engineer = models.ForeignKey("sellers.Engineer", models.PROTECT, related_name="+", null=True, blank=True)
    point = models.ForeignKey("sellers.ServicePoint", models.PROTECT, related_name="+", null=True, blank=True)
    # For remote guidance; shown to both sides once the appointment is confirmed.
    video_url = models.URLField(_("video link"), max_length=500, blank=True)
    plan = models.TextField(_("plan"), blank=True)
    parts = models.CharField(_("parts"), max_length=300, blank=True)
    price_amount = models.DecimalField(_("price"), max_digits=10, decimal_places=2, default=0)
    price_currency = models.CharField(_("currency"), max_length=3, blank=True)
    price_terms = models.CharField(_("price terms"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    received_at = models.DateTimeField(_("received"))
    is_late = models.BooleanField(_("late"), default=False)
    accepted_window = models.PositiveSmallIntegerField(_("accepted window"), null=True, blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(state__in=["standing", "flagged", "held_reasonable"]),
                name="one_standing_offer_per_appointment",
            ),
        ]
        indexes = [models.Index(fields=["received_at"], condition=Q(state="flagged"), name="offer_flagged")]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.get_state_display()}"

    @property
    def shown_windows(self) -> list[dict[str, datetime]]:
        """The windows with instants instead of text."""
        return [{end: datetime.fromisoformat(text) for end, text in kept.items()} for kept in self.windows]

    @property
    def agreed_window(self) -> dict[str, datetime] | None:
        """The window that was accepted; None for an offer without one, which names a next step only."""
        chosen = self.accepted_window or 0
        return self.shown_windows[chosen] if self.state == OfferState.ACCEPTED and self.windows else None

    def windows_ahead(self, at: datetime) -> list[int]:
        """Which of the windows have not begun at an instant, by their index."""
        return [n for n, window in enumerate(self.shown_windows) if window["starts_at"] > at]

    def choosable(self, at: datetime) -> list[int]:
        """Which of the windows can be taken: those ahead; once there are none, any: the date is then moved by agreement.

        The buyer has 7 natural days to accept, whatever times were offered (2.3.1).
        """
        return self.windows_ahead(at) or list(range(len(self.windows)))

    @transition(field=state, source=OPEN_OFFERS, target=OfferState.REPLACED)
    def replace(self) -> None:
        pass

    @transition(field=state, source=OPEN_OFFERS, target=OfferState.ACCEPTED)
    def accept(self) -> None:
        pass

    @transition(field=state, source=OfferState.STANDING, target=OfferState.FLAGGED)
    def flag(self) -> None:
        pass

    @transition(field=state, source=OfferState.FLAGGED, target=OfferState.HELD_REASONABLE)
    def hold_reasonable(self) -> None:
        pass

    @transition(field=state, source=OfferState.FLAGGED, target=OfferState.HELD_UNREASONABLE)
    def hold_unreasonable(self) -> None:
        pass

    @transition(field=state, source=OPEN_OFFERS, target=OfferState.VOID)
    def void(self) -> None:
        pass

    @transition(
        field=state,
        source=[OfferState.VOID, OfferState.REPLACED],
        target=RETURN_VALUE(OfferState.STANDING, OfferState.HELD_REASONABLE),
    )
    def stand_again(self, *, was_held_reasonable: bool = False) -> str:
        """What voided or replaced it was taken back."""
        return OfferState.HELD_REASONABLE if was_held_reasonable else OfferState.STANDING

    @transition(field=state, source=OfferState.HELD_UNREASONABLE, target=OfferState.STANDING)
    def stand_after_all(self) -> None:
        """What was received before the ruling has overtaken it."""
