"""The form of a pack: a ZIP of stored entries with fixed dates in order, and a manifest with the hash of each."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any

FORMAT, VERSION = "zestech-evidence-pack", 1
MANIFEST, PAPER, WORDS, EVENTS, FILES = "manifest.json", "evidence.pdf", "evidence.json", "events.json", "files/"
CHUNK = 64 * 1024
# The oldest date that a ZIP can hold: the instant that counts stands in the manifest.
NO_DATE = (1980, 1, 1, 0, 0, 0)


def as_bytes(content: Any) -> bytes:
    """JSON as a pack holds it: readable, and the same for the same content."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    """What a file holds, a little at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


class Archive:
    """A pack being written: entries in the order of their names, the manifest last.

    Nothing is compressed: photos and PDF are already, and so no entry can be larger than it looks.
    """

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self.entries: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: Iterator[bytes]) -> None:
        """Write an entry and remember its size and hash."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._named(name), "w") as entry:
            for chunk in content:
                digest.update(chunk)
                size += len(chunk)
                entry.write(chunk)
        self.entries[name] = {"size": size, "sha256": digest.hexdigest()}

    def close(self, about: dict[str, Any]) -> str:
        """Write the manifest and end the archive; the SHA-256 of the manifest, which stands for the whole pack."""
        self.add(MANIFEST, iter([as_bytes({"format": FORMAT, "version": VERSION, **about, "entries": self.entries})]))
        self.end()
        return str(self.entries[MANIFEST]["sha256"])

    def end(self) -> None:
        """Write the list of the entries, behind which nothing comes."""
        self._zip.close()

    def _named(self, name: str) -> zipfile.ZipInfo:
        told = zipfile.ZipInfo(name, NO_DATE)
        # The same on every system: a plain file that its owner may read and write.
        told.create_system, told.external_attr = 3, 0o600 << 16
        return told
