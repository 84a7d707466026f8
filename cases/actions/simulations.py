"""Simulations: begun by staff, counted batch by batch; nothing but their own rows is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import EditionDraft, ServiceAppointment, SimulatedChange, Simulation
from cases.simulation import Judged, judged, past_requests
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.rulebook.editions import EditionNumbers, InvalidNumbersError
from zestech_aftersales.rulebook.publication import days_span
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from sellers.models import Seller
    from zestech_aftersales.accounts.actors import Actor

# How many changes a run keeps to be read; all are counted.
KEPT = 10_000


@action
def begin_simulation(
    numbers: Mapping[str, Any],
    *,
    first_day: date,
    last_day: date,
    seller: Seller | None = None,
    draft: EditionDraft | None = None,
    by: Actor,
    at: datetime,
) -> Simulation:
    """Begin a run over the requests received from a day to another one, both included, in the numbers' own zone.

    RuleBroken: edition_invalid, period_invalid (422). PermissionDenied for anybody but platform staff.
    """
    if not by.platform_role or by.acting_for is not None:
        raise PermissionDenied(_("Only platform staff runs simulations."))
    try:
        law = EditionNumbers.from_json(numbers)
    except InvalidNumbersError as invalid:
        raise RuleBroken(
            "5.2", "edition_invalid", status=422, detail=str(invalid), context={"errors": invalid.errors}
        ) from invalid
    if last_day < first_day:
        raise RuleBroken("", "period_invalid", status=422, detail=_("The last day lies before the first one."))
    begins_at, ends_at = days_span(first_day, last_day, law)
    simulation = Simulation(
        draft=draft,
        numbers=law.to_json(),
        begins_at=begins_at,
        ends_at=ends_at,
        seller=seller,
        requested_by=by.user,
        requested_at=at,
    )
    simulation.total = _wanted(simulation).count()
    simulation.save()
    _record(simulation, "simulation.begun", by=by, at=at)
    return simulation


@action
def simulate_batch(simulation: Simulation, *, batch: int, by: Actor, at: datetime) -> int:
    """Count the next requests of a run as of its own instant; how many, 0 when it is finished.

    Run twice at a time, each request is still counted once: the row is held and remembers how far it came.
    """
    simulation = Simulation.objects.select_for_update(of=("self",), no_key=True).get(pk=simulation.pk)
    if simulation.finished_at is not None:
        return 0
    rows = _wanted(simulation).filter(pk__gt=simulation.cursor).order_by("pk")
    keys = list(rows.values_list("pk", flat=True)[:batch])
    room = KEPT - simulation.changes.count()
    kept: list[SimulatedChange] = []
    for request in past_requests(keys):
        changes = [each for each in judged(request, simulation.law, at=simulation.requested_at) if each.differs]
        if changes:
            simulation.differing += 1
            _count(simulation.tally, request.seller, changes)
            kept += [_kept(simulation, request.pk, each) for each in changes[: room - len(kept)]]
    SimulatedChange.objects.bulk_create(kept)
    simulation.done += len(keys)
    simulation.cursor = keys[-1] if keys else simulation.cursor
    if len(keys) < batch:
        simulation.finished_at = at
        _record(simulation, "simulation.finished", by=by, at=at, differing=simulation.differing)
    simulation.save(update_fields=["done", "differing", "cursor", "tally", "finished_at"])
    return len(keys)


def _wanted(simulation: Simulation) -> QuerySet[ServiceAppointment]:
    rows = ServiceAppointment.objects.filter(
        received_at__gte=simulation.begins_at, received_at__lt=min(simulation.ends_at, simulation.requested_at)
    )
    return rows if simulation.seller_id is None else rows.filter(seller=simulation.seller_id)


def _count(tally: dict[str, Any], seller: int, changes: Iterable[Judged]) -> None:
    clocks, sellers = tally.setdefault("clocks", {}), tally.setdefault("sellers", {})
    for each in changes:
        name = f"{each.clock.state}>{each.after}"
        for counted in (clocks.setdefault(each.clock.clock, {}), sellers.setdefault(str(seller), {})):
            counted[name] = counted.get(name, 0) + 1
    sums: Counter[str] = Counter(sellers[str(seller)])
    sums["requests"] += 1
    sellers[str(seller)] = dict(sums)


def _kept(simulation: Simulation, appointment: int, each: Judged) -> SimulatedChange:
    return SimulatedChange(
        simulation=simulation,
        appointment_id=appointment,
        clock=each.clock.clock,
        before=each.clock.state,
        after=each.after,
        due_before=each.clock.due_at,
        due_after=each.due_after,
        answered_at=each.answered_at,
    )


def _record(simulation: Simulation, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    record(
        stream=simulation.subject,
        subject=simulation.subject,
        kind=kind,
        clause="",
        by=by,
        effective_at=at,
        recorded_at=at,
        before=None,
        after=None,
        detail={"draft": simulation.draft_id, "requests": simulation.total, **detail},
    )
