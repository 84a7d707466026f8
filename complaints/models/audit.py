"""An audit: a look at how one seller performs, drawn each month or opened for a reason (3.2)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from zestech_aftersales.accounts.models import User


class AuditState(models.TextChoices):
    OPEN = "open", _("open")
    NO_FINDING = "no_finding", _("no finding")
    FINDINGS = "findings", _("findings")


class AuditPart(models.TextChoices):
    """How a seller came into the sample."""

    RANDOM = "random", _("drawn at random")
    RISK = "risk", _("drawn by risk")
    CAUSE = "cause", _("opened for a reason")


class ItemVerdict(models.TextChoices):
    OPEN = "", _("not looked at yet")
    IN_ORDER = "in_order", _("in order")
    BREACH = "breach", _("breach")
    NOT_APPLICABLE = "not_applicable", _("does not apply")


class Question(models.TextChoices):
    """What is looked at in a case; each has its clause in `complaints.checklist`."""

    FIGURES = "figures", _("Do the figures show service as the mark promises it?")
    ANSWERED = "answered", _("Was the request answered effectively and within its limits?")
    VISITED = "visited", _("Was the visit confirmed within its limit, and did somebody come?")
    PROMISED = "promised", _("Was what the seller promised beyond the rules kept, and nothing narrowed?")
    REFUSED = "refused", _("Was service owed inside the cover given and not refused?")
    TOLD = "told", _("Were the four service terms told before the appointment was confirmed?")


class AuditDraw(models.Model):
    """One month's sample: with its seed and its figures it can be drawn again and gives the same."""

    # The first day of the month whose sellers are looked at.
    month = models.DateField(_("month"))
    seed = models.CharField(_("seed"), max_length=64)
    random_size = models.PositiveSmallIntegerField(_("drawn at random"))
    risk_size = models.PositiveSmallIntegerField(_("drawn by risk"))
    # What it was drawn from: seller id, orders, late share, refusals, gaps, complaints, weight.
    population = models.JSONField(_("drawn from"), encoder=DjangoJSONEncoder)
    population_hash = models.CharField(_("hash of what it was drawn from"), max_length=64)
    drawn_at = models.DateTimeField(_("drawn"))

    class Meta:
        verbose_name = _("audit sample")
        verbose_name_plural = _("audit samples")
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["month"], name="one_sample_a_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def subject(self) -> str:
        """What its event is about, and the stream it stands in."""
        return f"auditdraw/{self.pk}"


class Audit(models.Model):
    """A checklist by clause over a seller's cases, heard and closed with a result."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="audits")
    draw = models.ForeignKey(AuditDraw, models.PROTECT, related_name="audits", null=True, blank=True)
    part = models.CharField(_("part"), max_length=8, choices=AuditPart.choices)
    state = FSMField(_("state"), default=AuditState.OPEN, choices=AuditState.choices, protected=True)
    cause = models.TextField(_("reason"), blank=True)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("opened by")
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("auditor")
    )
    # The seller reads the provisional findings and is heard before the result.
    notified_at = models.DateTimeField(_("seller notified"), null=True, blank=True)
    answer = models.TextField(_("the seller’s answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("closed by")
    )
    result = models.TextField(_("result"), blank=True)

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["draw", "seller"], name="once_in_a_sample")]
        indexes = [models.Index(fields=["seller", "-id"]), models.Index(fields=["state", "opened_at"])]

    def __str__(self) -> str:
        return f"A-{self.pk}"

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"audit/{self.pk}"

    @transition(field=state, source=AuditState.OPEN, target=AuditState.NO_FINDING)
    def close_clean(self, person: User, result: str, at: datetime) -> None:
        self.closed_by, self.result, self.closed_at = person, result, at

    @transition(field=state, source=AuditState.OPEN, target=AuditState.FINDINGS)
    def close_with_findings(self, person: User, result: str, at: datetime) -> None:
        self.closed_by, self.result, self.closed_at = person, result, at


class AuditItem(models.Model):
    """One line of the checklist: a clause, the case it was looked at in, and the evidence as it stood then."""

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="items")
    clause = models.CharField(_("clause"), max_length=8)
    question = models.CharField(_("what is looked at"), max_length=10, choices=Question.choices)
    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="+", null=True, blank=True)
    # The breach that the case tells by itself (deadline/12, refusal/44, refusal/44/2, visit/9); "" where only people find one.
    fact = models.CharField(_("fact of the case"), max_length=64, blank=True)
    # What the case showed when it was frozen, and the hash of that text.
    evidence = models.JSONField(_("evidence"), encoder=DjangoJSONEncoder)
    evidence_hash = models.CharField(_("hash of the evidence"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen"))
    verdict = models.CharField(_("finding"), max_length=14, choices=ItemVerdict.choices, blank=True)
    note = models.TextField(_("note"), blank=True)
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    found_at = models.DateTimeField(_("found"), null=True, blank=True)
    # Of a breach that no fact of the case dates: when it took effect, as the auditor says.
    occurred_at = models.DateTimeField(_("breach took effect"), null=True, blank=True)
    # The same breach may be found by two audits: it is judged once.
    violation = models.ForeignKey(
        "complaints.Violation", models.PROTECT, related_name="audit_items", null=True, blank=True
    )

    class Meta:
        verbose_name = _("line of the checklist")
        verbose_name_plural = _("lines of the checklist")
        ordering = ["audit_id", "id"]

    def __str__(self) -> str:
        return f"{self.clause}: {self.get_question_display()}"

    @property
    def breach(self) -> str:
        """What a breach found here is called: the same line of the same request is judged once, however often found.

        By the fact of the case where there is one, else by what was looked at: the request, or the seller's month.
        """
        if self.fact:
            return self.fact
        where = self.appointment_id or f"{self.audit.seller_id}/{self.evidence.get('month', '')}"
        return f"audited/{self.question}/{where}"
