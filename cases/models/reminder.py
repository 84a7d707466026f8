"""Reminders: when a limit reminds next, and that somebody was reminded of it, once for each step."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reminds(models.Model):
    """What every limit has of which people are reminded, whichever table it stands in."""

    # Recomputed with the due instant (cases.reminders.schedule); NULL when no reminder is left, paused or ended.
    next_reminder_at = models.DateTimeField(_("next reminder"), null=True, blank=True)
    # The last step in percent that is behind the limit; it goes back only with a longer limit, whose steps are its own.
    reminded_step = models.PositiveSmallIntegerField(_("reminded of"), default=0, db_default=0)

    class Meta:
        abstract = True


class Reminder(models.Model):
    """One person was reminded of one limit at one step; written with the event that tells them."""

    # How long the limit was then, in its unit: one that was made longer by agreement reminds anew.
    amount = models.PositiveSmallIntegerField(_("amount"), default=0, db_default=0)
    step = models.PositiveSmallIntegerField(_("percent of the limit"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("person"), related_name="+", db_index=False
    )
    event = models.ForeignKey("timeline.Event", models.PROTECT, verbose_name=_("event"), related_name="+")
    sent_at = models.DateTimeField(_("reminded"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.step} %"


class ReminderSent(Reminder):
    """Of a clock of an appointment."""

    deadline = models.ForeignKey("cases.Deadline", models.PROTECT, related_name="reminders", db_index=False)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["deadline", "amount", "step", "person"], name="reminded_once_of_a_step"),
        ]


class SignOffReminder(Reminder):
    """Of the buyer's time to sign a service off."""

    sign_off = models.ForeignKey("cases.SignOff", models.PROTECT, related_name="reminders", db_index=False)

    class Meta:
        verbose_name = _("reminder of a sign-off")
        verbose_name_plural = _("reminders of sign-offs")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sign_off", "amount", "step", "person"], name="sign_off_reminded_once"),
        ]


class ProofReminder(Reminder):
    """Of the seller's time to prove what he claims."""

    claim = models.ForeignKey("cases.ExclusionClaim", models.PROTECT, related_name="reminders", db_index=False)

    class Meta:
        verbose_name = _("reminder of a proof")
        verbose_name_plural = _("reminders of proofs")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "amount", "step", "person"], name="proof_reminded_once"),
        ]


class RestrictionReminder(Reminder):
    """Of the buyer's time to be heard before his cover is restricted, and to appeal afterwards."""

    # Which of the two: an edition may give both the same number of days.
    clock = models.CharField(_("clock"), max_length=16)
    restriction = models.ForeignKey("cases.Restriction", models.PROTECT, related_name="reminders", db_index=False)

    class Meta:
        verbose_name = _("reminder of a restriction")
        verbose_name_plural = _("reminders of restrictions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["restriction", "clock", "amount", "step", "person"], name="restriction_reminded_once"
            ),
        ]


class VisitStep(models.TextChoices):
    """What the engineer of a visit is reminded of, once each."""

    CHECK_IN = "check_in", _("check-in")
    REPORT = "report", _("report")


class VisitReminder(models.Model):
    """The engineer of a visit was reminded of it; no limit runs, nothing follows from it."""

    visit = models.ForeignKey("cases.Visit", models.PROTECT, related_name="reminders", db_index=False)
    step = models.CharField(_("of what"), max_length=8, choices=VisitStep.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("person"), related_name="+", db_index=False
    )
    event = models.ForeignKey("timeline.Event", models.PROTECT, verbose_name=_("event"), related_name="+")
    sent_at = models.DateTimeField(_("reminded"))

    class Meta:
        verbose_name = _("reminder of a visit")
        verbose_name_plural = _("reminders of visits")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "step", "person"], name="visit_reminded_once"),
        ]

    def __str__(self) -> str:
        return str(self.get_step_display())
