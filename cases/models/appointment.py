"""A service appointment: the machine that every method of service runs through (domain section 4)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition

from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType


class AppointmentState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    PROPOSED = "proposed", _("offer made")
    COUNTERED = "countered", _("counter-offer made")
    AGREED = "agreed", _("agreed")
    CONFIRMED = "confirmed", _("confirmed")
    IN_SERVICE = "in_service", _("in service")
    COMPLETED = "completed", _("completed")
    REFUSED = "refused", _("refused")
    DEEMED_REFUSED = "deemed_refused", _("deemed refused")
    LAPSED = "lapsed", _("lapsed")
    CANCELLED = "cancelled", _("cancelled")
    EXCLUDED = "excluded", _("excluded")


State = AppointmentState

# Written out as literals wherever the database must recognise its partial index.
OPEN_STATES = ["requested", "proposed", "countered", "agreed", "confirmed", "in_service"]
BEFORE_SERVICE = [State.REQUESTED, State.PROPOSED, State.COUNTERED, State.AGREED, State.CONFIRMED]


class ServiceAppointment(models.Model):
    """One request for service and what became of it; a transition says what may follow what."""

    case = models.ForeignKey("cases.ServiceCase", models.PROTECT, related_name="appointments")
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="+", db_index=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(_("method"), max_length=10, choices=ServiceMethod.choices)
    service_type = models.CharField(_("service"), max_length=30, choices=ServiceType.choices)
    state = FSMField(_("state"), default=State.REQUESTED, choices=State.choices, protected=True)
    received_at = models.DateTimeField(_("request received"))
    # The unit it is about, as the cover knew it when the request came.
    unit_serial = models.CharField(_("unit"), max_length=80, blank=True)
    wish = models.TextField(_("wish for the time"), blank=True)
    # The seller's promises that bind this request, best for the buyer per dimension (2.3.3).
    terms = models.JSONField(_("commitments that bind"), default=dict, blank=True)
    point = models.ForeignKey("sellers.ServicePoint", models.PROTECT, related_name="+", null=True, blank=True)
    slot_starts_at = models.DateTimeField(_("slot"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    # The earliest running limit, kept by the engine: what the queues sort by. The truth is in Deadline.
    next_due_at = models.DateTimeField(_("next limit"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=200, blank=True)
    has_disclosure_gap = models.BooleanField(_("disclosure gap"), default=False)

    class Meta:
        verbose_name = _("service appointment")
        verbose_name_plural = _("service appointments")
        constraints = [
            # One open appointment per order line and fault (domain section 3, cover).
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=OPEN_STATES), name="one_open_appointment_per_case"
            ),
        ]
        indexes = [
            models.Index(fields=["seller", "state", "next_due_at"], name="appointment_queue"),
            # The seller's queue over several states, in the order of its pages; a passed limit leaves it.
            models.Index(
                fields=["seller", "next_due_at", "id"],
                condition=Q(next_due_at__isnull=False),
                name="appointment_next_limit",
            ),
            models.Index(fields=["buyer", "-id"], name="appointment_of_buyer"),
            models.Index(
                fields=["ended_at", "state"],
                condition=Q(state__in=["refused", "deemed_refused"]),
                name="appointment_refusals",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.pk}"

    @property
    def subject(self) -> str:
        """What its events are about."""
        return f"appointment/{self.pk}"

    @property
    def end_words(self) -> str | Promise:
        """Why it ended: the limit that passed by its name, or what was given as the reason."""
        passed = LIMITS.get(self.end_reason)
        return passed.label if passed else self.end_reason

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done under it."""
        return self.state in OPEN_STATES

    @property
    def is_door(self) -> bool:
        """A door visit is confirmed by the seller; the other methods by the buyer's acceptance (2.3.1, 2.3.2)."""
        return self.method == ServiceMethod.DOOR

    @transition(field=state, source=[State.REQUESTED, State.COUNTERED], target=State.PROPOSED)
    def propose(self) -> None:
        pass

    @transition(field=state, source=State.PROPOSED, target=State.COUNTERED)
    def counter(self) -> None:
        pass

    @transition(field=state, source=State.PROPOSED, target=State.REQUESTED)
    def hold_unreasonable(self) -> None:
        pass

    @transition(field=state, source=[State.PROPOSED, State.COUNTERED], target=State.AGREED)
    def agree(self) -> None:
        pass

    @transition(field=state, source=State.AGREED, target=State.CONFIRMED)
    def confirm(self) -> None:
        pass

    @transition(field=state, source=State.CONFIRMED, target=State.IN_SERVICE)
    def check_in(self) -> None:
        pass

    @transition(field=state, source=State.IN_SERVICE, target=State.CONFIRMED)
    def serve_again(self) -> None:
        """The visit was not enough, or was broken off: another one is owed."""

    @transition(field=state, source=State.IN_SERVICE, target=State.COMPLETED)
    def complete(self, ended_at: datetime) -> None:
        self.ended_at = ended_at

    @transition(field=state, source=BEFORE_SERVICE, target=State.REFUSED)
    def refuse(self, ended_at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = ended_at, reason

    @transition(
        field=state,
        # Confirmed: a seller who did not come and offers no new date in time (2.3.1).
        source=[State.REQUESTED, State.COUNTERED, State.AGREED, State.CONFIRMED],
        target=State.DEEMED_REFUSED,
    )
    def deem_refused(self, ended_at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=State.PROPOSED, target=State.LAPSED)
    def lapse(self, ended_at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=BEFORE_SERVICE, target=State.CANCELLED)
    def cancel(self, ended_at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=[State.REFUSED, State.CANCELLED], target=State.CANCELLED)
    def cancel_earlier(self, ended_at: datetime, reason: str) -> None:
        """The cancellation was received before the seller's refusal, or another cancellation, and committed after it."""
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=State.CANCELLED, target=State.REFUSED)
    def refuse_earlier(self, ended_at: datetime, reason: str) -> None:
        """The refusal was received before the cancellation, or the refund, and committed after it."""
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=[*BEFORE_SERVICE, State.IN_SERVICE], target=State.EXCLUDED)
    def exclude(self, ended_at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = ended_at, reason

    @transition(field=state, source=[State.REFUSED, State.DEEMED_REFUSED], target=State.AGREED)
    def cure(self) -> None:
        self.ended_at, self.end_reason = None, ""

    @transition(
        field=state,
        source=[
            State.PROPOSED,
            State.COUNTERED,
            State.AGREED,
            State.CONFIRMED,
            State.REFUSED,
            State.LAPSED,
            State.CANCELLED,
            State.EXCLUDED,
        ],
        target=State.DEEMED_REFUSED,
    )
    def deem_refused_after_all(self, ended_at: datetime, reason: str) -> None:
        """The pause under which the answer was in time did not hold (4.1.2)."""
        self.ended_at, self.end_reason = ended_at, reason

    @transition(
        field=state,
        source=State.EXCLUDED,
        target=RETURN_VALUE(
            State.REQUESTED, State.PROPOSED, State.COUNTERED, State.AGREED, State.CONFIRMED, State.IN_SERVICE
        ),
    )
    def readmit(self, before: str) -> str:
        """The grant that excluded it was revoked."""
        self.ended_at, self.end_reason = None, ""
        return before

    @transition(
        field=state,
        source=[State.DEEMED_REFUSED, State.LAPSED],
        target=RETURN_VALUE(State.REQUESTED, State.PROPOSED, State.COUNTERED, State.AGREED, State.CONFIRMED),
    )
    def rescind(self, before: str) -> str:
        self.ended_at, self.end_reason = None, ""
        return before
