"""A promise judged anew by an auditor, and all that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sellers.actions.commitments import judge_anew
from sellers.models import SellerCommitment
from sellers.terms import Promise
from tests.factories.claims import an_auditor
from zestech_aftersales.timeline.relay import relay_batch

WHY = "24 h are the opening hours."


def relay_all(at: datetime) -> None:
    """The relay until nothing waits: who reads of a change has done what follows from it."""
    while relay_batch(at=at):
        pass


def put_right(
    said: SellerCommitment,
    at: datetime,
    verdict: str = "no_promise",
    *,
    only: str | None = None,
    added: Sequence[Promise] = (),
    reason: str = WHY,
) -> None:
    """Give another verdict on every term, or on those of one dimension, and let the relay read of it."""
    decisions = {term.pk: verdict for term in said.terms.all() if only in (None, term.dimension)}
    judge_anew(said, decisions=decisions, added=added, reason=reason, by=an_auditor(), at=at)
    relay_all(at)
