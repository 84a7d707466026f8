"""The samples of the months: drawn and frozen by beat or by command, and drawn again to be compared (3.2)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from complaints.actions.samples import draw_sample, freeze_checklist
from complaints.models import Audit, AuditDraw
from complaints.population import month_before
from complaints.sampling import SellerFigures, drawn, hash_of

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

SEED_BYTES = 16
FIGURES = ("seller", "orders", "requests", "answers", "late", "refusals", "gaps", "complaints")


def new_seed() -> str:
    """A seed that nobody could foresee."""
    return secrets.token_hex(SEED_BYTES)


def draw(month: date, *, seed: str, by: Actor, now: Callable[[], datetime]) -> AuditDraw:
    """Draw a month once and freeze what its audits look at; whatever broke off goes on where it was."""
    sample = draw_sample(month, seed=seed, by=by, at=now())
    for audit in Audit.objects.filter(draw=sample, items=None, state="open").order_by("pk"):
        freeze_checklist(audit, by=by, at=now())
    return sample


def months_due(at: datetime) -> list[date]:
    """The months that are over and were not drawn since the latest that was, oldest first, and the one over last.

    Nobody woke for a month or longer: nothing is skipped. Before the first sample nothing was to be drawn.
    """
    last = month_before(at)
    latest = AuditDraw.objects.filter(month__lt=last).order_by("-month").values_list("month", flat=True).first()
    due = [last]
    while latest is not None and (before := _month_before(due[0])) > latest:
        due.insert(0, before)
    return due


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def differences(sample: AuditDraw) -> list[str]:
    """What is not as it was when a kept sample is drawn again from its own figures and seed; [] when all is."""
    rows = sample.population
    hashed = [] if hash_of(rows) == sample.population_hash else ["The figures have another hash than the one kept."]
    weighed = [
        f"Seller {row['seller']}: the figures give another weight than {row['weight']}."
        for row in rows
        if SellerFigures(**{name: row[name] for name in FIGURES}).weight != row["weight"]
    ]
    again = drawn(rows, sample.seed, random_size=sample.random_size, risk_size=sample.risk_size)
    wanted = {seller: str(part) for seller, part in again}
    kept = dict(Audit.objects.filter(draw=sample).values_list("seller", "part"))
    sampled = [
        f"Seller {seller}: kept as {kept.get(seller)}, drawn as {wanted.get(seller)}."
        for seller in sorted(wanted.keys() | kept.keys())
        if wanted.get(seller) != kept.get(seller)
    ]
    return [*hashed, *weighed, *sampled]
