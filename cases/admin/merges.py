"""Merging duplicates at the staff desk: the surviving case is named, and a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.merges import MERGERS, merge_cases
from cases.models import ServiceCase
from cases.queries import REFERENCE
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.staff import ReasonForm, Step


class MergeForm(ReasonForm):
    """Which case survives, and why they are one."""

    survivor = forms.CharField(
        label=_("Surviving case"), max_length=30, help_text=_("Its reference (ZA-…). It shows both from now on.")
    )
    field_order = ("survivor", "reason")

    def clean_survivor(self) -> ServiceCase:
        """The case of that reference."""
        named = str(self.cleaned_data["survivor"]).strip().upper()
        match = REFERENCE.match(named)
        found = ServiceCase.objects.filter(pk=int(match["pk"])).first() if match else None
        # A wrong year is another case's number, mistyped: nothing can be taken back here.
        if found is None or found.reference != named:
            raise forms.ValidationError(_("There is no case of this reference."))
        return found


def merge(duplicate: ServiceCase, *, survivor: ServiceCase, reason: str, by: Actor, at: datetime) -> object:
    """Merge this case into the one named."""
    return merge_cases(duplicate, survivor, reason=reason, by=by, at=at)


def _can_be_merged(case: Any) -> bool:
    return isinstance(case, ServiceCase) and case.merged_into_id is None


MERGE = Step(
    "merge", _("Merge into another case"), merge, MERGERS, "",
    _("For two cases about the same fault of one order line. This one stays readable and points to the surviving case, which shows both. No limit moves, and it cannot be taken back."),
    MergeForm, _can_be_merged,
)  # fmt: skip
