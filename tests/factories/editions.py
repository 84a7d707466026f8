"""Draft editions for tests, made through the real actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cases.actions.editions import draft_edition, propose_draft
from cases.actions.simulations import begin_simulation
from cases.models import EditionDraft, SimulatedChange, Simulation
from cases.simulations import run_on
from tests.factories import cases as make
from tests.factories.claims import an_administrator, an_auditor
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook.first_edition import NUMBERS


def a_draft(*, at: datetime, by: Actor | None = None, title: str = "A quicker answer", **changes: Any) -> EditionDraft:
    """A draft: the numbers of edition 1 but for those given."""
    return draft_edition(title, {**NUMBERS, **changes}, by=by or an_administrator(), at=at)


def a_proposal(effective_on: date, *, at: datetime, by: Actor | None = None, **changes: Any) -> EditionDraft:
    """A draft that one administrator has proposed to publish."""
    first = by or an_administrator()
    draft = a_draft(at=at, by=first, **changes)
    return propose_draft(draft, effective_on=effective_on, reason="Most answer in a day.", by=first, at=at)


def a_simulation(
    first_day: date, last_day: date, *, at: datetime, by: Actor | None = None, batch: int = 100, **changes: Any
) -> Simulation:
    """A finished run of the numbers of edition 1 but for those given, over the requests of some days."""
    options = {name: changes.pop(name) for name in ("seller", "draft") if name in changes}
    run = begin_simulation(
        {**NUMBERS, **changes}, first_day=first_day, last_day=last_day, by=by or an_auditor(), at=at, **options
    )
    run_on(run, now=lambda: at, batch=batch, rounds=1000)
    return Simulation.objects.get(pk=run.pk)


def a_simulated_change(*, at: datetime, draft: EditionDraft) -> SimulatedChange:
    """A request that was answered a second after the number of a draft would have been over."""
    hours = timedelta(hours=draft.law.response_hours)
    received_at = at - hours - timedelta(hours=1)
    make.offered(make.requested(at=received_at), at=received_at + hours + timedelta(seconds=1))
    day = (received_at - timedelta(days=1)).date()
    run = a_simulation(day, at.date(), at=at, draft=draft, **draft.numbers)
    return run.changes.filter(clock="response").latest("id")
