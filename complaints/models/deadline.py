"""A limit of the judgement: hearing, appeal, escalation, evidence, objection, answer to a loss (3.2 to 3.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.deadline import DeadlineState, Limit
from cases.models.reminder import Reminder
from zestech_aftersales.rulebook.limits import LIMITS, amount_words


class JudgementClock(models.TextChoices):
    """The clocks of the judgement; rulebook.limits tells their clause, unit and number."""

    HEARING = "hearing", _("hearing of the seller")
    APPEAL = "appeal", _("appeal")
    AUTO_ESCALATION = "auto_escalation", _("negotiation before it escalates by itself")
    EVIDENCE = "evidence", _("evidence")
    OBJECTION = "objection", _("objection")
    LOSS_ANSWER = "loss_answer", _("answer to the loss claim")


class JudgementDeadline(Limit):
    """A clock of a violation, an audit, a complaint, an evidence request or a loss claim: of exactly one.

    Most give somebody a right for a time: `met` when it was used, `missed` when its time ran out.
    """

    clock = models.CharField(_("clock"), max_length=15, choices=JudgementClock.choices)
    violation = models.ForeignKey("complaints.Violation", models.PROTECT, related_name="deadlines", null=True)
    audit = models.ForeignKey("complaints.Audit", models.PROTECT, related_name="deadlines", null=True)
    complaint = models.ForeignKey("complaints.Complaint", models.PROTECT, related_name="deadlines", null=True)
    evidence_request = models.OneToOneField(
        "complaints.EvidenceRequest", models.PROTECT, related_name="deadline", null=True
    )
    loss_claim = models.ForeignKey("complaints.LossClaim", models.PROTECT, related_name="deadlines", null=True)

    class Meta:
        verbose_name = _("limit of the judgement")
        verbose_name_plural = _("limits of the judgement")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(violation__isnull=False, audit=None, complaint=None, evidence_request=None, loss_claim=None)
                | Q(violation=None, audit__isnull=False, complaint=None, evidence_request=None, loss_claim=None)
                | Q(violation=None, audit=None, complaint__isnull=False, evidence_request=None, loss_claim=None)
                | Q(violation=None, audit=None, complaint=None, evidence_request__isnull=False, loss_claim=None)
                | Q(violation=None, audit=None, complaint=None, evidence_request=None, loss_claim__isnull=False),
                name="judgement_limit_of_one_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="judgement_limit_running"),
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(state="running", next_reminder_at__isnull=False),
                name="judgement_limit_reminders",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} ({self.get_state_display()})"

    @property
    def kind(self) -> str:
        """Its kind as `rulebook.limits` and the countdown name it."""
        return str(self.clock)

    @property
    def length_words(self) -> str:
        """Its length in words: "5 natural days"."""
        return amount_words(LIMITS[self.clock].unit, self.amount)

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        return bool(self.state == DeadlineState.RUNNING)


class JudgementReminder(Reminder):
    """One person was reminded of a limit of the judgement at one step."""

    limit = models.ForeignKey(JudgementDeadline, models.PROTECT, related_name="reminders", db_index=False)

    class Meta:
        verbose_name = _("reminder of the judgement")
        verbose_name_plural = _("reminders of the judgement")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["limit", "amount", "step", "person"], name="judgement_limit_reminded_once"),
        ]
