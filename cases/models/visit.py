"""A visit: the planned and then the real meeting of engineer and buyer."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, transition


class VisitState(models.TextChoices):
    PLANNED = "planned", _("planned")
    CHECKED_IN = "checked_in", _("checked in")
    DONE = "done", _("done")
    RESCHEDULED = "rescheduled", _("rescheduled")
    SELLER_NO_SHOW = "seller_no_show", _("seller did not come")
    BUYER_NO_SHOW = "buyer_no_show", _("buyer was not there")
    BROKEN_OFF = "broken_off", _("broken off")
    CANCELLED = "cancelled", _("cancelled")


# Under a confirmed appointment: after these the seller owes another date.
SELLER_OWES_DATE = (VisitState.SELLER_NO_SHOW, VisitState.BROKEN_OFF, VisitState.DONE)


class VisitResult(models.TextChoices):
    """What a visit came to, as its report says."""

    REMEDIED = "remedied", _("the fault is remedied")
    INSTALLED = "installed", _("installed and working")
    REPLACED = "replaced", _("the unit was replaced")
    PARTLY = "partly", _("partly remedied")
    NO_FAULT = "no_fault", _("no fault was found")
    NOT_REMEDIED = "not_remedied", _("not remedied")


class Visit(models.Model):
    """One meeting under a confirmed appointment, at the door, at a point or by video."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="visits")
    number = models.PositiveSmallIntegerField(_("number"))
    state = FSMField(_("state"), default=VisitState.PLANNED, choices=VisitState.choices, protected=True)
    # Without an end no time is agreed yet; the begin then says only from when on it is waited for.
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    engineer = models.ForeignKey("sellers.Engineer", models.PROTECT, related_name="visits", null=True, blank=True)
    contact_name = models.CharField(_("named person"), max_length=120, blank=True)
    point = models.ForeignKey("sellers.ServicePoint", models.PROTECT, related_name="+", null=True, blank=True)
    # For remote guidance; shown to both sides once the appointment is confirmed.
    video_url = models.URLField(_("video link"), max_length=500, blank=True)
    checked_in_at = models.DateTimeField(_("checked in"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    report = models.TextField(_("report"), blank=True)
    result = models.CharField(_("result"), max_length=12, choices=VisitResult.choices, blank=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["appointment_id", "number"]
        constraints = [models.UniqueConstraint(fields=["appointment", "number"], name="visit_number_once")]
        indexes = [
            models.Index(fields=["engineer", "starts_at"]),
            # What its engineer is reminded of: those to come, and those under way.
            models.Index(fields=["starts_at"], condition=Q(state="planned"), name="visit_planned"),
            models.Index(fields=["ends_at"], condition=Q(state="checked_in"), name="visit_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def has_date(self) -> bool:
        """Whether a time was agreed on; without one it is still to be agreed, and nobody can miss it."""
        return self.ends_at is not None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Its begin and end as far as they are known: what engineers are planned by."""
        return self.starts_at, self.ends_at or self.starts_at

    @property
    def owes_date(self) -> bool:
        """Whether the seller owes another date: nobody came, the work is not finished, or no time was agreed yet."""
        return self.state in SELLER_OWES_DATE or (self.state == VisitState.PLANNED and not self.has_date)

    @transition(field=state, source=VisitState.PLANNED, target=VisitState.CHECKED_IN)
    def check_in(self, at: datetime) -> None:
        self.checked_in_at = at

    @transition(field=state, source=VisitState.CHECKED_IN, target=VisitState.DONE)
    def finish(self, at: datetime, report: str, result: str = "") -> None:
        self.done_at, self.report, self.result = at, report, result

    @transition(field=state, source=VisitState.PLANNED, target=VisitState.RESCHEDULED)
    def reschedule(self) -> None:
        pass

    @transition(field=state, source=VisitState.PLANNED, target=VisitState.SELLER_NO_SHOW)
    def miss_by_seller(self) -> None:
        pass

    @transition(field=state, source=VisitState.PLANNED, target=VisitState.BUYER_NO_SHOW)
    def miss_by_buyer(self) -> None:
        pass

    @transition(field=state, source=VisitState.CHECKED_IN, target=VisitState.BROKEN_OFF)
    def break_off(self) -> None:
        """The engineer left before the work was done, and without a report."""

    @transition(field=state, source=[VisitState.PLANNED, VisitState.CHECKED_IN], target=VisitState.CANCELLED)
    def cancel(self) -> None:
        """Its appointment has ended: nobody goes there any more."""

    @transition(
        field=state,
        source=[VisitState.CANCELLED, VisitState.BUYER_NO_SHOW, VisitState.SELLER_NO_SHOW],
        target=RETURN_VALUE(VisitState.PLANNED, VisitState.CHECKED_IN),
    )
    def restore(self) -> str:
        """What had ended it does not hold: it is what it was."""
        return VisitState.CHECKED_IN if self.checked_in_at else VisitState.PLANNED
