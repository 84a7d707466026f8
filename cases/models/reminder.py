"""ReminderSent: that somebody was reminded of a limit, once for each step."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderSent(models.Model):
    """One person was reminded of one limit at one step; written with the event that tells them."""

    deadline = models.ForeignKey("cases.Deadline", models.PROTECT, related_name="reminders", db_index=False)
    step = models.PositiveSmallIntegerField(_("percent of the limit"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("person"), related_name="+", db_index=False
    )
    event = models.ForeignKey("timeline.Event", models.PROTECT, verbose_name=_("event"), related_name="+")
    sent_at = models.DateTimeField(_("reminded"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["deadline", "step", "person"], name="reminded_once_of_a_step"),
        ]

    def __str__(self) -> str:
        return f"{self.step} %"
