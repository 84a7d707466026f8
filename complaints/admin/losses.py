"""Loss claims at the staff desk: drafted by finance, approved together with an auditor, followed to the payment (3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.actions import losses
from complaints.currencies import smallest
from complaints.loss_words import LOSS_WORDS
from complaints.losses import Head
from complaints.models import JudgementDeadline, LossClaim, LossHead, LossItem, LossState, Violation
from complaints.permissions import AUDITORS, FINANCE
from complaints.queries.losses import COLUMNS, ledger
from complaints.vouchers import NotAVoucher, VoucherFile, safe_voucher
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.accounts.middleware import PersonRequest
from zestech_aftersales.staff import FormOfThings, ReadOnlyRows, ReadOnlyStateAdmin, ReasonForm, Step
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

BOTH = (*FINANCE, *AUDITORS)
HEADS = 4


class VoucherField(forms.FileField):
    """The bill of one head, as PDF or photo."""

    def clean(self, data: Any, initial: Any = None) -> VoucherFile | None:
        """A file that is safe to store; ValidationError says why another one cannot be taken."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return safe_voucher(upload, str(upload.name))
        except NotAVoucher as refused:
            raise forms.ValidationError(str(refused)) from refused


class HeadsForm(FormOfThings):
    """Up to four heads of a loss; a row without an amount is left out. A draft's own heads are there to be changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, HEADS + 1):
            words = {"n": n}
            self.fields[f"head_{n}"] = forms.ChoiceField(label=_now("Head %(n)d") % words, choices=LossHead.choices)
            self.fields[f"amount_{n}"] = forms.DecimalField(
                label=_now("Amount %(n)d") % words, max_digits=14, decimal_places=2, required=n == 1
            )
            self.fields[f"currency_{n}"] = forms.CharField(
                label=_now("Currency %(n)d") % words, max_length=3, required=False, help_text=_("Such as CNY.")
            )
            self.fields[f"voucher_{n}"] = forms.CharField(
                label=_now("Voucher %(n)d") % words, max_length=200, required=False
            )
            self.fields[f"file_{n}"] = VoucherField(
                label=_now("File of voucher %(n)d") % words, required=False,
                help_text=_("The bill as PDF or photo, up to 10 MB. The seller is shown it."),
            )  # fmt: skip
            self.fields[f"kept_{n}"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
            self.fields[f"note_{n}"] = forms.CharField(
                label=_now("How the breach caused it %(n)d") % words, required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        for n, item in enumerate(self._items()[:HEADS], start=1):
            self._fill(n, item)

    def _items(self) -> list[LossItem]:
        """The heads that stand in the draft."""
        return [item for thing in self.things if isinstance(thing, LossClaim) for item in thing.items.all()]

    def _fill(self, n: int, item: LossItem) -> None:
        told = {
            "head": item.head, "amount": item.amount, "currency": item.currency, "voucher": item.voucher,
            "note": item.note, "kept": item.file_id,
        }  # fmt: skip
        self.initial.update({f"{name}_{n}": value for name, value in told.items()})
        if item.file is not None:
            words = _now("“%(name)s” is kept unless you choose another file.") % {"name": item.file.name}
            self.fields[f"file_{n}"].help_text = words

    def clean(self) -> dict[str, Any]:
        """The heads as the action takes them."""
        typed = super().clean() or {}
        heads = [
            Head(
                typed[f"head_{n}"],
                typed[f"amount_{n}"],
                typed.get(f"currency_{n}", "").strip().upper(),
                typed.get(f"voucher_{n}", ""),
                typed.get(f"note_{n}", ""),
                typed.get(f"file_{n}"),
                typed.get(f"kept_{n}"),
            )
            for n in range(1, HEADS + 1)
            if typed.get(f"amount_{n}") is not None
        ]
        for n in range(1, HEADS + 1):
            is_given = typed.get(f"file_{n}") is not None or typed.get(f"kept_{n}") is not None
            if typed.get(f"amount_{n}") is not None and not is_given and f"file_{n}" not in self.errors:
                self.add_error(f"file_{n}", _now("Add the bill itself, as PDF or photo."))
        return {**{name: value for name, value in typed.items() if name == "reason"}, "heads": heads}


class DraftForm(HeadsForm, ReasonForm):
    """The heads, and what it is about."""


class AdjustForm(ReasonForm):
    """By how much, of each head of the currency in the same share: simple, and said to the seller head by head."""

    percent = forms.DecimalField(
        label=_("Lower every head to so many percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )


def draft(violation: Violation, *, heads: list[Head], reason: str, by: Actor, at: datetime) -> object:
    """A claim on this breach."""
    return losses.draft(violation, heads, reason=reason, by=by, at=at)


def redraft(claim: LossClaim, *, heads: list[Head], by: Actor, at: datetime) -> object:
    """Other heads instead."""
    return losses.redraft(claim, heads, by=by, at=at)


def adjust(claim: LossClaim, *, percent: Decimal, reason: str, by: Actor, at: datetime) -> object:
    """Every head lowered by the same share."""
    lowered = {
        item.pk: (item.amount * percent / 100).quantize(smallest(item.currency), ROUND_DOWN)
        for item in claim.items.all()
    }
    return losses.adjust(claim, lowered, reason=reason, by=by, at=at)


def _in(*states: LossState) -> Callable[[Any], bool]:
    return lambda claim: claim.state in states


CLAIM_A_LOSS = Step(
    "claim-loss", _("Claim a loss"), draft, FINANCE, "3.4",
    _("A draft that only the staff sees. One of finance and one auditor approve it together."),
    DraftForm, lambda violation: violation.stands,
)  # fmt: skip
ANSWERED = (LossState.ACCEPTED, LossState.CONTESTED, LossState.UNCONTESTED)


class ItemRows(ReadOnlyRows):
    model = LossItem
    fields = readonly_fields = (
        "head", "amount", "currency", "voucher", "bill", "note", "adjusted_amount", "adjusted_reason",
    )  # fmt: skip

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("file")

    @admin.display(description=_("file"))
    def bill(self, item: LossItem) -> SafeString | str:
        """The bill itself; the link opens to finance and auditors alone."""
        if item.file is None:
            return "–"
        return format_html('<a href="{}">{}</a>', item.file.get_absolute_url(), item.file.name)


class LimitRows(ReadOnlyRows):
    model = JudgementDeadline
    fk_name = "loss_claim"
    fields = readonly_fields = ("clock", "state", "clause", "started_at", "due_at", "ended_at")
    verbose_name_plural = _("limits")


@admin.register(LossClaim)
class LossClaimAdmin(ReadOnlyStateAdmin):
    list_display = ("__str__", "seller", "violation", "state", "amounts", "notified_at", "answered_at", "settled_at")
    list_filter = ("state", "was_contested", "is_owed_back")
    search_fields = ("seller__name__istartswith", "seller__slug__iexact")
    search_help_text = _("The beginning of the seller’s name")
    ordering = ("-id",)
    inlines = (ItemRows, LimitRows)
    readonly_fields = ("amounts", "who_may_decide", "seller_ledger")
    exclude = ("decision",)
    steps = (
        Step(
            "redraft", _("Change the heads"), redraft, FINANCE, "3.4", _("The heads below take the place of those of the draft."),
            HeadsForm, lambda claim: claim.state == LossState.DRAFT and claim.decision_id is None,
        ),
        Step(
            "put-up", _("Put up for approval"), losses.put_up, BOTH, "3.4",
            _("Somebody of the other role, finance or auditor, approves it or sends it back."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is None,
        ),
        Step(
            "approve", _("Approve and notify the seller"), losses.approve, BOTH, "3.4",
            _("The seller is told at once and has 14 natural days to answer; then it counts as not contested."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is not None,
        ),
        Step(
            "decline", _("Send back"), losses.decline, BOTH, "3.4", _("It is a draft again and can be changed."),
            offered=lambda claim: claim.state == LossState.DRAFT and claim.decision_id is not None,
        ),
        Step(
            "adjust", _("Lower it"), adjust, BOTH, "3.4",
            _("Amounts only become less. A contested claim is settled by somebody who took no part in it before."),
            AdjustForm, _in(*ANSWERED),
        ),
        Step(
            "final", _("Make it final"), losses.make_final, BOTH, "3.4",
            _("It is owed as it stands. A contested claim is settled by somebody who took no part in it before."),
            offered=_in(*ANSWERED, LossState.ADJUSTED),
        ),
        Step(
            "recover", _("Note the payment"), losses.recover, FINANCE, "3.4", _("The reason names the receipt."),
            offered=_in(LossState.FINAL),
        ),
        Step(
            "write-off", _("Write it off"), losses.write_off, FINANCE, "3.4", _("Nothing more is asked of the seller."),
            offered=_in(LossState.FINAL),
        ),
    )  # fmt: skip

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("decision__proposer", "seller", "violation")
            .prefetch_related("items__file")
        )

    def steps_for(self, request: HttpRequest, thing: Any) -> list[Step]:
        """What was put up is for the other role: nobody is led to a refusal."""
        role = cast(PersonRequest, request).user.platform_role
        if thing.state == LossState.DRAFT and thing.decision and thing.decision.proposer.platform_role == role:
            return []
        return super().steps_for(request, thing)

    def events_about(self, thing: Any) -> QuerySet[Event]:
        return events_of(thing.subject)

    def headline(self, event: Event) -> str | Promise:
        words = LOSS_WORDS.get(event.kind)
        return words.headline if words else event.kind

    @admin.display(description=_("amounts"))
    def amounts(self, claim: LossClaim) -> str:
        return _joined(claim.totals) or "–"

    @admin.display(description=_("who may decide"))
    def who_may_decide(self, claim: LossClaim) -> str:
        """Four eyes, said before anybody tries."""
        if claim.state == LossState.DRAFT and claim.decision is not None:
            return _now("put up by %(person)s: the other role decides") % {"person": claim.decision.proposer}
        if claim.state == LossState.CONTESTED:
            return _now("somebody of finance or an auditor who took no part in it before")
        return "–"

    @admin.display(description=_("ledger of the seller"))
    def seller_ledger(self, claim: LossClaim) -> str:
        lines = [
            ", ".join(
                f"{label} {money}" for (_name, label, _q), money in zip(COLUMNS, line.sums, strict=True) if money.amount
            )
            for line in ledger(claim.seller_id)
        ]
        return "; ".join(line for line in lines if line) or "–"


def _joined(totals: Iterable[object]) -> str:
    return " + ".join(str(money) for money in totals)
