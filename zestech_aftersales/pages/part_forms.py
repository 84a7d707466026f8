"""Parts as people type them, in rows: what a visit will need, and the report with what it used."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import ListedPart, Side, UsedPart, VisitResult
from cases.terms import PartTerms, ReportDetails, UnitTerms
from zestech_aftersales.pages.forms import CompleteForm, PhotosField, StepForm, ask_for

BLANK_ROWS = 3
MOST_ROWS = 20
COLUMNS = ("name", "number", "quantity", "brought_by", "paid_by", "amount")


class PartRows(StepForm):
    """Rows of parts; a row without name, number and charge is left out. Saved rows come back with blank ones."""

    # Who brings a part is told before a visit only.
    columns: tuple[str, ...] = COLUMNS

    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency of the charges"), required=False, help_text=_("Such as EUR.")
    )

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(self.known())
        self.count = min(max(len(known) + BLANK_ROWS, self._typed()), MOST_ROWS)
        for n in range(1, self.count + 1):
            self.fields |= {f"{name}_{n}": field for name, field in _row_fields().items() if name in self.columns}
            ask_for(self, [f"{name}_{n}" for name in self.columns])
        for n, part in enumerate(known[: self.count], start=1):
            for name in self.columns:
                self.initial.setdefault(f"{name}_{n}", getattr(part, name) or None)
        charged = next((part.currency for part in known if part.currency), "")
        self.initial.setdefault("currency", charged)

    def known(self) -> Iterable[ListedPart | UsedPart]:
        """The parts that were told already, to begin with."""
        told = self.file.parts
        return told.parts.all() if told is not None else ()

    def _typed(self) -> int:
        numbers = (name.removeprefix("name_") for name in self.data if name.startswith("name_"))
        return max((int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 3), default=0)

    def field_for(self, missing: str) -> str:
        """One currency serves all rows."""
        return "currency" if missing.startswith("currency_") else missing

    @property
    def rows(self) -> list[list[Any]]:
        """The fields of each part for the page."""
        return [[self[f"{name}_{n}"] for name in self.columns] for n in range(1, self.count + 1)]

    @property
    def parts(self) -> list[PartTerms]:
        """The parts as typed; the action says what is missing."""
        rows = [self._row(n) for n in range(1, self.count + 1)]
        return [row for row in rows if row.name or row.number or row.amount]

    def _row(self, n: int) -> PartTerms:
        typed = {name: self.cleaned_data.get(f"{name}_{n}") for name in self.columns}
        amount = typed["amount"] or Decimal(0)
        return PartTerms(
            name=typed["name"] or "",
            number=typed["number"] or "",
            quantity=typed["quantity"] or 1,
            brought_by=typed.get("brought_by") or Side.SELLER,
            paid_by=typed["paid_by"] or Side.SELLER,
            amount=amount,
            currency=self.cleaned_data.get("currency", "") if amount else "",
        )


class ListPartsForm(PartRows):
    """What the visit will need."""


class ReportForm(PartRows, CompleteForm):
    """The report of a visit: what was done, what it came to, parts used, photos."""

    columns = tuple(name for name in COLUMNS if name != "brought_by")

    result = forms.ChoiceField(
        label=_("Result"), choices=[("", _("Choose")), *VisitResult.choices], required=False,
        help_text=_("The buyer signs what you report."),
    )  # fmt: skip
    photos = PhotosField(help_text=_("Up to 6 photos, 10 MB each. The buyer sees them before signing."))

    new_serial = forms.CharField(
        label=_("Serial number of the new unit"), max_length=80, required=False,
        help_text=_("Only if the unit was replaced: the new one inherits what is left of the cover."),
    )  # fmt: skip
    old_serial = forms.CharField(label=_("Serial number of the replaced unit"), max_length=80, required=False)

    @property
    def details(self) -> ReportDetails:
        """Result, parts and photos as typed."""
        typed = self.cleaned_data
        return ReportDetails(typed["result"], self.parts, typed["photos"], unit_of(typed))


class UnitForm(StepForm):
    """A unit in place of another."""

    new_serial = forms.CharField(label=_("Serial number of the new unit"), max_length=80, required=False)
    old_serial = forms.CharField(
        label=_("Serial number of the replaced unit"), max_length=80, required=False,
        help_text=_("Empty: the unit that the cover knows."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for(self, ("new_serial",))


def unit_of(typed: dict[str, Any]) -> UnitTerms | None:
    """The replaced unit of a report, if one was typed."""
    if not (typed["new_serial"] or typed["old_serial"]):
        return None
    return UnitTerms(typed["new_serial"], typed["old_serial"])


def _row_fields() -> dict[str, forms.Field]:
    return {
        "name": forms.CharField(label=_("Part"), max_length=120, required=False),
        "number": forms.CharField(label=_("Part number"), max_length=60, required=False),
        "quantity": forms.IntegerField(label=_("Quantity"), min_value=1, max_value=999, required=False, initial=1),
        "brought_by": forms.ChoiceField(label=_("Brought by"), choices=Side.choices, required=False),
        "paid_by": forms.ChoiceField(label=_("Paid by"), choices=Side.choices, required=False),
        "amount": forms.DecimalField(
            label=_("Charge"), max_digits=10, decimal_places=2, min_value=0, required=False
        ),
    }  # fmt: skip
