"""A waiver: the buyer gives up the cover of an order line, in so many words, twice (4.1.1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


class WaiverState(models.TextChoices):
    STATED = "stated", _("stated, to be confirmed")
    CONFIRMED = "confirmed", _("confirmed")
    DROPPED = "dropped", _("dropped")


class Waiver(models.Model):
    """Said first, confirmed by a second command; only then the cover is given up."""

    cover = models.ForeignKey("cases.Cover", models.PROTECT, related_name="waivers")
    state = FSMField(_("state"), default=WaiverState.STATED, choices=WaiverState.choices, protected=True)
    statement = models.TextField(_("in the buyer’s words"))
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(_("stated"))
    ended_at = models.DateTimeField(_("confirmed or dropped"), null=True, blank=True)

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cover"], condition=Q(state="stated"), name="one_waiver_to_confirm"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("stated_at")), name="waiver_confirmed_afterwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cover_id} ({self.get_state_display()})"

    @transition(field=state, source=WaiverState.STATED, target=WaiverState.CONFIRMED)
    def confirm(self) -> None:
        pass

    @transition(field=state, source=WaiverState.STATED, target=WaiverState.DROPPED)
    def drop(self) -> None:
        pass
