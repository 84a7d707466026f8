"""An enrolment: a seller's part in the after-sales programme (1.1, 3.2, 4.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from sellers.validators import methods, names, service_types
from zestech_aftersales.rulebook.models import RuleEdition
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType


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
    service_types = models.JSONField(_("services stated"), default=list, blank=True, validators=[service_types])
    methods = models.JSONField(_("methods stated"), default=list, blank=True, validators=[methods])
    # ["AE", "Berlin", "DE Frankfurt"]: countries, cities, cities of a country.
    places = models.JSONField(_("places stated"), default=list, blank=True, validators=[names])
    charging = models.TextField(_("charging standard stated"), blank=True)
    contact_name = models.CharField(_("contact for the service"), max_length=120, blank=True)
    contact_email = models.EmailField(_("e-mail of the contact"), blank=True)
    contact_phone = models.CharField(_("phone of the contact"), max_length=40, blank=True)
    # The rules as they were shown when the seller agreed to them.
    agreed_edition = models.ForeignKey(
        RuleEdition, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("edition agreed to")
    )
    statement = models.TextField(_("what the seller says"), blank=True)
    reason = models.TextField(_("reason of the last step"), blank=True)
    applied_at = models.DateTimeField(_("applied"))
    decided_at = models.DateTimeField(_("activated or rejected"), null=True, blank=True)
    left_at = models.DateTimeField(pgettext_lazy("enrolment", "withdrawn"), null=True, blank=True)
    # The bar of clause 3.2 is counted from here.
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)
    # The legal entity as it was named then: a new name does not lead out of the bar.
    cleared_entity = models.CharField(_("legal entity cleared"), max_length=200, blank=True)
    # The bar's last instant as counted then: the database's own guard reads it, `sellers.bars` counts anew.
    bar_ends_at = models.DateTimeField(_("bar until"), null=True, blank=True)

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

    @property
    def services_in_words(self) -> list[str]:
        """The services stated, as people read them."""
        return [str(label) for value, label in ServiceType.choices if value in self.service_types]

    @property
    def methods_in_words(self) -> list[str]:
        """The methods stated, as people read them."""
        return [str(label) for value, label in ServiceMethod.choices if value in self.methods]

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
    def clear(self, entity: str, bar_ends_at: datetime, at: datetime) -> None:
        self.cleared_entity, self.bar_ends_at, self.cleared_at = entity, bar_ends_at, at

    @transition(field=state, source=EnrolmentState.CLEARED, target=EnrolmentState.CLEARED)
    def stay_cleared(self, bar_ends_at: datetime, at: datetime) -> None:
        """The clearance was lifted, but another one of the entity would have cleared it at a later instant."""
        self.bar_ends_at, self.cleared_at = bar_ends_at, at

    @transition(field=state, source=EnrolmentState.CLEARED, target=EnrolmentState.ACTIVE)
    def return_to_active(self) -> None:
        """The clearance was lifted: it is as if it had never been."""
        self.cleared_entity, self.bar_ends_at, self.cleared_at = "", None, None

    @transition(field=state, source=EnrolmentState.CLEARED, target=EnrolmentState.WITHDRAWN)
    def return_to_withdrawn(self, left_at: datetime) -> None:
        """The clearance was lifted; the seller had left before, or takes part by a later enrolment."""
        self.cleared_entity, self.bar_ends_at, self.cleared_at = "", None, None
        self.left_at = left_at
