"""The end of a cover told as a sum: payment, a year or the longer promise, 24:00 of the corresponding date (2.3.4, T4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cases.cover_ends import end_for
from cases.explanation import sources_of
from cases.sums import Basis, Explanation, held_against, sum_of_kind
from sellers.queries import binding_terms
from sellers.terms import Dimension
from zestech_aftersales.rulebook.periods import months_limit

if TYPE_CHECKING:
    from cases.models import Cover

COVER = "cover"
PAID = _("The order was fully paid")


def sum_of_cover(cover: Cover, *, at: datetime) -> Explanation | None:
    """How the end of a cover is counted for a request received at an instant; None for one that never began.

    A promise of more months, or an edition of more years, lengthens it for the requests that come after it. Nothing
    else moves it: units put in place of others have the rest of it. An end that differs from what the program goes by is logged as an error.
    """
    if cover.starts_at is None:
        return None
    basis = Basis.of(cover.edition, max(at, cover.starts_at))
    told = sum_of_kind(COVER, basis, cover.starts_at, PAID)
    return held_against(_promised(told, cover, at=at), end_for(cover, at), cover=cover.pk)


def _promised(told: Explanation, cover: Cover, *, at: datetime) -> Explanation:
    """The sum with the most months that were promised, where they end later than the years of the rules."""
    dimension = Dimension.COVER_MONTHS
    terms = binding_terms(cover.line.product, cover.order.placed_at, at, buyer=cover.buyer)
    later = [int(term.value) for term in terms if term.dimension == dimension]
    months = max([*later, cover.terms.get("cover_months", 0)])
    if not months or told.due_at is None:
        return told
    due_at = months_limit(told.started_at, months, cover.edition.law.zone_info)
    if due_at <= told.due_at:
        return told
    return replace(
        told,
        by_rule=months,
        amount=months,
        amount_unit="months",
        promised=dimension.value,
        sources=sources_of(cover, dimension.value, months, at=at),
        unpaused_due_at=due_at,
        due_at=due_at,
    )
