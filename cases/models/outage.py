"""An outage of the platform: a time that counts against nobody, decided by two administrators."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition


class OutageState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved, being applied")
    APPLIED = "applied", pgettext_lazy("outage", "applied")
    DECLINED = "declined", _("declined")


class Outage(models.Model):
    """An incident that is over; approved, it tolls every clock that it reached."""

    state = FSMField(_("state"), default=OutageState.PROPOSED, choices=OutageState.choices, protected=True)
    begins_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ended"))
    reason = models.TextField(_("what failed, and how it is known"))
    decision = models.OneToOneField("timeline.Decision", models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("platform outage")
        verbose_name_plural = _("platform outages")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="outage_has_length")]
        indexes = [models.Index(fields=["id"], condition=Q(state="approved"), name="outage_to_apply")]

    def __str__(self) -> str:
        return f"{self.begins_at:%Y-%m-%d %H:%M} – {self.ends_at:%Y-%m-%d %H:%M} UTC"

    @property
    def cause(self) -> str:
        """What the pauses it brings carry as their cause."""
        return f"outage/{self.pk}"

    @transition(field=state, source=OutageState.PROPOSED, target=OutageState.APPROVED)
    def approve(self) -> None:
        pass

    @transition(field=state, source=OutageState.PROPOSED, target=OutageState.DECLINED)
    def decline(self) -> None:
        pass

    @transition(field=state, source=OutageState.APPROVED, target=OutageState.APPLIED)
    def finish(self) -> None:
        pass
