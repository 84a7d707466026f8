"""A complaint: negotiated between the two sides first, then determined by the platform (3.3, 3.4, 4.2)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition


class ComplaintState(models.TextChoices):
    FILED = "filed", _("filed")
    REJECTED = "rejected", _("not accepted")
    NEGOTIATING = "negotiating", _("negotiating")
    SETTLED = "settled", _("settled")
    ESCALATED = "escalated", _("escalated to the platform")
    EVIDENCE = "evidence", _("evidence asked for")
    DETERMINED = "determined", _("determined")
    OBJECTED = "objected", _("objection under review")
    REVIEWED = "reviewed", _("reviewed")
    WITHDRAWN = "withdrawn", _("withdrawn by the buyer")
    CLOSED = "closed", _("closed")


# The item of the acceptance test that keeps until when a complaint can be filed.
IN_TIME = "out_of_time"
# The two sides may still settle or the buyer withdraw.
OPEN_COMPLAINTS = [ComplaintState.NEGOTIATING, ComplaintState.ESCALATED, ComplaintState.EVIDENCE]


def complaint_reference(pk: int, filed_at: datetime) -> str:
    """What people call a complaint: ZC, the year it was filed in (UTC), its number."""
    return f"ZC-{filed_at.year}-{pk:06d}"


class Complaint(models.Model):
    """One breach of one case, complained of by its buyer; `acceptance` keeps every item of the test."""

    case = models.ForeignKey("cases.ServiceCase", models.PROTECT, related_name="complaints")
    appointment = models.ForeignKey(
        "cases.ServiceAppointment", models.PROTECT, related_name="complaints", null=True, blank=True
    )
    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="complaints")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = FSMField(_("state"), default=ComplaintState.FILED, choices=ComplaintState.choices, protected=True)
    # The duty of section 2 it is about, and the breach: a fact of the case (deadline/12), or "" for what the buyer tells.
    clause = models.CharField(_("clause"), max_length=8)
    breach = models.CharField(_("breach"), max_length=64, blank=True)
    breach_at = models.DateTimeField(_("breach took effect"))
    statement = models.TextField(_("what happened"))
    remedy = models.TextField(_("what the buyer asks for"), blank=True)
    filed_at = models.DateTimeField(_("filed"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Each item of the test of 3.3 in order: {"code", "passed", "reason", "pointer"}.
    acceptance = models.JSONField(_("acceptance test"), default=list)
    # From the instant after this one the buyer may escalate.
    negotiation_ends_at = models.DateTimeField(_("negotiation until"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("assigned to")
    )
    violation = models.ForeignKey(
        "complaints.Violation", models.PROTECT, related_name="complaints", null=True, blank=True
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reason = models.TextField(_("reason of the last step"), blank=True)

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-id"]),
            models.Index(fields=["seller", "-id"]),
            models.Index(fields=["state", "filed_at"]),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What people call the complaint."""
        return complaint_reference(self.pk, self.filed_at)

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"complaint/{self.pk}"

    @property
    def file_until(self) -> datetime | None:
        """The last instant at which it could be filed, as the acceptance test has kept it."""
        facts: dict[str, str] = next((item["facts"] for item in self.acceptance if item["code"] == IN_TIME), {})
        return parse_datetime(facts.get("until", ""))

    @property
    def failed_codes(self) -> list[str]:
        """The items of the acceptance test that it failed."""
        return [item["code"] for item in self.acceptance if not item["passed"]]

    @transition(field=state, source=ComplaintState.FILED, target=ComplaintState.REJECTED)
    def reject(self, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=ComplaintState.FILED, target=ComplaintState.NEGOTIATING)
    def accept(self, negotiation_ends_at: datetime) -> None:
        self.negotiation_ends_at = negotiation_ends_at

    @transition(field=state, source=OPEN_COMPLAINTS, target=ComplaintState.SETTLED)
    def settle(self, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=ComplaintState.NEGOTIATING, target=ComplaintState.ESCALATED)
    def escalate(self, at: datetime) -> None:
        self.escalated_at = at

    @transition(field=state, source=ComplaintState.ESCALATED, target=ComplaintState.NEGOTIATING)
    def take_escalation_back(self) -> None:
        """What came in time was only committed late, or the platform was away: it has not escalated by itself."""
        self.escalated_at = None

    @transition(field=state, source=[ComplaintState.ESCALATED, ComplaintState.EVIDENCE], target=ComplaintState.EVIDENCE)
    def ask_for_evidence(self) -> None:
        pass

    @transition(
        field=state, source=[ComplaintState.ESCALATED, ComplaintState.EVIDENCE], target=ComplaintState.DETERMINED
    )
    def determine(self) -> None:
        pass

    @transition(field=state, source=[ComplaintState.DETERMINED, ComplaintState.CLOSED], target=ComplaintState.OBJECTED)
    def object_to(self) -> None:
        """From `closed` only where the objection came in time and the closing was written first."""
        self.ended_at = None

    @transition(field=state, source=ComplaintState.CLOSED, target=ComplaintState.DETERMINED)
    def take_closing_back(self) -> None:
        """The platform was away while the time to object ran out: the rest of it is still to come."""
        self.ended_at = None

    @transition(field=state, source=ComplaintState.OBJECTED, target=ComplaintState.REVIEWED)
    def review(self, at: datetime) -> None:
        self.ended_at = at

    @transition(field=state, source=OPEN_COMPLAINTS, target=ComplaintState.WITHDRAWN)
    def withdraw(self, at: datetime) -> None:
        self.ended_at = at

    @transition(
        field=state,
        source=[ComplaintState.DETERMINED, ComplaintState.REVIEWED, ComplaintState.SETTLED],
        target=ComplaintState.CLOSED,
    )
    def close(self, at: datetime) -> None:
        self.ended_at = at


class Proposal(models.Model):
    """A way to settle, put by one side or the platform; both accepting the same text settles the complaint."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="proposals")
    side = models.CharField(_("put by"), max_length=8)
    # NULL: a client of the side spoke.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    text = models.TextField(_("proposal"))
    text_hash = models.CharField(_("hash of the text"), max_length=64)
    put_at = models.DateTimeField(_("put"))
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    # The side that put it has accepted it by that.
    buyer_accepted_at = models.DateTimeField(_("accepted by the buyer"), null=True, blank=True)
    seller_accepted_at = models.DateTimeField(_("accepted by the seller"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["complaint_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "side"], condition=models.Q(replaced_at=None), name="one_proposal_of_a_side"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_settled(self) -> bool:
        """Whether both sides have accepted this text."""
        return self.buyer_accepted_at is not None and self.seller_accepted_at is not None


class EvidenceRequest(models.Model):
    """What support asks one side for; silence means that the complaint is decided on file."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="evidence_requests")
    side = models.CharField(_("asked of"), max_length=8)
    question = models.TextField(_("what is asked for"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    # The answer is a word in the case's thread, with its files, for everybody of the case to see.
    answer = models.OneToOneField("cases.Message", models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for evidence")
        verbose_name_plural = _("requests for evidence")
        ordering = ["complaint_id", "id"]

    def __str__(self) -> str:
        return self.question[:80]


class Liability(models.TextChoices):
    SELLER = "seller", _("the seller is liable")
    BUYER = "buyer", _("the buyer is liable")
    SHARED = "shared", _("both are liable")
    NOBODY = "nobody", _("nobody is liable")


# Outcomes by which the seller has broken a duty: auditors judge that as a violation (3.2).
SELLERS_FAULT = (Liability.SELLER, Liability.SHARED)


class Topic(models.TextChoices):
    """What a decision is about, for those who look for similar ones."""

    LATE_ANSWER = "late_answer", _("late or no answer")
    CONFIRMATION = "confirmation", _("confirmation of the visit")
    REFUSAL = "refusal", _("refusal")
    NO_SHOW = "no_show", _("missed visit")
    UNREASONABLE_OFFER = "unreasonable_offer", _("unreasonable offer")
    POOR_SERVICE = "poor_service", _("poor or incomplete service")
    PARTS = "parts", _("spare parts")
    CHARGES = "charges", _("charges")
    DISCLOSURE = "disclosure", _("service terms not told")
    COMMITMENT = "commitment", _("broken promise")
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    BUYERS_REASONS = "buyers_reasons", _("the buyer’s reasons")
    ABUSE = "abuse", _("abuse of the right")


class Determination(models.Model):
    """The platform's decision with reasons and clauses; a review of it is a second one by another officer."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="determinations")
    liability = models.CharField(_("outcome"), max_length=8, choices=Liability.choices)
    reason = models.TextField(_("reasons"))
    clauses = models.JSONField(_("clauses"), default=list)
    topics = models.JSONField(_("topics"), default=list, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"))
    # Set on the second one: the first determination, and the objection that led to it.
    reviews = models.OneToOneField("self", models.PROTECT, related_name="review", null=True, blank=True)

    class Meta:
        verbose_name = _("determination")
        verbose_name_plural = _("determinations")
        ordering = ["-id"]
        indexes = [models.Index(fields=["complaint", "id"])]

    def __str__(self) -> str:
        return f"{self.complaint}: {self.get_liability_display()}"


class Objection(models.Model):
    """The one objection against a determination, with new evidence."""

    determination = models.OneToOneField(Determination, models.PROTECT, related_name="objection")
    side = models.CharField(_("side"), max_length=8)
    # NULL: a client of the side spoke.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    text = models.TextField(_("objection"))
    # The new evidence: a word in the case's thread, with its files.
    evidence = models.OneToOneField("cases.Message", models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")

    def __str__(self) -> str:
        return self.text[:80]
