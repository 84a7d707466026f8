"""A seller's commitment beyond the rules, split into single terms (2.3.3)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from sellers.terms import Dimension, Promise, Verdict


class CommitmentState(models.TextChoices):
    RECORDED = "recorded", _("recorded")
    BINDING = "binding", _("binding")
    VOID = "void", _("void")
    SPLIT = "split", _("partly binding")
    SUPERSEDED = "superseded", _("superseded")
    ENDED = "ended", _("ended")


class CommitmentSource(models.TextChoices):
    PAGE = "page", _("product page")
    UNILATERAL = "unilateral", _("seller's own statement")
    COMMUNICATION = "communication", _("said to a buyer")


class TermState(models.TextChoices):
    BINDING = "binding", _("binding")
    VOID = "void", _("void")


STANDING = [CommitmentState.BINDING, CommitmentState.SPLIT]
# What the verdicts on its terms make of one that still stands, or never did.
JUDGED = [*STANDING, CommitmentState.VOID]


class SellerCommitment(models.Model):
    """What a seller said, where, in which words, and from when it holds.

    Without a product it holds for all of the seller's; made to a person it holds for that buyer.
    """

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="commitments")
    product = models.ForeignKey("sellers.Product", models.PROTECT, related_name="commitments", null=True, blank=True)
    made_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("made to")
    )
    source = models.CharField(_("source"), max_length=15, choices=CommitmentSource.choices)
    statement = models.TextField(_("in the seller's words"))
    # Where it can be read, for who judges it: the message of a case, a link.
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    state = FSMField(_("state"), default=CommitmentState.RECORDED, choices=CommitmentState.choices, protected=True)
    begins_at = models.DateTimeField(_("holds from"))
    ended_at = models.DateTimeField(_("held until"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    # When an auditor last put its judgement right, and why: both sides read it.
    put_right_at = models.DateTimeField(_("judgement put right"), null=True, blank=True)
    put_right_reason = models.TextField(_("why it was put right"), blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, related_name="replaced_by", null=True, blank=True, verbose_name=_("replaces")
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["seller_id", "begins_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("begins_at")),
                name="commitment_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "product", "begins_at"], name="commitments_in_force"),
            models.Index(fields=["recorded_at"], condition=Q(state="recorded"), name="commitments_to_judge"),
        ]

    def __str__(self) -> str:
        return self.statement[:80]

    @transition(field=state, source=CommitmentState.RECORDED, target=CommitmentState.BINDING)
    def bind(self, at: datetime) -> None:
        self.judged_at = at

    @transition(field=state, source=CommitmentState.RECORDED, target=CommitmentState.VOID)
    def void(self, at: datetime) -> None:
        self.judged_at = at

    @transition(field=state, source=CommitmentState.RECORDED, target=CommitmentState.SPLIT)
    def split(self, at: datetime) -> None:
        self.judged_at = at

    @transition(field=state, source=[CommitmentState.SPLIT, CommitmentState.VOID], target=CommitmentState.BINDING)
    def bind_after_all(self) -> None:
        """The verdicts were put right: all of it binds."""

    @transition(field=state, source=STANDING, target=CommitmentState.VOID)
    def void_after_all(self) -> None:
        """The verdicts were put right: none of it binds."""

    @transition(field=state, source=[CommitmentState.BINDING, CommitmentState.VOID], target=CommitmentState.SPLIT)
    def split_after_all(self) -> None:
        """The verdicts were put right: a part of it binds."""

    @transition(field=state, source=STANDING, target=CommitmentState.SUPERSEDED)
    def supersede(self, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=STANDING, target=CommitmentState.ENDED)
    def end(self, at: datetime) -> None:
        self.ended_at = at


class Term(models.Model):
    """One promise of a commitment on one dimension, with its judgement."""

    commitment = models.ForeignKey(SellerCommitment, models.PROTECT, related_name="terms")
    dimension = models.CharField(_("dimension"), max_length=20, choices=Dimension.choices)
    # A number of hours, days, months or services; a word for the other dimensions.
    value = models.JSONField(_("value"))
    # The sentence takes this away instead of giving it ("no door visits").
    excludes = models.BooleanField(_("takes away"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=TermState.choices, blank=True)
    reason = models.CharField(_("why"), max_length=20, choices=Verdict.choices, blank=True)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["commitment_id", "id"]
        constraints = [
            # What was read the wrong way round ("not door") stays beside what the words do say ("door").
            models.UniqueConstraint(
                fields=["commitment", "dimension", "value", "excludes"], name="one_term_says_it_once"
            ),
        ]

    def __str__(self) -> str:
        return self.promise.text

    @property
    def promise(self) -> Promise:
        """The term as the rules read it."""
        return Promise(Dimension(self.dimension), self.value, self.excludes)
