"""A violation: a breach that people judge, never the machine (3.2)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from zestech_aftersales.accounts.models import User


class ViolationState(models.TextChoices):
    CANDIDATE = "candidate", _("candidate")
    NOTIFIED = "notified", _("notified, the seller is heard")
    CONFIRMED = "confirmed", _("confirmed")
    DISMISSED = "dismissed", _("dismissed")
    APPEALED = "appealed", _("appealed")
    UPHELD = "upheld", _("upheld")
    OVERTURNED = "overturned", _("overturned")


class BreachKind(models.TextChoices):
    """What kind of breach was found, and how."""

    MISSED_LIMIT = "missed_limit", _("missed limit")
    EXPRESS_REFUSAL = "express_refusal", _("express refusal inside the cover")
    NO_SHOW = "no_show", _("seller did not come")
    COMPLAINT = "complaint", _("found by a complaint")
    AUDIT = "audit", _("found by an audit")


class DismissalCode(models.TextChoices):
    """Why a violation counts no longer."""

    NOT_PROVEN = "not_proven", _("not proven")
    EXCUSED = "excused", _("excused")
    RESCINDED = "rescinded", _("the answer was in time after all")
    DUPLICATE = "duplicate", _("the same breach is judged already")
    MINOR = "minor", _("no breach of these rules")
    NO_DUTY = "no_duty", _("the cover had ended: nothing was owed")
    REVIEWED = "reviewed", _("the complaint that it rested on was decided otherwise on review")


# A confirmed breach that nobody has overturned: what clearance and losses may rest on.
STANDING_VIOLATIONS = [ViolationState.CONFIRMED, ViolationState.APPEALED, ViolationState.UPHELD]
OPEN_VIOLATIONS = [ViolationState.CANDIDATE, ViolationState.NOTIFIED]
# What only a fact of the case or the end of a complaint can say; the others are for an auditor.
BY_FACT = [DismissalCode.RESCINDED, DismissalCode.NO_DUTY, DismissalCode.REVIEWED]


# How the breaches begin that a case tells by itself; the others were found by people.
FACTS = ("deadline/", "refusal/", "visit/")
# How those begin that only the determination of a complaint has found.
FOUND_BY_COMPLAINT = "complaint/"


class Violation(models.Model):
    """One breach of one clause by one seller, from candidate to the decision on appeal."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="violations")
    state = FSMField(_("state"), default=ViolationState.CANDIDATE, choices=ViolationState.choices, protected=True)
    kind = models.CharField(_("kind"), max_length=16, choices=BreachKind.choices)
    clause = models.CharField(_("clause"), max_length=8)
    # Names the one breach it is about (deadline/12, refusal/44, refusal/44/2, visit/9): the same breach is judged once.
    breach = models.CharField(_("breach"), max_length=64)
    appointment = models.ForeignKey(
        "cases.ServiceAppointment", models.PROTECT, related_name="violations", null=True, blank=True
    )
    finding = models.TextField(_("finding"), blank=True)
    occurred_at = models.DateTimeField(_("breach took effect"))
    # The appointment went on by the buyer's acceptance: "late, cured"; the breach stays on the record.
    cured_at = models.DateTimeField(_("cured"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    # NULL: found by the system from a fact.
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("opened by")
    )
    notified_at = models.DateTimeField(_("seller notified"), null=True, blank=True)
    answer = models.TextField(_("the seller’s answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("judged by")
    )
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    reason = models.TextField(_("reasons"), blank=True)
    dismissal = models.CharField(_("dismissed as"), max_length=12, choices=DismissalCode.choices, blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(_("appealed"), null=True, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("appeal decided by"),
    )
    appeal_decided_at = models.DateTimeField(_("appeal decided"), null=True, blank=True)
    appeal_reason = models.TextField(_("reasons of the decision on the appeal"), blank=True)
    # Its fact is gone since then, but it was confirmed: the loop lets it fall under the locks that this needs.
    groundless_since = models.DateTimeField(_("without ground since"), null=True, blank=True)
    # Who of the staff looks after it.
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("assigned to")
    )

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["breach"], name="one_violation_of_a_breach"),
            models.CheckConstraint(
                condition=Q(judged_by=None) | Q(opened_by=None) | ~Q(judged_by=F("opened_by")),
                name="violation_judged_by_another",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_by=None)
                | ~Q(appeal_decided_by=F("judged_by")) & (Q(opened_by=None) | ~Q(appeal_decided_by=F("opened_by"))),
                name="violation_appeal_by_a_third",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "state", "-id"]),
            models.Index(fields=["state", "opened_at"]),
            models.Index(
                fields=["groundless_since"],
                condition=Q(groundless_since__isnull=False),
                name="violation_groundless",
            ),
        ]

    def __str__(self) -> str:
        return f"V-{self.pk}"

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"violation/{self.pk}"

    @property
    def is_of_a_case(self) -> bool:
        """Whether it rests on a fact that a case tells by itself, which may vanish and come back."""
        return self.breach.startswith(FACTS)

    @property
    def fell_by_fact(self) -> bool:
        """Whether it ended because its fact was gone, by nobody's decision: then the fact can bring it back."""
        if self.state == ViolationState.DISMISSED:
            return self.judged_by_id is None
        # What an appeal was decided as tells nothing: one that was upheld can fall too. A person gives no such code.
        return bool(self.state == ViolationState.OVERTURNED and self.dismissal)

    @property
    def stands(self) -> bool:
        """Whether it is confirmed and nobody has overturned it."""
        return self.state in STANDING_VIOLATIONS

    @transition(field=state, source=ViolationState.CANDIDATE, target=ViolationState.NOTIFIED)
    def notify(self, at: datetime) -> None:
        self.notified_at = at

    @transition(field=state, source=ViolationState.NOTIFIED, target=ViolationState.CONFIRMED)
    def confirm(self, person: User, reason: str, at: datetime) -> None:
        self.judged_by, self.reason, self.judged_at = person, reason, at

    @transition(field=state, source=OPEN_VIOLATIONS, target=ViolationState.DISMISSED)
    def dismiss(self, code: DismissalCode, person: User | None, reason: str, at: datetime) -> None:
        self.dismissal, self.judged_by, self.reason, self.judged_at = code, person, reason, at

    @transition(field=state, source=ViolationState.CONFIRMED, target=ViolationState.APPEALED)
    def appeal_it(self, appeal: str, at: datetime) -> None:
        self.appeal, self.appealed_at = appeal, at

    @transition(field=state, source=ViolationState.APPEALED, target=ViolationState.UPHELD)
    def uphold(self, person: User, reason: str, at: datetime) -> None:
        self.appeal_decided_by, self.appeal_reason, self.appeal_decided_at = person, reason, at

    @transition(field=state, source=ViolationState.APPEALED, target=ViolationState.OVERTURNED)
    def overturn(self, person: User, reason: str, at: datetime) -> None:
        self.appeal_decided_by, self.appeal_reason, self.appeal_decided_at = person, reason, at

    @transition(field=state, source=STANDING_VIOLATIONS, target=ViolationState.OVERTURNED)
    def fall(self, code: DismissalCode, at: datetime) -> None:
        """The fact it rested on is gone (rescission, a granted excuse): nobody has to decide that."""
        self.dismissal, self.appeal_decided_at, self.groundless_since = code, at, None

    @transition(
        field=state, source=[ViolationState.DISMISSED, ViolationState.OVERTURNED], target=ViolationState.CANDIDATE
    )
    def open_again(self) -> None:
        """The fact that had ended it is gone itself, a grant was revoked: it is judged from the start."""
        self.dismissal, self.reason, self.judged_at, self.judged_by = "", "", None, None
        self.answer, self.answered_at = "", None
        self.appeal, self.appealed_at, self.appeal_reason, self.appeal_decided_at = "", None, "", None
        self.appeal_decided_by = None
