"""Opening a pack that anybody may have made: names, numbers and sizes are bounded before a byte is believed."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from complaints.packs.archive import CHUNK, EVENTS, FORMAT, MANIFEST, PAPER, VERSION, WORDS, Archive, chunks

MOST_ENTRIES = 10_000
# What is read whole: manifest and events. Files are read a little at a time.
MOST_JSON = 64 * 1024 * 1024
NEEDED = (EVENTS, PAPER, WORDS)


class Unreadable(Exception):
    """The file is no pack, or one that nobody should open; the message says why."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack as it came: its manifest with the hash of that, its events, and where it differs from the manifest."""

    manifest: dict[str, Any]
    manifest_hash: str
    streams: list[dict[str, Any]]
    differences: list[str]


def opened(path: Path) -> Opened:
    """Read a pack and hold its entries against its manifest. Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, _entries(archive, path.stat().st_size))
    # What a forged archive makes zipfile raise: an unknown compression is NotImplementedError, a password RuntimeError.
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as broken:
        raise Unreadable(f"The file cannot be read as a pack: {broken}") from broken


def is_as_written(path: Path) -> bool:
    """Whether the bytes around the entries are those that a pack has: nothing before, between, behind or about them."""
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryFile() as again, path.open("rb") as given:
        writer = Archive(again)
        for info in archive.infolist():
            with archive.open(info) as entry:
                writer.add(info.filename, chunks(entry))
        writer.end()
        again.seek(0)
        return all(one == other for one, other in zip_longest(chunks(again), chunks(given)))


def _entries(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The entries by name, once nothing speaks against reading them."""
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise Unreadable(f"More than {MOST_ENTRIES} entries.")
    for info in infos:
        if not _is_plain(info.orig_filename) or info.is_dir():
            raise Unreadable(f"An entry has a name that leads elsewhere: {info.orig_filename!r}")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise Unreadable(f"{info.filename} is compressed; a pack holds its entries as they are.")
    # Entries as they are cannot be larger than the file; more means that several lie on the same bytes.
    if sum(info.file_size for info in infos) > size:
        raise Unreadable("The entries are larger than the file that holds them.")
    named = {info.filename: info for info in infos}
    if len(named) != len(infos):
        raise Unreadable("Two entries have the same name.")
    return named


def _is_plain(name: str) -> bool:
    """Whether a name stays inside the folder it is unpacked to, on every system."""
    parts = name.split("/")
    is_clean = all(sign.isascii() and (sign.isalnum() or sign in "._-/") for sign in name)
    return is_clean and all(part and not part.startswith(".") for part in parts)


def _read(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> Opened:
    raw = _whole(archive, entries, MANIFEST)
    manifest = _parsed(raw, MANIFEST)
    if not isinstance(manifest, dict) or (manifest.get("format"), manifest.get("version")) != (FORMAT, VERSION):
        raise Unreadable("The manifest is not one of an evidence pack that this program knows.")
    listed = manifest.get("entries")
    if not isinstance(listed, dict) or not all(isinstance(each, dict) for each in listed.values()):
        raise Unreadable("The manifest lists no entries.")
    differences = [f"{name}: needed, but not listed in the manifest" for name in NEEDED if name not in listed]
    present = set(entries) - {MANIFEST}
    differences += [f"{name}: missing" for name in sorted(set(listed) - present)]
    differences += [f"{name}: not in the manifest" for name in sorted(present - set(listed))]
    for name in sorted(present & set(listed)):
        size, digest = _measured(archive, entries[name])
        if (size, digest) != (listed[name].get("size"), listed[name].get("sha256")):
            differences.append(f"{name}: changed since the manifest was written")
    streams = _parsed(_whole(archive, entries, EVENTS), EVENTS) if EVENTS in entries else []
    if not isinstance(streams, list) or not all(isinstance(each, dict) for each in streams):
        raise Unreadable(f"{EVENTS} does not list streams.")
    return Opened(manifest, hashlib.sha256(raw).hexdigest(), streams, differences)


def _whole(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    info = entries.get(name)
    if info is None:
        raise Unreadable(f"{name} is missing.")
    if info.file_size > MOST_JSON:
        raise Unreadable(f"{name} is larger than anything this program writes.")
    return archive.read(info)


def _parsed(raw: bytes, name: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as broken:
        raise Unreadable(f"{name} is no JSON.") from broken


def _measured(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[int, str]:
    """The size and the hash of an entry; the sum that ZIP itself keeps is no proof of anything."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(info) as entry:
            while chunk := entry.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except zipfile.BadZipFile:
        return size, ""
    return size, digest.hexdigest()
