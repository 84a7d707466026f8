"""The shipments of one case held against its events (2.1.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from cases.checks.findings import Difference, differing
from cases.checks.visits import named
from cases.models import Shipment, ShipmentState

if TYPE_CHECKING:
    from cases.checks.folding import FoldedCase
    from zestech_aftersales.timeline.models import Event

STREAM = "shipment/"
SHIPPED, CORRECTED, MISSED = "shipment.shipped", "shipment.corrected", "shipment.not_received"


def of_shipments(
    place: str, shipments: Iterable[Shipment], events: Iterable[Event], told: FoldedCase
) -> Iterator[Difference]:
    """Each shipment that events tell of is there; what it is, who carries it and what became of it are as they say."""
    own: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.subject.startswith(STREAM):
            own[event.subject].append(event)
    rows = {each.subject: each for each in shipments}
    for subject in sorted(own.keys() - rows.keys()):
        yield Difference(place, subject, "row", "missing", "told by events")
    for subject, shipment in rows.items():
        yield from _of_shipment(place, shipment, own[subject], told)


def _of_shipment(place: str, shipment: Shipment, events: Iterable[Event], told: FoldedCase) -> Iterator[Difference]:
    thing = told.states[shipment.subject]
    is_under_way = thing.now in (ShipmentState.ANNOUNCED, ShipmentState.SHIPPED)
    kind, carrier = "", ""
    at: dict[str, datetime] = {}
    for event in events:
        kind = named(event, "kind") or kind
        if event.kind in (SHIPPED, CORRECTED):
            carrier = named(event, "carrier") or ""
        at[event.kind] = event.effective_at
    yield from differing(
        place,
        shipment.subject,
        state=(shipment.state, thing.now),
        kind=(shipment.kind, kind),
        announced=(shipment.announced_at, thing.begun),
        shipped=(shipment.shipped_at, at.get(SHIPPED)),
        carrier=(shipment.carrier, carrier),
        not_received=(shipment.missed_at, at.get(MISSED)),
        ended=(shipment.ended_at, None if is_under_way else thing.since),
    )
