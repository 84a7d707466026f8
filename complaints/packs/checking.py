"""Checking a pack: its chains against the one definition of the hash, and everything against the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cases.models import Attachment
from complaints.models import Voucher
from complaints.packs.archive import FILES
from complaints.packs.opening import Opened, Unreadable, is_as_written, opened
from complaints.queries.packs import pack_made
from zestech_aftersales.timeline.models import Event, EventSeal
from zestech_aftersales.timeline.seals import SEALED_FIELDS, canonical, hash_of

# A photo or a voucher by its number, as it is called in a pack.
NAMED = re.compile(rf"^{FILES}(?P<voucher>voucher-)?(?P<pk>\d{{8,18}})-[0-9a-f]{{12}}(\.|$)")
# How long a command may take between its instant and its commit (T10).
SETTLE = timedelta(seconds=30)


@dataclass(slots=True)
class Verdict:
    """What the check found: each difference, and what is worth knowing but no difference."""

    differences: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    about: str = ""


def verdict_on(path: Path) -> Verdict:
    """Check a pack against itself and against the database; reads only."""
    verdict = Verdict()
    try:
        pack = opened(path)
    except Unreadable as broken:
        verdict.differences.append(str(broken))
        return verdict
    verdict.about = f"{pack.manifest.get('reference')} ({pack.manifest.get('made_at')})"
    verdict.differences += pack.differences
    try:
        verdict.differences += _in_itself(pack)
        _in_database(pack, verdict)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as broken:
        verdict.differences.append(f"The events are not of the form that a pack has: {broken!r}")
    if not verdict.differences and not is_as_written(path):
        verdict.differences.append("The entries are whole, but the file around them is not as it was written.")
    return verdict


def _in_itself(pack: Opened) -> Iterator[str]:
    """The chains as the pack tells them."""
    heads = pack.manifest["streams"]
    names = [each["stream"] for each in pack.streams]
    if sorted(heads) != sorted(names):
        yield "The streams are not those of the manifest."
    for each in pack.streams:
        stream, position, before = each["stream"], 0, ""
        for link in each["events"]:
            seal, content = link["seal"], link["event"]
            if content is not None and sorted(content) != sorted(SEALED_FIELDS):
                yield f"{stream}: an event has other fields than those that are sealed"
                continue
            if content is not None and (content["stream"], content["id"]) != (stream, link["id"]):
                yield f"{stream}: event {content['id']} stands in the place of another one"
            if seal is None:
                continue
            place = f"{stream} #{seal['position']}"
            if seal["position"] != position + 1 or seal["previous_hash"] != before:
                yield f"{place}: the chain has a gap or its links are out of order"
            if content is not None and hash_of(_event(content), seal["previous_hash"]) != seal["hash"]:
                yield f"{place}: the event is not what was sealed"
            position, before = seal["position"], seal["hash"]
        head = {"position": position, "hash": before}
        if each["head"] != head or heads.get(stream) != head:
            yield f"{stream}: the end of the chain is not the one of the manifest"


def _in_database(pack: Opened, verdict: Verdict) -> None:
    """The events as they are kept, and the record of the pack itself."""
    made = pack_made(str(pack.manifest["about"]), pack.manifest_hash)
    if made is None:
        verdict.differences.append("No pack with this manifest was made here.")
    else:
        verdict.remarks.append(f"Made for the {(made.detail or {}).get('made_for')} side, event {made.uid}.")
    verdict.differences += _files_in_database(pack)
    made_at = datetime.fromisoformat(pack.manifest["made_at"])
    for each in pack.streams:
        _stream_in_database(each, made_at, verdict)


def _files_in_database(pack: Opened) -> Iterator[str]:
    """Each file against the hash that was kept when it was received: what was changed in the store is no evidence."""
    for name, entry in pack.manifest["entries"].items():
        named = NAMED.match(name)
        if named is None:
            continue
        kept = (Voucher if named["voucher"] else Attachment).objects.filter(pk=int(named["pk"])).first()
        if kept is None:
            yield f"{name}: no such file was received here"
        elif kept.sha256 != entry["sha256"]:
            yield f"{name}: is not what was received; its SHA-256 in the database is {kept.sha256}"


def _stream_in_database(told: dict[str, Any], made_at: datetime, verdict: Verdict) -> None:
    stream = told["stream"]
    events = {event.pk: event for event in Event.objects.filter(stream=stream).order_by("pk")}
    seals = {seal.position: seal for seal in EventSeal.objects.filter(stream=stream)}
    seen: set[int] = set()
    for link in told["events"]:
        content, seal = link["event"], link["seal"]
        kept = None if seal is None else seals.get(seal["position"])
        if seal is not None and (
            kept is None or (kept.previous_hash, kept.hash) != (seal["previous_hash"], seal["hash"])
        ):
            verdict.differences.append(f"{stream} #{seal['position']}: the seal is another one in the database")
        seen.add(link["id"])
        if kept is not None and kept.event_id != link["id"]:
            verdict.differences.append(f"{stream} #{kept.position}: the seal is of another event in the database")
        event = events.get(link["id"])
        if event is None:
            verdict.differences.append(f"{stream}: event {link['id']} is not in the database")
        elif content is not None:
            verdict.differences += _unequal(stream, content, event)
        elif kept is not None and hash_of(event, kept.previous_hash) != kept.hash:
            verdict.differences.append(f"{stream}: event {event.pk}, withheld here, is not what was sealed")
    later = [event for pk, event in events.items() if pk not in seen]
    missing = [event for event in later if event.recorded_at <= made_at - SETTLE]
    verdict.differences += [f"{stream}: event {event.pk} ({event.kind}) is missing in the pack" for event in missing]
    if new := len(later) - len(missing):
        verdict.remarks.append(f"{stream}: {new} events came later.")


def _unequal(stream: str, content: dict[str, Any], event: Event) -> Iterator[str]:
    kept = json.loads(canonical(event))
    for name in SEALED_FIELDS:
        if content.get(name) != kept[name]:
            yield f"{stream}: event {event.pk}: {name} is {kept[name]!r} in the database"


def _event(content: dict[str, Any]) -> Event:
    """An event with the very texts of the pack: its canonical text is what was sealed, or the hash is another one."""
    return Event(**content)
