"""A simulation: what past requests would have come to under other numbers. It changes none of them."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.deadline import Clock
from zestech_aftersales.rulebook.editions import EditionNumbers


class Fate(models.TextChoices):
    """What became of a clock, or would have become of it."""

    RUNNING = "running", _("running")
    MET = "met", _("met")
    MISSED = "missed", _("missed")
    VOIDED = "voided", _("voided")
    # The request would have taken another course before this clock began.
    OVERTAKEN = "overtaken", _("would not have begun")


class Simulation(models.Model):
    """One run of some numbers over the requests received in a period; counted batch by batch up to `cursor`."""

    draft = models.ForeignKey(
        "cases.EditionDraft", models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("draft edition"),
    )  # fmt: skip
    numbers = models.JSONField(_("numbers"))
    begins_at = models.DateTimeField(_("requests received from"))
    ends_at = models.DateTimeField(_("requests received before"))
    seller = models.ForeignKey(
        "sellers.Seller", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("seller")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    # The instant as of which everything is judged, however long the run takes.
    requested_at = models.DateTimeField(_("requested"))
    total = models.PositiveIntegerField(_("requests to count"))
    done = models.PositiveIntegerField(_("requests counted"), default=0)
    differing = models.PositiveIntegerField(_("requests that differ"), default=0)
    cursor = models.BigIntegerField(_("counted up to"), default=0)
    # How many clocks changed from what to what ("met>missed"): by clock, and by the key of the seller.
    tally = models.JSONField(_("result"), default=dict)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="simulation_has_period")]
        indexes = [models.Index(fields=["id"], condition=Q(finished_at=None), name="simulation_to_run")]

    def __str__(self) -> str:
        return str(_("Simulation %(number)d")) % {"number": self.pk or 0}

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"simulation/{self.pk}"

    @cached_property
    def law(self) -> EditionNumbers:
        """The numbers, typed."""
        return EditionNumbers.from_json(self.numbers)


class SimulatedChange(models.Model):
    """A clock of a past request that would have ended otherwise."""

    simulation = models.ForeignKey(Simulation, models.PROTECT, related_name="changes")
    appointment = models.ForeignKey(
        "cases.ServiceAppointment", models.PROTECT, related_name="+", db_index=False, verbose_name=_("appointment")
    )
    clock = models.CharField(_("clock"), max_length=15, choices=Clock.choices)
    before = models.CharField(_("was"), max_length=10, choices=Fate.choices)
    after = models.CharField(_("would be"), max_length=10, choices=Fate.choices)
    due_before = models.DateTimeField(_("was due"), null=True, blank=True)
    due_after = models.DateTimeField(_("would be due"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("simulated change")
        verbose_name_plural = _("simulated changes")

    def __str__(self) -> str:
        return f"{self.get_clock_display()}: {self.get_before_display()} → {self.get_after_display()}"
