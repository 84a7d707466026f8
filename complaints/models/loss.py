"""A loss claim: what a confirmed breach has cost the platform, borne by the seller (3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from complaints.currencies import decimals, in_units


class LossState(models.TextChoices):
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    NOTIFIED = "notified", _("notified to the seller")
    ACCEPTED = "accepted", _("accepted by the seller")
    CONTESTED = "contested", _("contested by the seller")
    UNCONTESTED = "uncontested", _("not contested")
    ADJUSTED = "adjusted", _("adjusted")
    FINAL = "final", _("final")
    RECOVERED = "recovered", _("recovered")
    WRITTEN_OFF = "written_off", _("written off")
    WITHDRAWN = "withdrawn", _("withdrawn")


ANSWERED = [LossState.ACCEPTED, LossState.CONTESTED, LossState.UNCONTESTED]
# Nobody has paid it or given it up yet.
OPEN_LOSSES = [LossState.DRAFT, LossState.APPROVED, LossState.NOTIFIED, *ANSWERED, LossState.ADJUSTED, LossState.FINAL]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount:.{decimals(self.currency)}f} {self.currency}"


class LossHead(models.TextChoices):
    ATTORNEY = "attorney", _("attorney fees")
    TRANSPORT = "transport", _("transport fees")
    NOTARY = "notary", _("notary fees")
    OTHER = "other", _("other")


class LossClaim(models.Model):
    """All heads of one confirmed breach, approved by finance and an auditor, answered by the seller."""

    seller = models.ForeignKey("sellers.Seller", models.PROTECT, related_name="loss_claims")
    violation = models.ForeignKey("complaints.Violation", models.PROTECT, related_name="loss_claims")
    state = FSMField(_("state"), default=LossState.DRAFT, choices=LossState.choices, protected=True)
    reason = models.TextField(_("what it is about"))
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("drafted"))
    decision = models.OneToOneField("timeline.Decision", models.PROTECT, related_name="+", null=True, blank=True)
    notified_at = models.DateTimeField(_("notified"), null=True, blank=True)
    answer = models.TextField(_("the seller’s answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # A contested claim is settled by somebody who took no part in it before.
    was_contested = models.BooleanField(_("contested by the seller"), default=False)
    settled_at = models.DateTimeField(_("final"), null=True, blank=True)
    ended_at = models.DateTimeField(_("recovered, written off or withdrawn"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)
    is_owed_back = models.BooleanField(_("owed back to the seller"), default=False)
    # What had been owed back was paid: on which date, and by which transfer.
    paid_back_on = models.DateField(_("paid back on"), null=True, blank=True)
    paid_back_reference = models.CharField(_("reference of the repayment"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("loss claim")
        verbose_name_plural = _("loss claims")
        ordering = ["-id"]
        indexes = [models.Index(fields=["seller", "state", "-id"])]

    def __str__(self) -> str:
        return f"L-{self.pk}"

    @property
    def totals(self) -> list[Money]:
        """What is owed in each currency, adjusted amounts counted; currencies are never added up."""
        sums: dict[str, Decimal] = {}
        for item in self.items.all():
            sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.owed
        return [Money(amount, currency) for currency, amount in sorted(sums.items())]

    @property
    def subject(self) -> str:
        """What its events are about, and the stream they stand in."""
        return f"loss/{self.pk}"

    @transition(field=state, source=LossState.DRAFT, target=LossState.APPROVED)
    def approve(self) -> None:
        pass

    @transition(field=state, source=LossState.APPROVED, target=LossState.NOTIFIED)
    def notify(self, at: datetime) -> None:
        self.notified_at = at

    @transition(field=state, source=[LossState.NOTIFIED, LossState.UNCONTESTED], target=LossState.ACCEPTED)
    def accept(self, answer: str, at: datetime) -> None:
        self.answer, self.answered_at = answer, at

    @transition(field=state, source=[LossState.NOTIFIED, LossState.UNCONTESTED], target=LossState.CONTESTED)
    def contest(self, answer: str, at: datetime) -> None:
        """From `uncontested` only where the answer came in time and the silence was written first."""
        self.answer, self.answered_at, self.was_contested = answer, at, True

    @transition(field=state, source=LossState.NOTIFIED, target=LossState.UNCONTESTED)
    def pass_in_silence(self) -> None:
        pass

    @transition(field=state, source=LossState.UNCONTESTED, target=LossState.NOTIFIED)
    def take_silence_back(self) -> None:
        """The time to answer had ended while the platform was away: it goes on."""

    @transition(field=state, source=ANSWERED, target=LossState.ADJUSTED)
    def adjust(self) -> None:
        pass

    @transition(field=state, source=[*ANSWERED, LossState.ADJUSTED], target=LossState.FINAL)
    def make_final(self, at: datetime) -> None:
        self.settled_at = at

    @transition(field=state, source=LossState.FINAL, target=LossState.RECOVERED)
    def recover(self, at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = at, reason

    @transition(field=state, source=LossState.FINAL, target=LossState.WRITTEN_OFF)
    def write_off(self, at: datetime, reason: str) -> None:
        self.ended_at, self.end_reason = at, reason

    @transition(field=state, source=[*OPEN_LOSSES, LossState.WRITTEN_OFF], target=LossState.WITHDRAWN)
    def withdraw(self, at: datetime, reason: str) -> None:
        """From `written_off` too: the ledger holds nothing against a seller for a breach that counts no longer."""
        self.ended_at, self.end_reason = at, reason

    @transition(field=state, source=LossState.RECOVERED, target=LossState.WITHDRAWN)
    def take_back(self, at: datetime, reason: str) -> None:
        """The breach counts no longer although the seller has paid: what came in is owed to him."""
        self.ended_at, self.end_reason, self.is_owed_back = at, reason, True

    def note_repayment(self, paid_on: date, reference: str) -> None:
        """What was owed back is paid: the claim stays withdrawn, nobody owes anything any more."""
        self.is_owed_back, self.paid_back_on, self.paid_back_reference = False, paid_on, reference


def stored_under(voucher: Voucher, name: str) -> str:
    """Where the file of a voucher lies: named by its content, never by what the sender called it."""
    return f"losses/{voucher.claim_id}/{voucher.sha256}{voucher.suffix}"


class Voucher(models.Model):
    """The file of a bill; it stays with its claim even where a corrected draft rests on another one."""

    claim = models.ForeignKey(LossClaim, models.PROTECT, related_name="vouchers")
    file = models.FileField(_("file"), upload_to=stored_under, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=60)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where finance, auditors and the seller who is heard can read it."""
        return reverse("voucher", args=[self.pk])

    @property
    def suffix(self) -> str:
        """The file name's ending for its content type."""
        return {"image/jpeg": ".jpg", "application/pdf": ".pdf"}.get(self.content_type, "")


class LossItem(models.Model):
    """One head of a loss: an amount with its currency, its voucher, and how the breach caused it."""

    claim = models.ForeignKey(LossClaim, models.PROTECT, related_name="items")
    head = models.CharField(_("head"), max_length=10, choices=LossHead.choices)
    amount = models.DecimalField(
        _("amount"), max_digits=15, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three letters of ISO 4217, like CNY."))],
    )
    voucher = models.CharField(_("voucher"), max_length=200, help_text=_("Number of the bill it rests on."))
    # NULL only on what was claimed before files were kept.
    file = models.ForeignKey(
        Voucher, models.PROTECT, related_name="items", null=True, blank=True, verbose_name=_("file of the voucher")
    )
    note = models.TextField(_("how the breach caused it"))
    # Set by an adjustment; NULL: as claimed.
    adjusted_amount = models.DecimalField(_("adjusted to"), max_digits=15, decimal_places=3, null=True, blank=True)
    adjusted_reason = models.TextField(_("reason of the adjustment"), blank=True)

    class Meta:
        verbose_name = _("head of a loss")
        verbose_name_plural = _("heads of losses")
        ordering = ["claim_id", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="loss_is_positive")]

    def __str__(self) -> str:
        return f"{self.get_head_display()}: {self.owed_money}"

    @property
    def owed(self) -> Decimal:
        """What counts: the adjusted amount where there is one."""
        return self.amount if self.adjusted_amount is None else self.adjusted_amount

    @property
    def claimed(self) -> Decimal:
        """What was claimed at first, written with the decimals of its currency."""
        return in_units(self.amount, self.currency)

    @property
    def adjusted(self) -> Decimal | None:
        """What it was lowered to, written so."""
        return None if self.adjusted_amount is None else in_units(self.adjusted_amount, self.currency)

    @property
    def owed_money(self) -> Money:
        """What counts, with its currency."""
        return Money(self.owed, self.currency)

    @property
    def claimed_money(self) -> Money:
        """What was claimed at first, with its currency."""
        return Money(self.amount, self.currency)
