"""The buyer's sign-off of a completed service: signed, objected to, or signed by silence (2.1.1)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.deadline import DeadlineState, Limit
from zestech_aftersales.rulebook import periods


class SignOffOutcome(models.TextChoices):
    AWAITED = "", _("awaited")
    SIGNED = "signed", _("signed")
    OBJECTED = "objected", _("objected")
    SILENCE = "silence", _("signed by silence")


class SignOff(Limit):
    """The limit for the buyer's word on a completed service; a missed one is a yes, never a refusal."""

    appointment = models.OneToOneField("cases.ServiceAppointment", models.PROTECT, related_name="sign_off")
    outcome = models.CharField(_("outcome"), max_length=10, choices=SignOffOutcome.choices, blank=True)
    reason = models.TextField(_("objection"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="sign_off_running"),
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(state="running", next_reminder_at__isnull=False),
                name="sign_off_reminders",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_outcome_display())

    @property
    def kind(self) -> str:
        """Its kind as `rulebook.limits` and the countdown name it."""
        return "sign_off"

    @property
    def is_awaited(self) -> bool:
        """Whether nothing was said yet."""
        return bool(self.state == DeadlineState.RUNNING)

    def can_be_answered(self, at: datetime) -> bool:
        """Whether a word received at an instant is in time, however late it is committed (T10)."""
        if self.state not in (DeadlineState.RUNNING, DeadlineState.MISSED) or self.due_at is None:
            return False
        return periods.on_time(at, self.due_at)
