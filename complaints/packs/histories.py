"""The events of a pack, exact: every sealed field, with the links of the chain; what a party may not read is withheld."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cases.words import EVENT_WORDS
from complaints.complaint_words import OF_THE_STAFF
from complaints.packs.reach import Reader, Subject
from complaints.queries.losses import NOT_FOR_SELLERS as OF_THE_CLAIMANT
from complaints.queries.violations import NOT_FOR_SELLERS
from zestech_aftersales.timeline.models import Event, EventSeal
from zestech_aftersales.timeline.private import readable_by
from zestech_aftersales.timeline.seals import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

Shown = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Link:
    """An event with its seal; `event` is None where it is withheld, `seal` where it was not sealed yet."""

    pk: int
    event: Event | None
    seal: EventSeal | None

    def as_json(self) -> dict[str, Any]:
        """The link as the pack has it; a withheld one keeps its place in the chain."""
        return {
            "id": self.pk,
            "event": None if self.event is None else json.loads(canonical(self.event)),
            "seal": None
            if self.seal is None
            else {"position": self.seal.position, "previous_hash": self.seal.previous_hash, "hash": self.seal.hash},
        }


@dataclass(frozen=True, slots=True)
class History:
    """One stream."""

    stream: str
    links: list[Link]

    @property
    def head(self) -> dict[str, Any]:
        """The last link of its chain."""
        sealed = [link.seal for link in self.links if link.seal is not None]
        return {"position": sealed[-1].position, "hash": sealed[-1].hash} if sealed else {"position": 0, "hash": ""}

    @property
    def events(self) -> list[Event]:
        """What may be read of it."""
        return [link.event for link in self.links if link.event is not None]


def histories(subject: Subject, reader: Reader) -> list[History]:
    """The streams of a pack in the order of their names."""
    shown = dict(_streams(subject, reader))
    # Seals first: an event that is sealed meanwhile is in the pack without its seal, never the other way round.
    seals = list(EventSeal.objects.filter(stream__in=shown).order_by("stream", "position"))
    events = {event.pk: event for event in Event.objects.filter(stream__in=shown).order_by("pk")}
    readable = set(events)
    if reader.is_staff:
        found = Event.objects.filter(readable_by(reader.by.platform_role), stream__in=shown)
        readable = set(found.values_list("pk", flat=True))
    sealed = {link.event_id for link in seals}
    links: dict[str, list[Link]] = {stream: [] for stream in shown}
    for seal in seals:
        event = events.get(seal.event_id)
        is_shown = event is not None and event.pk in readable and shown[seal.stream](event)
        links[seal.stream].append(Link(seal.event_id, event if is_shown else None, seal))
    for event in events.values():
        if event.pk not in sealed:
            is_shown = event.pk in readable and shown[event.stream](event)
            links[event.stream].append(Link(event.pk, event if is_shown else None, None))
    return [History(stream, links[stream]) for stream in sorted(links)]


def _streams(subject: Subject, reader: Reader) -> Iterable[tuple[str, Shown]]:
    """Each stream with what its reader is shown of it."""
    everything = _all if reader.is_staff else None
    for case in subject.cases:
        yield case.stream, everything or _of_case
    if reader.is_staff:
        yield subject.case.cover.order.stream, _all
    for complaint in subject.complaints:
        yield complaint.subject, everything or _of_complaint
    for violation in subject.violations:
        yield violation.subject, everything or _of_violation
    for claim in subject.losses:
        yield claim.subject, everything or _of_loss
    if reader.is_auditor:
        # Its events name whom it reached: the graph of affiliates is for auditors' eyes.
        for clearance in subject.clearances:
            yield clearance.subject, _all


def _all(_event: Event) -> bool:
    return True


def _of_case(event: Event) -> bool:
    return event.kind in EVENT_WORDS


def _of_complaint(event: Event) -> bool:
    return event.kind not in OF_THE_STAFF


def _of_loss(event: Event) -> bool:
    return event.kind not in OF_THE_CLAIMANT


def _of_violation(event: Event) -> bool:
    return event.kind not in NOT_FOR_SELLERS
