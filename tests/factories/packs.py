"""Evidence packs for tests, and ways to tamper with them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from complaints.models import Complaint
from complaints.packs.making import made_pack
from complaints.packs.reach import Reader, about_case, about_complaint
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.seals import seal

Entries = dict[str, bytes]


def taken(thing: Any, by: Actor, *, at: datetime, is_told: bool = False, seals: bool = True) -> bytes:
    """The pack of a case or a complaint as somebody gets it; what happened is sealed before, as the relay does."""
    if seals:
        seal(list(Event.objects.order_by("pk")))
    reader = Reader(by, at, is_told=is_told)
    subject = about_complaint(thing, reader) if isinstance(thing, Complaint) else about_case(thing, reader)
    with made_pack(subject, reader).file as file:
        return file.read()


def entries_of(path: Path) -> Entries:
    """Each entry with its content."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def rewritten(path: Path, change: Callable[[Entries], None], *, new_manifest: bool = False) -> Path:
    """The pack with something changed; `new_manifest`: with the hashes made to fit, as a forger would."""
    entries = entries_of(path)
    change(entries)
    if new_manifest:
        manifest = json.loads(entries["manifest.json"])
        others = {name: content for name, content in entries.items() if name != "manifest.json"}
        manifest["entries"] = {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in others.items()
        }
        entries["manifest.json"] = json.dumps(manifest).encode()
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return other
