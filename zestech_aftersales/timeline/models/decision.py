"""Decision: four eyes; one person proposes, another one approves or declines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from zestech_aftersales.accounts.models import User


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")


class Decision(models.Model):
    """A step that one person alone may not take. `subject` names the thing, like violation/9."""

    kind = models.CharField(_("kind"), max_length=32)
    subject = models.CharField(_("subject"), max_length=64)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.TextField(_("reason"))
    clause = models.CharField(_("clause"), max_length=16, blank=True, default="")
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    answer = models.TextField(_("reason of the second person"), blank=True, default="")
    state = FSMField(_("state"), choices=DecisionState.choices, default=DecisionState.PROPOSED, protected=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            models.Index(fields=["subject", "kind"], name="timeline_decision_subject"),
            models.Index(fields=["proposed_at"], condition=Q(state="proposed"), name="timeline_decision_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed", approver__isnull=True)
                | Q(approver__isnull=False) & ~Q(approver=F("proposer")),
                name="timeline_decision_four_eyes",
                violation_error_message=_("Another person has to decide."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @transition(field=state, source=DecisionState.PROPOSED, target=DecisionState.APPROVED)
    def approve(self, person: User) -> None:
        self.approver = person

    @transition(field=state, source=DecisionState.PROPOSED, target=DecisionState.DECLINED)
    def decline(self, person: User) -> None:
        self.approver = person
