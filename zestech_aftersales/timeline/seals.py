"""The hash chain over each stream: the one definition of the hash, sealing, and the proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.timeline.models import Event, EventSeal, StreamHead

# All of an event; `id` too, because the order of a history is evidence. Spelled out, because a
# field that comes later must not change the hashes of before.
SEALED_FIELDS = (
    "id",
    "uid",
    "stream",
    "subject",
    "kind",
    "clause",
    "actor_kind",
    "actor_id",
    "acting_for_id",
    "client_id",
    "channel",
    "key",
    "effective_at",
    "recorded_at",
    "before",
    "after",
    "detail",
)


def canonical(event: Event) -> bytes:
    """The one text of an event: JSON with sorted keys, instants in UTC with microseconds."""
    content = {name: getattr(event, name) for name in SEALED_FIELDS}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def hash_of(event: Event, previous_hash: str) -> str:
    """The seal of an event that follows the link `previous_hash` (blank for the first)."""
    return hashlib.sha256(previous_hash.encode() + b"\n" + canonical(event)).hexdigest()


def seal(events: Sequence[Event]) -> int:
    """Append the events to the chains of their streams and return how many; those that already
    have a seal are left alone. Five statements whatever the number, in the caller's transaction.

    Give events as read from the database: what JSON it keeps is what counts.
    """
    sealed = set(EventSeal.objects.filter(event__in=events).values_list("event_id", flat=True))
    fresh = sorted((e for e in events if e.pk not in sealed), key=lambda e: (e.stream, e.pk))
    if not fresh:
        return 0
    heads = _locked_heads(sorted({event.stream for event in fresh}))
    links = []
    for event in fresh:
        head = heads[event.stream]
        link = EventSeal(
            event_id=event.pk,
            stream=event.stream,
            position=head.position + 1,
            previous_hash=head.hash,
            hash=hash_of(event, head.hash),
        )
        head.position, head.hash = link.position, link.hash
        links.append(link)
    EventSeal.objects.bulk_create(links)
    StreamHead.objects.bulk_create(
        heads.values(),
        update_conflicts=True,
        unique_fields=["stream"],
        update_fields=["position", "hash"],
    )
    return len(links)


def _locked_heads(streams: list[str]) -> dict[str, StreamHead]:
    # Sorted, so that two sealers that meet on several streams wait and never deadlock.
    StreamHead.objects.bulk_create([StreamHead(stream=s) for s in streams], ignore_conflicts=True)
    heads = StreamHead.objects.select_for_update().filter(stream__in=streams).order_by("stream")
    return {head.stream: head for head in heads}


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a history is not what was sealed; `code` is a key of BREAKS."""

    stream: str
    position: int | None
    event_id: int | None
    code: str

    @property
    def text(self) -> str:
        return str(BREAKS[self.code])


BREAKS: dict[str, str | Promise] = {
    "changed": _("The event is not what was sealed."),
    "order": _("The chain has a gap or its links are out of order."),
    "moved": _("The seal stands in another stream than its event."),
    "cut": _("The end of the chain is missing or was made up."),
    "unsealed": _("The event was not sealed in time."),
}


def verify(stream: str | None = None, *, sealed_by: datetime) -> Iterator[Break]:
    """Yield every break of one stream, or of all; reads only, in constant memory.

    Events recorded after `sealed_by` may still wait for their seal; an older one without is a
    break. Each question is one statement, so a relay at work meanwhile raises no false alarm.
    """
    links = EventSeal.objects.order_by("stream", "position")
    heads = StreamHead.objects.order_by("stream")
    events = Event.objects.order_by("id")
    if stream is not None:
        links, heads, events = links.filter(stream=stream), heads.filter(stream=stream), events.filter(stream=stream)
    chains = links.select_related("event").iterator(chunk_size=500)
    for _name, chain in groupby(chains, key=lambda link: link.stream):
        yield from _broken_links(chain)
    for head in heads.filter(~Exists(EventSeal.objects.filter(_same_link))).iterator(chunk_size=500):
        yield Break(head.stream, head.position, None, "cut")
    beyond = ~Exists(StreamHead.objects.filter(stream=OuterRef("stream"), position__gte=OuterRef("position")))
    for link in links.filter(beyond).iterator(chunk_size=500):
        yield Break(link.stream, link.position, link.event_id, "cut")
    for event in events.filter(seal__isnull=True, recorded_at__lte=sealed_by).iterator(chunk_size=500):
        yield Break(event.stream, None, event.pk, "unsealed")


_same_link = Q(stream=OuterRef("stream"), position=OuterRef("position"), hash=OuterRef("hash"))


def _broken_links(chain: Iterable[EventSeal]) -> Iterator[Break]:
    position, before = 0, ""
    for link in chain:
        if link.position != position + 1 or link.previous_hash != before:
            yield Break(link.stream, link.position, link.event_id, "order")
        if link.event.stream != link.stream:
            yield Break(link.stream, link.position, link.event_id, "moved")
        if hash_of(link.event, link.previous_hash) != link.hash:
            yield Break(link.stream, link.position, link.event_id, "changed")
        position, before = link.position, link.hash


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)
