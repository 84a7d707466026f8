"""A deadline: one clock of one thing, with the pauses that moved it (T2 to T8)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from cases.models.reminder import Reminds
from zestech_aftersales.rulebook import periods
from zestech_aftersales.rulebook.limits import LIMITS, amount_words


class Clock(models.TextChoices):
    """The clocks of an appointment; rulebook.limits tells their clause, unit and number."""

    RESPONSE = "response", _("effective response")
    CONFIRMATION = "confirmation", _("confirmation of the visit")
    SOLUTION = "solution", _("solution")
    COUNTER = "counter", _("answer to the counter-offer")
    NEW_DATE = "new_date", _("new date")
    BUYER_SILENCE = "buyer_silence", _("buyer’s decision")
    OFFER_RULING = "offer_ruling", _("ruling on the offer")


SELLERS_CLOCKS = (Clock.RESPONSE, Clock.SOLUTION, Clock.CONFIRMATION, Clock.COUNTER, Clock.NEW_DATE)
BUYERS_CLOCKS = (Clock.BUYER_SILENCE,)
# The platform's own time to rule reminds nobody: it stands on the watch list.
REMINDED_CLOCKS = frozenset({*SELLERS_CLOCKS, *BUYERS_CLOCKS})


class DeadlineState(models.TextChoices):
    RUNNING = "running", _("running")
    MET = "met", _("met")
    MISSED = "missed", _("missed")
    VOIDED = "voided", _("voided")


class Limit(Reminds):
    """What every limit has, whichever table it stands in: a start, a number, a due instant."""

    state = FSMField(_("state"), default=DeadlineState.RUNNING, choices=DeadlineState.choices, protected=True)
    clause = models.CharField(_("clause"), max_length=8)
    started_at = models.DateTimeField(_("started"))
    amount = models.PositiveSmallIntegerField(_("amount"))
    # NULL while a pause is open: such a clock has no due instant (T7).
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # "" when the number is the edition's; the commitment's dimension when a promise made it better (2.3.3).
    promised = models.CharField(_("by commitment"), max_length=30, blank=True)

    class Meta:
        abstract = True

    @property
    def reminds(self) -> bool:
        """Whether people are reminded of it as it is now."""
        return bool(self.state == DeadlineState.RUNNING)

    def is_passed(self, at: datetime) -> bool:
        """Whether the limit ran out before `at`; the due instant itself is still inside (T5)."""
        return self.state == DeadlineState.RUNNING and self.due_at is not None and not periods.on_time(at, self.due_at)

    @transition(field=state, source=DeadlineState.RUNNING, target=DeadlineState.MET)
    def meet(self, at: datetime) -> None:
        self.ended_at, self.next_reminder_at = at, None

    @transition(field=state, source=DeadlineState.RUNNING, target=DeadlineState.MISSED)
    def miss(self) -> None:
        self.ended_at, self.next_reminder_at = self.due_at, None

    @transition(field=state, source=DeadlineState.RUNNING, target=DeadlineState.VOIDED)
    def void(self, at: datetime) -> None:
        self.ended_at, self.next_reminder_at = at, None

    @transition(field=state, source=[DeadlineState.MET, DeadlineState.VOIDED], target=DeadlineState.MISSED)
    def miss_after_all(self) -> None:
        """The pause under which it was met did not hold: the old due instant counts."""
        self.ended_at = self.due_at

    @transition(field=state, source=[DeadlineState.MISSED, DeadlineState.VOIDED], target=DeadlineState.RUNNING)
    def restore(self) -> None:
        self.ended_at = None

    @transition(field=state, source=DeadlineState.MET, target=DeadlineState.RUNNING)
    def reopen(self) -> None:
        self.ended_at = None


class Deadline(Limit):
    """A clock of a service appointment."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="deadlines")
    clock = models.CharField(_("clock"), max_length=15, choices=Clock.choices)
    # The state that a miss ended, and the miss that voided a sibling: what a rescission restores.
    state_before = models.CharField(_("state before the miss"), max_length=20, blank=True)
    voided_by = models.ForeignKey(
        "self", models.PROTECT, related_name="siblings", null=True, blank=True, db_index=False
    )

    # The number before buyer and seller agreed on a longer one for this request alone; NULL where they did not.
    agreed_from = models.PositiveSmallIntegerField(_("agreed instead of"), null=True, blank=True)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "clock"], condition=Q(state="running"), name="one_running_clock_of_a_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="running"), name="deadline_running"),
            # What figures count, by when it was decided; nothing else of the row is read for them.
            models.Index(
                fields=["ended_at", "state", "clock", "due_at"],
                condition=Q(state__in=["met", "missed"]),
                name="deadline_decided",
            ),
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(state="running", next_reminder_at__isnull=False),
                name="deadline_reminders",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_clock_display()} ({self.get_state_display()})"

    @property
    def kind(self) -> str:
        """Its kind as `rulebook.limits` and the countdown name it."""
        return str(self.clock)

    @property
    def reminds(self) -> bool:
        """Whether people are reminded of it as it is now."""
        return super().reminds and self.clock in REMINDED_CLOCKS

    @property
    def amount_by_rule(self) -> int:
        """The number that rules and promises give, whatever was agreed on for this request since."""
        return self.amount if self.agreed_from is None else self.agreed_from

    @property
    def is_agreed(self) -> bool:
        """Whether what both sides agreed on counts: the rules may give as much or more by now."""
        return self.amount > self.amount_by_rule

    @property
    def length_words(self) -> str:
        """Its length in words: "48 hours", "14 natural days"."""
        return amount_words(LIMITS[self.clock].unit, self.amount)


class Pause(models.Model):
    """An interval in which a clock stood still, with its cause (T7)."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="pauses")
    begins_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=60)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    # A voided pause is as if it had never been.
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ["begins_at", "id"]

    def __str__(self) -> str:
        return self.cause
