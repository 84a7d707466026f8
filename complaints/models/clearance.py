"""A clearance: a seller leaves the programme for violations, by the decision of two auditors (3.2)."""

from __future__ import annotations

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from complaints.models.violation import STANDING_VIOLATIONS
from sellers.models import EnrolmentState


class ClearanceState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    DECLINED = "declined", _("declined")
    IN_FORCE = "in_force", _("in force")
    UNDER_REVIEW = "under_review", _("in force, reviewed by its two auditors")
    LIFTED = "lifted", _("lifted")


class ReviewOutcome(models.TextChoices):
    """What one of its two auditors proposes in a review, for the other to agree to."""

    STANDS = "stands", _("it stands")
    LIFTED = "lifted", _("it is lifted")


OPEN_CLEARANCES = [ClearanceState.PROPOSED, ClearanceState.IN_FORCE, ClearanceState.UNDER_REVIEW]
STANDING_CLEARANCES = [ClearanceState.IN_FORCE, ClearanceState.UNDER_REVIEW]


class Clearance(models.Model):
    """Cites the violations it rests on; falls when none of them still stands."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="clearances")
    enrolment = models.ForeignKey("sellers.Enrolment", models.PROTECT, related_name="clearances")
    state = FSMField(_("state"), default=ClearanceState.PROPOSED, choices=ClearanceState.choices, protected=True)
    violations = models.ManyToManyField("complaints.Violation", related_name="clearances", verbose_name=_("violations"))
    reason = models.TextField(_("reasons"))
    decision = models.OneToOneField("timeline.Decision", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)
    # Cited violations fell while others stand: its two auditors decide whether it stands.
    review_since = models.DateTimeField(_("under review since"), null=True, blank=True)
    # The latest; the ones before it stand among the decisions about this clearance.
    review_decision = models.OneToOneField(
        "timeline.Decision", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("review")
    )
    review_outcome = models.CharField(
        _("proposed in the review"), max_length=8, choices=ReviewOutcome.choices, blank=True
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_because = models.TextField(_("lifted because"), blank=True)

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=["proposed", "in_force", "under_review"]),
                name="one_clearance_of_an_enrolment",
            ),
        ]

    def __str__(self) -> str:
        return f"C-{self.pk}"

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"clearance/{self.pk}"

    @property
    def has_ground(self) -> bool:
        """Whether at least one violation it cites still stands."""
        return self.violations.filter(state__in=STANDING_VIOLATIONS).exists()

    @transition(field=state, source=ClearanceState.PROPOSED, target=ClearanceState.IN_FORCE)
    def enter_into_force(self, at: datetime) -> None:
        self.cleared_at = at

    @transition(field=state, source=ClearanceState.PROPOSED, target=ClearanceState.DECLINED)
    def decline(self) -> None:
        pass

    @transition(field=state, source=ClearanceState.IN_FORCE, target=ClearanceState.UNDER_REVIEW)
    def begin_review(self, at: datetime) -> None:
        self.review_since = at

    @transition(field=state, source=ClearanceState.UNDER_REVIEW, target=ClearanceState.IN_FORCE)
    def stand(self) -> None:
        self.review_since, self.review_outcome = None, ""

    @transition(field=state, source=STANDING_CLEARANCES, target=ClearanceState.LIFTED)
    def lift(self, because: str, at: datetime) -> None:
        self.lifted_because, self.lifted_at = because, at


class ClearanceEffect(models.Model):
    """What a clearance did to one enrolment, so that a lifted one can be as if it had never been.

    The accounts of the cleared entity, and the pending applications that fell under its bar. Who else is among
    them shows the graph of affiliates: for auditors' eyes alone.
    """

    clearance = models.ForeignKey(Clearance, models.PROTECT, related_name="effects")
    enrolment = models.ForeignKey("sellers.Enrolment", models.PROTECT, related_name="clearance_effects")
    # active or withdrawn: cleared; applied: turned down.
    state_before = models.CharField(_("state before"), max_length=16, choices=EnrolmentState.choices)
    # The marks that ended: [{"product": id, "planned_end": instant or null}, ...].
    marks = models.JSONField(_("marks ended"), default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("effect of a clearance")
        verbose_name_plural = _("effects of clearances")
        ordering = ["clearance_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clearance", "enrolment"], name="one_effect_on_an_enrolment"),
        ]

    def __str__(self) -> str:
        return f"{self.clearance}: {self.enrolment}"
