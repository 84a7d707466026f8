"""A restriction of a cover for obvious abuse: a finding, a hearing, a decision by two, an end, an appeal (4.1.3)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from cases.models.reminder import Reminds
from zestech_aftersales.accounts.models import User
from zestech_aftersales.rulebook.periods import on_time


class RestrictionState(models.TextChoices):
    PROPOSED = "proposed", _("proposed, the buyer is heard")
    IN_FORCE = "in_force", _("in force")
    APPEALED = "appealed", _("appealed")
    UPHELD = "upheld", _("upheld")
    DECLINED = "declined", _("declined")
    LIFTED = "lifted", _("lifted on appeal")
    ENDED = "ended", _("ended")


STANDING = [RestrictionState.IN_FORCE, RestrictionState.APPEALED, RestrictionState.UPHELD]
# What kept the buyer from requesting service between its begin and its end, whatever has become of it since; one
# that was lifted is as if it had never been.
HELD = [*STANDING, RestrictionState.ENDED]
# A restriction may end before its appeal is decided, or even made: it is decided all the same.
APPEAL_UNDECIDED = Q(state="appealed") | Q(state="ended", appealed_at__isnull=False, appeal_decided_by=None)


def _is_unappealed(restriction: models.Model) -> bool:
    return isinstance(restriction, Restriction) and restriction.appealed_at is None


def _waits_for_a_third(restriction: models.Model) -> bool:
    return isinstance(restriction, Restriction) and restriction.is_appeal_undecided


class Restriction(Reminds):
    """While it stands nothing new can be requested under the cover; what is open goes on."""

    cover = models.ForeignKey("cases.Cover", models.PROTECT, related_name="restrictions")
    state = FSMField(_("state"), default=RestrictionState.PROPOSED, choices=RestrictionState.choices, protected=True)
    finding = models.TextField(_("finding and evidence"))
    decision = models.OneToOneField("timeline.Decision", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    hearing_due_at = models.DateTimeField(_("buyer heard until"))
    answer = models.TextField(_("the buyer’s answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    begins_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"))
    appeal_due_at = models.DateTimeField(_("appeal until"), null=True, blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(_("appealed"), null=True, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    appeal_reason = models.TextField(_("reason of the decision on the appeal"), blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cover"],
                condition=Q(state__in=["proposed", "in_force", "appealed", "upheld"]),
                name="one_restriction_of_a_cover",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("proposed_at")), name="restriction_has_an_end"),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=Q(state__in=["in_force", "appealed", "upheld"]),
                name="restriction_standing",
            ),
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(next_reminder_at__isnull=False),
                name="restriction_reminders",
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Cover')} {self.cover_id} ({self.get_state_display()})"

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"restriction/{self.pk}"

    @property
    def is_heard(self) -> bool:
        """Whether the buyer's time is the one to be heard; afterwards it is the one to appeal."""
        return bool(self.state == RestrictionState.PROPOSED)

    @property
    def started_at(self) -> datetime:
        """When the buyer's time began."""
        return self.proposed_at if self.is_heard else self.begins_at or self.proposed_at

    @property
    def due_at(self) -> datetime | None:
        """When the buyer's time ends."""
        return self.hearing_due_at if self.is_heard else self.appeal_due_at

    @property
    def reminds(self) -> bool:
        """Whether the buyer can still use his time."""
        if self.is_heard:
            return self.answered_at is None
        return self.is_unappealed

    @property
    def is_standing(self) -> bool:
        """Whether it keeps the buyer from requesting service."""
        return self.state in STANDING

    @property
    def is_appeal_undecided(self) -> bool:
        """Whether a third auditor is still to decide: `APPEAL_UNDECIDED` for one row."""
        has_ended = self.state == RestrictionState.ENDED and self.appealed_at is not None
        return self.state == RestrictionState.APPEALED or (has_ended and self.appeal_decided_by_id is None)

    @property
    def is_unappealed(self) -> bool:
        """Whether there is something to appeal against, also where it has ended meanwhile; once."""
        return self.state in (RestrictionState.IN_FORCE, RestrictionState.ENDED) and self.appealed_at is None

    def is_appealable_at(self, at: datetime) -> bool:
        """Whether the buyer can appeal at an instant."""
        return self.is_unappealed and self.appeal_due_at is not None and on_time(at, self.appeal_due_at)

    @transition(field=state, source=RestrictionState.PROPOSED, target=RestrictionState.IN_FORCE)
    def begin(self, begins_at: datetime, appeal_due_at: datetime) -> None:
        self.begins_at, self.appeal_due_at = begins_at, appeal_due_at

    @transition(field=state, source=RestrictionState.PROPOSED, target=RestrictionState.DECLINED)
    def decline(self) -> None:
        self.next_reminder_at = None

    @transition(
        field=state,
        source=[RestrictionState.IN_FORCE, RestrictionState.ENDED],
        target=RETURN_VALUE(RestrictionState.APPEALED, RestrictionState.ENDED),
        conditions=[_is_unappealed],
    )
    def appeal_it(self, appeal: str, appealed_at: datetime) -> str:
        """One that has ended stays so; what is asked is whether it was right."""
        self.appeal, self.appealed_at, self.next_reminder_at = appeal, appealed_at, None
        return RestrictionState.ENDED if self.state == RestrictionState.ENDED else RestrictionState.APPEALED

    @transition(
        field=state,
        source=[RestrictionState.APPEALED, RestrictionState.ENDED],
        target=RETURN_VALUE(RestrictionState.UPHELD, RestrictionState.ENDED),
        conditions=[_waits_for_a_third],
    )
    def uphold(self, person: User | None, reason: str) -> str:
        self.appeal_decided_by, self.appeal_reason = person, reason
        return RestrictionState.ENDED if self.state == RestrictionState.ENDED else RestrictionState.UPHELD

    @transition(
        field=state,
        source=[RestrictionState.APPEALED, RestrictionState.ENDED],
        target=RestrictionState.LIFTED,
        conditions=[_waits_for_a_third],
    )
    def lift(self, person: User | None, reason: str) -> None:
        self.appeal_decided_by, self.appeal_reason = person, reason

    @transition(field=state, source=STANDING, target=RestrictionState.ENDED)
    def end(self) -> None:
        pass
