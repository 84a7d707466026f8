"""Longer limits that stand for one clock: what becomes of them when something else takes their place (2.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cases.models import LongerLimitState

if TYPE_CHECKING:
    from cases.models import Deadline


def replace_standing(row: Deadline, *, up_to: int | None = None) -> None:
    """Nobody answers them any more; with `up_to` only those that are no longer than that."""
    for standing in row.longer_limits.filter(state=LongerLimitState.STANDING):
        if up_to is None or standing.amount <= up_to:
            standing.replace()
            standing.save(update_fields=["state"])
