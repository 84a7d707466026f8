"""An exclusion claim: what the seller says kept him from serving, and what an auditor made of it (4.1.1 to 4.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from cases.models.reminder import Reminds


class Ground(models.TextChoices):
    BUYER_REASON = "buyer_reason", _("the buyer’s reasons")
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    ABUSE = "abuse", _("abuse of this request")


# For the buyer's reasons and for abuse the whole request is excluded; force majeure excuses a time.
OF_THE_BUYER = (Ground.BUYER_REASON, Ground.ABUSE)
CLAUSE_OF_GROUND = {Ground.BUYER_REASON: "4.1.1", Ground.FORCE_MAJEURE: "4.1.2", Ground.ABUSE: "4.1.3"}


class EventKind(models.TextChoices):
    """The kinds that the source names; its list is open ("including but not limited to")."""

    TYPHOON = "typhoon", _("typhoon")
    TORRENTIAL_RAIN = "torrential_rain", _("torrential rain")
    HAIL = "hail", _("hail")
    EARTHQUAKE = "earthquake", _("earthquake")
    TSUNAMI = "tsunami", _("tsunami")
    FLOOD = "flood", _("flood")
    VOLCANIC_ERUPTION = "volcanic_eruption", _("volcanic eruption")
    LANDSLIDE = "landslide", _("landslide")
    OTHER_DISASTER = "other_disaster", _("another natural disaster")
    WAR = "war", _("war or armed conflict")
    RIOT = "riot", _("riot")
    FIRE = "fire", _("fire")
    EXPLOSION = "explosion", _("explosion")
    TOXIC_LEAK = "toxic_leak", _("leak of toxic substances")
    EPIDEMIC = "epidemic", _("serious epidemic")
    OTHER_EVENT = "other_event", _("another abnormal event")
    CONTROL = "control", _("government control")
    BAN = "ban", _("government ban")
    EXPROPRIATION = "expropriation", _("expropriation or requisition")
    OTHER_ACT = "other_act", _("another act of government")


class Duty(models.TextChoices):
    """What an event can stop: the seller's clocks, and the visit itself."""

    RESPONSE = "response", _("effective response")
    SOLUTION = "solution", _("solution")
    CONFIRMATION = "confirmation", _("confirmation of the visit")
    COUNTER = "counter", _("answer to the counter-offer")
    NEW_DATE = "new_date", _("new date")
    VISIT = "visit", _("the visit itself")


class ClaimState(models.TextChoices):
    FILED = "filed", _("filed")
    PROOF_PENDING = "proof_pending", _("proof awaited")
    IN_REVIEW = "in_review", _("in review")
    GRANTED = "granted", _("granted")
    PARTLY_GRANTED = "partly_granted", _("granted in part")
    REJECTED = "rejected", _("rejected")
    LAPSED = "lapsed", _("lapsed without proof")
    WITHDRAWN = "withdrawn", _("withdrawn")
    REVOKED = "revoked", _("grant revoked")


OPEN_CLAIMS = [ClaimState.FILED, ClaimState.PROOF_PENDING, ClaimState.IN_REVIEW]
GRANTED_CLAIMS = [ClaimState.GRANTED, ClaimState.PARTLY_GRANTED]


class ExclusionClaim(Reminds):
    """Reaches one request and the time concerned; decided by an auditor, never by the seller alone."""

    appointment = models.ForeignKey("cases.ServiceAppointment", models.PROTECT, related_name="claims")
    state = FSMField(_("state"), default=ClaimState.FILED, choices=ClaimState.choices, protected=True)
    ground = models.CharField(_("ground"), max_length=15, choices=Ground.choices)
    kind = models.CharField(_("kind of event"), max_length=20, choices=EventKind.choices, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    begins_at = models.DateTimeField(_("event began"), null=True, blank=True)
    ends_at = models.DateTimeField(_("event ended"), null=True, blank=True)
    duties = models.JSONField(_("duties it stops"), default=list, blank=True)
    # Whether its pauses were put when it was filed: it came before the limits were over.
    is_provisional = models.BooleanField(_("paused provisionally"), default=False)
    # Set where the staff granted it for an event that they declared themselves.
    declared = models.ForeignKey("cases.DeclaredEvent", models.PROTECT, related_name="claims", null=True, blank=True)
    visit = models.ForeignKey("cases.Visit", models.PROTECT, related_name="+", null=True, blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    filed_at = models.DateTimeField(_("filed"))
    # NULL where no proof is awaited.
    proof_due_at = models.DateTimeField(_("proof due"), null=True, blank=True)
    # Why it was rejected at filing, on instants alone: "already_late", "notice_too_late".
    code = models.CharField(_("code"), max_length=30, blank=True)
    granted_begins_at = models.DateTimeField(_("granted from"), null=True, blank=True)
    granted_ends_at = models.DateTimeField(_("granted until"), null=True, blank=True)
    granted_duties = models.JSONField(_("duties granted"), default=list, blank=True)
    # The state that an exclusion ended, should the grant be revoked.
    excluded_from = models.CharField(_("state before the exclusion"), max_length=20, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        verbose_name = _("exclusion claim")
        verbose_name_plural = _("exclusion claims")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(filed_by=None) | ~Q(decided_by=F("filed_by")),
                name="claim_decided_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["proof_due_at"], condition=Q(state="proof_pending"), name="claim_proof_awaited"),
            models.Index(fields=["filed_at"], condition=Q(state="in_review"), name="claim_to_decide"),
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(state="proof_pending", next_reminder_at__isnull=False),
                name="claim_reminders",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} ({self.get_state_display()})"

    @property
    def cause(self) -> str:
        """What the pauses it brings carry as their cause."""
        return f"claim/{self.pk}"

    @property
    def clause(self) -> str:
        """The clause it rests on."""
        return CLAUSE_OF_GROUND[Ground(self.ground)]

    @property
    def reminds(self) -> bool:
        """Whether the seller is reminded of the proof that he owes."""
        return bool(self.state == ClaimState.PROOF_PENDING)

    @property
    def started_at(self) -> datetime:
        """When the limit for the proof began."""
        return self.filed_at

    @property
    def due_at(self) -> datetime | None:
        """When the limit for the proof ends."""
        return self.proof_due_at

    @property
    def gives_notice(self) -> bool:
        """Whether it is the seller's own notice of an event: of what the platform declared he had none to give."""
        return self.begins_at is not None and self.declared_id is None

    @property
    def duty_words(self) -> list[Any]:
        """The duties it stops, in words: those granted once it is granted."""
        named = self.granted_duties if self.is_granted else self.duties
        return [Duty(name).label for name in named]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for proof or a decision."""
        return self.state in OPEN_CLAIMS

    @property
    def is_granted(self) -> bool:
        """Whether it holds, in whole or in part."""
        return self.state in GRANTED_CLAIMS

    @property
    def still_lasts(self) -> bool:
        """Whether its event is not known to be over, so that what it stops stands without a due instant."""
        end = self.granted_ends_at if self.is_granted else self.ends_at
        return self.begins_at is not None and end is None and (self.is_open or self.is_granted)

    @transition(field=state, source=ClaimState.FILED, target=ClaimState.PROOF_PENDING)
    def await_proof(self, due_at: datetime) -> None:
        self.proof_due_at = due_at

    @transition(
        field=state, source=[ClaimState.FILED, ClaimState.PROOF_PENDING, ClaimState.LAPSED], target=ClaimState.IN_REVIEW
    )
    def begin_review(self) -> None:
        self.next_reminder_at = None

    @transition(field=state, source=ClaimState.FILED, target=ClaimState.REJECTED)
    def reject_at_filing(self, code: str) -> None:
        self.code = code

    @transition(field=state, source=ClaimState.IN_REVIEW, target=ClaimState.GRANTED)
    def grant(self) -> None:
        pass

    @transition(field=state, source=ClaimState.IN_REVIEW, target=ClaimState.PARTLY_GRANTED)
    def grant_partly(self) -> None:
        pass

    @transition(field=state, source=ClaimState.IN_REVIEW, target=ClaimState.REJECTED)
    def reject(self) -> None:
        pass

    @transition(field=state, source=ClaimState.PROOF_PENDING, target=ClaimState.LAPSED)
    def lapse(self) -> None:
        self.next_reminder_at = None

    @transition(field=state, source=OPEN_CLAIMS, target=ClaimState.WITHDRAWN)
    def withdraw(self) -> None:
        self.next_reminder_at = None

    @transition(field=state, source=GRANTED_CLAIMS, target=ClaimState.REVOKED)
    def revoke(self) -> None:
        pass


class ClaimProof(models.Model):
    """What was given as evidence: a word in the thread, with its photos, for everybody of the case to see."""

    claim = models.ForeignKey(ExclusionClaim, models.PROTECT, related_name="proofs")
    message = models.OneToOneField("cases.Message", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.message)
