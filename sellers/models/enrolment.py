"""An enrolment: a seller's part in the after-sales programme (1.1, 3.2, 4.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition


class EnrolmentState(models.TextChoices):
    APPLIED = "applied", _("applied")
    ACTIVE = "active", _("active")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("enrolment", "withdrawn")
    CLEARED = "cleared", _("cleared")


class Enrolment(models.Model):
    """One application and what became of it; a new application is a new row."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="enrolments")
    state = FSMField(_("state"), default=EnrolmentState.APPLIED, choices=EnrolmentState.choices, protected=True)
    statement = models.TextField(_("what the seller says"), blank=True)
    reason = models.TextField(_("reason of the last step"), blank=True)
    applied_at = models.DateTimeField(_("applied"))
    decided_at = models.DateTimeField(_("activated or rejected"), null=True, blank=True)
    left_at = models.DateTimeField(pgettext_lazy("enrolment", "withdrawn"), null=True, blank=True)
    # The bar of clause 3.2 is counted from here.
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-applied_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller"], condition=Q(state__in=["applied", "active"]), name="one_enrolment_in_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller}: {self.get_state_display()}"

    @transition(field=state, source=EnrolmentState.APPLIED, target=EnrolmentState.ACTIVE)
    def activate(self, at: datetime) -> None:
        self.decided_at = at

    @transition(field=state, source=EnrolmentState.APPLIED, target=EnrolmentState.REJECTED)
    def reject(self, at: datetime) -> None:
        self.decided_at = at

    @transition(field=state, source=EnrolmentState.ACTIVE, target=EnrolmentState.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.left_at = at

    @transition(field=state, source=[EnrolmentState.ACTIVE, EnrolmentState.WITHDRAWN], target=EnrolmentState.CLEARED)
    def clear(self, at: datetime) -> None:
        self.cleared_at = at
