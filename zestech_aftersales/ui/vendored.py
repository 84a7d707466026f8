"""The list of vendored files: what is pinned, what is kept, what it must hash to."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

SOURCE_MAP = re.compile(rb"\n?/\*# sourceMappingURL=[^*]*\*/\s*$")


@dataclass(frozen=True, slots=True)
class Vendored:
    """One package of the npm registry, pinned by version and by its archive's SHA-256."""

    package: str
    version: str
    sha256: str
    into: str
    files: dict[str, str]


def vendored_packages(root: Path) -> list[Vendored]:
    """The pinned packages, as `static/vendor/vendor.json` lists them."""
    return [Vendored(**row) for row in json.loads((root / "static/vendor/vendor.json").read_text())]


def kept_bytes(name: str, content: bytes) -> bytes:
    """A file as it is kept: a style sheet loses its pointer to a source map we do not serve."""
    return SOURCE_MAP.sub(b"\n", content) if name.endswith(".css") else content


def sums_path(root: Path) -> Path:
    return root / "static/vendor/SHA256SUMS"


def recorded_sums(root: Path) -> dict[str, str]:
    """Path below the project's root -> SHA-256, as recorded when the files were vendored."""
    lines = sums_path(root).read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def present_sums(root: Path) -> dict[str, str]:
    """Path below the project's root -> SHA-256 of the vendored file that lies there now."""
    kept = [f"{vendored.into}/{name}" for vendored in vendored_packages(root) for name in vendored.files.values()]
    return {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in sorted(kept)}
