"""Drawing a sample so that anybody can draw it again: from figures and a seed alone, by plain hashes (3.2).

Nothing here asks a database or a source of chance. Every seller has a hash of his own under a seed, so neither the
order of the rows nor who else is drawn from changes what becomes of him.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, localcontext
from hashlib import sha256
from typing import Any

from complaints.models import AuditPart

# How heavily a figure weighs: numbers of the draw, not of the rules. Everybody has the first one.
BASE = 100
PER_LATE_PERCENT = 3
PER_REFUSAL = 50
PER_GAP = 30
PER_COMPLAINT = 50
# More of one kind weighs no more: the largest sellers are not drawn every month for their size alone.
COUNTED_AT_MOST = 10

HASH_VALUES = 2**256
# Digits of the logarithm; decimal, because it is the same on every machine.
DIGITS = 40


@dataclass(frozen=True, slots=True)
class SellerFigures:
    """What a month tells of one seller; it judges nobody."""

    seller: int
    orders: int = 0
    requests: int = 0
    answers: int = 0
    late: int = 0
    refusals: int = 0
    gaps: int = 0
    complaints: int = 0

    @property
    def late_percent(self) -> int:
        """The share of the limits that were missed, rounded down; 0 where none was owed."""
        return 100 * self.late // self.answers if self.answers else 0

    @property
    def weight(self) -> int:
        """How heavily the seller is drawn by risk: whole numbers, never falling with any bad figure."""
        return (
            BASE
            + PER_LATE_PERCENT * self.late_percent
            + PER_REFUSAL * min(self.refusals, COUNTED_AT_MOST)
            + PER_GAP * min(self.gaps, COUNTED_AT_MOST)
            + PER_COMPLAINT * min(self.complaints, COUNTED_AT_MOST)
        )

    @property
    def row(self) -> dict[str, int]:
        """As it is kept with the sample."""
        return {**asdict(self), "late_percent": self.late_percent, "weight": self.weight}


def canonical(value: Any) -> str:
    """One text for one value, whichever order its keys came in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(value: Any) -> str:
    """The SHA-256 of a value's canonical text."""
    return sha256(canonical(value).encode()).hexdigest()


def rows_of(figures: Iterable[SellerFigures]) -> list[dict[str, int]]:
    """What a sample is drawn from, by the sellers' numbers."""
    return [each.row for each in sorted(figures, key=lambda each: each.seller)]


def drawn(
    rows: Iterable[Mapping[str, int]], seed: str, *, random_size: int, risk_size: int
) -> list[tuple[int, AuditPart]]:
    """Who is in the sample and how he came into it.

    First so many by chance alone; then, of the others, so many by chance and weight, nobody twice (Efraimidis and
    Spirakis: each waits -ln(u) / weight, and the shortest waits are drawn).
    """
    weights = {row["seller"]: row["weight"] for row in rows}
    by_chance = sorted(weights, key=lambda seller: (_lot(seed, "random", seller), seller))
    by_risk = sorted(by_chance[random_size:], key=lambda seller: (_wait(seed, seller, weights[seller]), seller))
    return [
        *((seller, AuditPart.RANDOM) for seller in by_chance[:random_size]),
        *((seller, AuditPart.RISK) for seller in by_risk[:risk_size]),
    ]


def chosen(keys: Iterable[int], seed: str, *, size: int) -> Sequence[int]:
    """So many of some cases, by chance under a seed."""
    return sorted(keys, key=lambda key: (_lot(seed, "case", key), key))[:size]


def _lot(seed: str, part: str, key: int) -> int:
    return int.from_bytes(sha256(f"{seed}/{part}/{key}".encode()).digest())


def _wait(seed: str, seller: int, weight: int) -> Decimal:
    with localcontext() as context:
        context.prec = DIGITS
        share = Decimal(_lot(seed, "risk", seller) + 1) / Decimal(HASH_VALUES + 1)
        return -share.ln() / weight
