"""What the steps of a loss claim ask for at the staff desk: its heads, how far they are lowered, a repayment (3.4)."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from complaints.currencies import decimals, in_units, smallest
from complaints.losses import Head
from complaints.models import LossClaim, LossHead, LossItem
from complaints.vouchers import NotAVoucher, VoucherFile, safe_voucher
from zestech_aftersales.staff import FormOfThings, ReasonForm

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
                label=_now("Amount %(n)d") % words, max_digits=15, decimal_places=3, required=n == 1
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


class AdjustForm(FormOfThings, ReasonForm):
    """What is still owed of each head; of several claims at once, the share by which every head becomes less."""

    percent = forms.DecimalField(
        label=_("Lower every head to so many percent"), min_value=0, max_value=100, max_digits=5, decimal_places=2,
        required=False, help_text=_("In the place of amounts. Rounded down to the smallest unit of the currency."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of several claims only the share is asked for: their heads would not fit on a page.
        self.items = list(self.things[0].items.all()) if len(self.things) == 1 else []
        for item in self.items:
            self.fields[f"amount_{item.pk}"] = forms.DecimalField(
                label=_now("%(head)s, in %(currency)s") % {"head": item.get_head_display(), "currency": item.currency},
                min_value=0, max_value=in_units(item.amount, item.currency), max_digits=15,
                decimal_places=decimals(item.currency), required=False,
                initial=in_units(item.owed, item.currency),
                help_text=_now("Claimed: %(money)s, voucher %(voucher)s. What stays owed of it.")
                % {"money": item.claimed_money, "voucher": item.voucher},
            )  # fmt: skip
        self.order_fields([*(f"amount_{item.pk}" for item in self.items), "percent", "reason"])

    def clean(self) -> dict[str, Any]:
        """The share, or the amounts that differ from what is owed now."""
        typed = super().clean() or {}
        percent = typed.get("percent")
        given = {item.pk: typed.get(f"amount_{item.pk}") for item in self.items}
        changed = {item.pk: given[item.pk] for item in self.items if given[item.pk] not in (None, item.owed)}
        if not self.errors and (percent is None) == (not changed):
            self.add_error(None, _now("Change the amount of a head, or give a share for all of them: one of both."))
        return {"reason": typed.get("reason", ""), "percent": percent, "amounts": changed}


class RepaymentForm(forms.Form):
    """When what was owed back was paid, and by which transfer."""

    paid_on = forms.DateField(
        label=_("Paid back on"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The date in the platform’s time zone."),
    )  # fmt: skip
    reference = forms.CharField(
        label=_("Reference"), max_length=200, help_text=_("Of the transfer or credit note; the seller reads it.")
    )


def lowered(claim: LossClaim, percent: Decimal) -> dict[int, Decimal]:
    """Every head of a claim lowered to the same share of what was claimed."""
    return {
        item.pk: (item.amount * percent / 100).quantize(smallest(item.currency), ROUND_DOWN)
        for item in claim.items.all()
    }
