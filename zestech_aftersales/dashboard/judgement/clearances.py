"""Clearances in the list of what is judged; what one means stands on the programme's page (3.2)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from complaints.models import Clearance
from complaints.queries.clearances import clearances_for
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.dashboard.judgement.sections import JudgedRow, Section


def _found(by: Actor) -> QuerySet[Clearance]:
    return clearances_for(by).order_by("-id")


def _lines(page: Sequence[Clearance], _by: Actor) -> list[JudgedRow]:
    return [_row(found) for found in page]


def _row(found: Clearance) -> JudgedRow:
    return JudgedRow(
        thing=found,
        url=f"{reverse('dashboard:programme')}#clearance",
        title=gettext_lazy("Cleared from the programme"),
        clause="3.2",
        at=found.cleared_at or found.proposed_at,
    )


SECTION = Section(
    "clearances",
    gettext_lazy("Clearances"),
    gettext_lazy("Decided by two auditors on violations that stand. It falls when none of them stands any more."),
    _found,
    _lines,
)
