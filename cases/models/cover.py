"""The cover of an order line: the year in which the seller owes service (1.1, 2.3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


class CoverState(models.TextChoices):
    NOT_COVERED = "not_covered", _("not covered")
    PENDING = "pending", _("waiting for payment")
    ACTIVE = "active", _("active")
    RESTRICTED = "restricted", _("restricted")
    VOID = "void", _("void")
    WAIVED = "waived", _("waived")


class NotCovered(models.TextChoices):
    """Why a line has no cover."""

    UNMARKED = "unmarked", _("The product did not bear the after-sales service mark when it was ordered.")
    BEFORE_RULES = "before_rules", _("The order was paid before the rules took effect.")
    CANCELLED = "order_cancelled", _("The order was cancelled before it was paid.")


class Cover(models.Model):
    """One per order line; begins when the order is fully paid, ends at 24:00 of the corresponding date."""

    line = models.OneToOneField("cases.OrderLine", models.PROTECT, related_name="cover")
    order = models.ForeignKey("cases.Order", models.PROTECT, related_name="covers")
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="+")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = FSMField(_("state"), default=CoverState.PENDING, choices=CoverState.choices, protected=True)
    reason = models.CharField(_("reason"), max_length=20, choices=NotCovered.choices, blank=True)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    # As it stood with the payment; later promises and editions move it for later requests (`cases.cover_ends`).
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    # The unit covered now, once one was replaced: it inherits what is left, to the same end.
    unit_serial = models.CharField(_("unit"), max_length=80, blank=True)
    edition = models.ForeignKey("rulebook.RuleEdition", models.PROTECT, related_name="+")
    # The months that promises and later editions give a request of now, where `cases.cover_ends` has brought them along.
    longest_months: int
    # What stood on the page when the order was placed: {"marked", "page", "terms": {dimension: value}}.
    snapshot = models.JSONField(_("as it stood at placement"), default=dict)

    class Meta:
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
        indexes = [models.Index(fields=["buyer", "-id"]), models.Index(fields=["seller", "-id"])]

    def __str__(self) -> str:
        return f"{_('Cover')} {self.line_id}: {self.get_state_display()}"

    @property
    def terms(self) -> dict[str, Any]:
        """The commitments pinned at placement, best for the buyer per dimension (2.3.3)."""
        pinned: dict[str, Any] = self.snapshot.get("terms", {})
        return pinned

    @transition(field=state, source=CoverState.PENDING, target=CoverState.ACTIVE)
    def activate(self, starts_at: datetime, ends_at: datetime) -> None:
        self.starts_at, self.ends_at = starts_at, ends_at

    @transition(field=state, source=CoverState.PENDING, target=CoverState.NOT_COVERED)
    def decline(self, reason: str) -> None:
        self.reason = reason

    @transition(field=state, source=CoverState.NOT_COVERED, target=CoverState.PENDING)
    def admit(self) -> None:
        """A promise was found to make up for the missing mark (2.3.3)."""
        self.reason = ""

    @transition(
        field=state, source=[CoverState.PENDING, CoverState.ACTIVE, CoverState.RESTRICTED], target=CoverState.VOID
    )
    def void(self) -> None:
        pass

    @transition(field=state, source=[CoverState.ACTIVE, CoverState.RESTRICTED], target=CoverState.WAIVED)
    def waive(self) -> None:
        pass

    @transition(field=state, source=CoverState.ACTIVE, target=CoverState.RESTRICTED)
    def restrict(self) -> None:
        pass

    @transition(field=state, source=CoverState.RESTRICTED, target=CoverState.ACTIVE)
    def lift_restriction(self) -> None:
        pass
