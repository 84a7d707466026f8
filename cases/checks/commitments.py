"""The verdicts on the terms of a commitment held against its events: as first judged, and as put right since (2.3.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from cases.checks.findings import Difference, differing
from sellers.models import SellerCommitment
from zestech_aftersales.timeline.models import Event

PUT_RIGHT = "commitment.put_right"
JUDGED = {"commitment.binding", "commitment.split", "commitment.void", PUT_RIGHT}
TOLD = ("dimension", "value", "excludes", "state", "why")


def of_judgement(place: str, thing: str, commitment: SellerCommitment, events: Iterable[Event]) -> Iterator[Difference]:
    """Each term has the last verdict that was told of it; when and why the judgement was put right is as told last."""
    verdicts: dict[int, str] = {}
    # Older events told terms in words only: what they judged is compared where it was put right since.
    is_whole = True
    judged_at: datetime | None = None
    put_right_at: datetime | None = None
    reason = ""
    for event in events:
        if event.kind in JUDGED:
            told: dict[str, Any] = event.detail or {}
            judged_at = event.effective_at
            keyed = [each for each in told["terms"] if "key" in each]
            is_whole = is_whole and len(keyed) == len(told["terms"])
            verdicts |= {each["key"]: _listed(each[name] for name in TOLD) for each in keyed}
            if event.kind == PUT_RIGHT:
                put_right_at, reason = event.effective_at, told["reason"]
    yield from differing(
        place,
        thing,
        judged=(commitment.judged_at, judged_at),
        put_right=(commitment.put_right_at, put_right_at),
        put_right_because=(commitment.put_right_reason, reason),
    )
    # Nobody has judged the terms of one that waits.
    stored = {
        term.pk: _listed((term.dimension, term.value, term.excludes, term.state, term.reason))
        for term in commitment.terms.all()
        if (term.state if judged_at is None else is_whole or term.pk in verdicts)
    }
    yield from differing(place, thing, terms=(_all(stored), _all(verdicts)))


def _listed(parts: Iterable[object]) -> str:
    return " ".join(map(str, parts))


def _all(verdicts: dict[int, str]) -> str:
    return "; ".join(f"{key} {verdict}" for key, verdict in sorted(verdicts.items()))
