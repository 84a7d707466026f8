"""What stands beside cases and orders held against its events: drafts of editions, outages, decisions, commitments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import models, transaction

from cases.checks.commitments import of_judgement
from cases.checks.findings import Difference, differing, written
from cases.models import EditionDraft, Outage
from sellers.events import subject_of
from sellers.models import SellerCommitment
from zestech_aftersales.timeline.models import Decision, Event

BATCH = 200
# What each is called in its events, and the stream in which they stand.
KINDS: tuple[tuple[type[models.Model], Callable[[Any], str], Callable[[Any], str]], ...] = (
    (EditionDraft, lambda draft: draft.subject, lambda draft: draft.subject),
    (Outage, lambda outage: outage.cause, lambda outage: outage.cause),
    (Decision, lambda decision: f"decision/{decision.pk}", lambda decision: f"decision/{decision.pk}"),
    (SellerCommitment, subject_of, lambda commitment: f"seller/{commitment.seller_id}"),
)
# What else an event alone says of it: by the kind of the event, the instant that is kept.
INSTANTS = {
    "edition.drafted": "drafted_at",
    "decision.proposed": "proposed_at",
    "decision.approved": "decided_at",
    "decision.declined": "decided_at",
}


def differences_of_records() -> Iterator[Difference]:
    """Everything of them that is not as their events say."""
    for model, name, stream in KINDS:
        keys = model._default_manager.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH * 10)
        while some := list(islice(keys, BATCH)):
            for pk, found in _found(model, some, name, stream):
                if not found:
                    continue
                # Somebody may have been writing: look again while nobody can.
                with transaction.atomic():
                    list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=pk))
                    [(_pk, again)] = _found(model, [pk], name, stream)
                yield from again


def _found(
    model: type[models.Model], keys: list[int], name: Callable[[Any], str], stream: Callable[[Any], str]
) -> list[tuple[int, list[Difference]]]:
    found = model._default_manager.filter(pk__in=keys).order_by("pk")
    # What a draft came to stand as, and the terms of a commitment, are read with it, not one by one.
    if model is EditionDraft:
        found = found.select_related("edition")
    if model is SellerCommitment:
        found = found.prefetch_related("terms")
    rows = list(found)
    told: dict[str, list[Event]] = defaultdict(list)
    streams, subjects = {stream(row) for row in rows}, [name(row) for row in rows]
    for event in Event.objects.filter(stream__in=streams, subject__in=subjects).order_by("id"):
        told[event.subject].append(event)
    return [(row.pk, list(_of_record(row, name(row), told[name(row)]))) for row in rows]


def _of_record(row: Any, thing: str, events: list[Event]) -> Iterator[Difference]:
    place, now = str(row), ""
    numbers: dict[str, Any] = {}
    for event in events:
        if event.after is None or "state" not in event.after:
            continue
        before, detail = str((event.before or {}).get("state", "")), event.detail or {}
        if before != now:
            yield Difference(place, thing, f"event {event.pk}: state before", written(before), written(now))
        now = str(event.after["state"])
        if event.kind == "edition.drafted":
            numbers = dict(detail["numbers"])
        elif event.kind == "edition.changed":
            numbers |= {field: pair[1] for field, pair in detail["numbers"].items()}
        if event.kind in INSTANTS:
            field = INSTANTS[event.kind]
            yield from differing(place, thing, **{field: (getattr(row, field), event.effective_at)})
    yield from differing(place, thing, state=(str(row.state), now))
    if isinstance(row, SellerCommitment):
        yield from of_judgement(place, thing, row, events)
    if isinstance(row, EditionDraft):
        yield from differing(place, thing, numbers=(_listed(row.numbers), _listed(numbers)))
        if row.edition is not None:
            yield from differing(place, thing, numbers_in_force=(_listed(row.edition.numbers), _listed(numbers)))


def _listed(kept: dict[str, Any]) -> str:
    return ", ".join(f"{field} {value}" for field, value in sorted(kept.items()))
