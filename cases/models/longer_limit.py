"""A longer limit for one request, proposed by the seller; it binds once the buyer has accepted it in time."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, amount_words


class LongerLimitState(models.TextChoices):
    STANDING = "standing", _("proposed")
    REPLACED = "replaced", _("replaced")
    ACCEPTED = "accepted", _("agreed")
    DECLINED = "declined", _("declined")


class LongerLimit(models.Model):
    """Another length for one running clock, in the clock's own unit; nothing comes of it without the buyer's yes.

    A limit that passes leaves the state as it is: the proposal can no longer be answered (`is_open_at`), and if the
    miss is taken back it can be again.
    """

    deadline = models.ForeignKey("cases.Deadline", models.PROTECT, related_name="longer_limits")
    state = FSMField(_("state"), default=LongerLimitState.STANDING, choices=LongerLimitState.choices, protected=True)
    # What held when it was proposed, or once it is agreed on what the buyer gave up; and what is to hold instead.
    instead_of = models.PositiveSmallIntegerField(_("instead of"))
    amount = models.PositiveSmallIntegerField(_("proposed length"))
    reason = models.CharField(_("reason"), max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    received_at = models.DateTimeField(_("received"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("longer limit")
        verbose_name_plural = _("longer limits")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(state="standing"), name="one_standing_longer_limit_per_clock"
            ),
            models.CheckConstraint(condition=Q(amount__gt=F("instead_of")), name="a_longer_limit_is_longer"),
        ]

    def __str__(self) -> str:
        return f"{self.words} ({self.get_state_display()})"

    @property
    def words(self) -> str:
        """What is proposed: "72 hours"."""
        return amount_words(LIMITS[self.deadline.clock].unit, self.amount)

    @property
    def instead_words(self) -> str:
        """What it is proposed instead of, or was agreed on instead of: "48 hours"."""
        # While it stands a judgement can move what counts.
        held = self.deadline.amount if self.state == LongerLimitState.STANDING else self.instead_of
        return amount_words(LIMITS[self.deadline.clock].unit, held)

    def is_open_at(self, at: datetime) -> bool:
        """Whether the buyer can answer it: it stands, is still longer, and the clock runs and is not over (T5)."""
        if self.state != LongerLimitState.STANDING or self.deadline.state != "running":
            return False
        if self.amount <= self.deadline.amount:
            return False
        return self.deadline.due_at is None or periods.on_time(at, self.deadline.due_at)

    @transition(field=state, source=LongerLimitState.STANDING, target=LongerLimitState.REPLACED)
    def replace(self) -> None:
        pass

    @transition(field=state, source=LongerLimitState.STANDING, target=LongerLimitState.ACCEPTED)
    def accept(self, at: datetime) -> None:
        self.answered_at = at

    @transition(field=state, source=LongerLimitState.STANDING, target=LongerLimitState.DECLINED)
    def decline(self, at: datetime, answer: str) -> None:
        self.answered_at, self.answer = at, answer
