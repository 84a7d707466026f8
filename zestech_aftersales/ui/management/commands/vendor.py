"""Fetch the pinned front-end packages anew and check them against the recorded sums."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from zestech_aftersales.ui.vendored import (
    Vendored,
    kept_bytes,
    present_sums,
    recorded_sums,
    sums_path,
    vendored_packages,
)


class Command(BaseCommand):
    help = "Fetch the pinned front-end packages with npm and check every kept file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--record",
            action="store_true",
            help="after a change of vendor.json: record the new sums instead of checking them",
        )

    def handle(self, *args: Any, record: bool, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        for vendored in vendored_packages(root):
            with tempfile.TemporaryDirectory() as place:
                self.unpack(vendored, self.fetched(vendored, Path(place)), root)
            self.stdout.write(f"{vendored.package} {vendored.version} -> {vendored.into}")
        sums = present_sums(root)
        if record:
            sums_path(root).write_text("".join(f"{d}  {path}\n" for path, d in sums.items()))
        elif sums != recorded_sums(root):
            raise CommandError("A vendored file differs from static/vendor/SHA256SUMS.")

    def fetched(self, vendored: Vendored, place: Path) -> Path:
        """The package's archive, fetched by the machine's own npm from whatever registry it uses."""
        spec = f"{vendored.package}@{vendored.version}"
        try:
            answer = subprocess.run(
                ["npm", "pack", spec, "--silent", "--pack-destination", str(place)],
                check=True,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError as missing:
            raise CommandError("npm is needed to vendor anew.") from missing
        except subprocess.CalledProcessError as failed:
            raise CommandError(f"npm pack {spec} failed: {failed.stderr}") from failed
        archive = place / answer.stdout.strip().splitlines()[-1]
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != vendored.sha256:
            raise CommandError(f"{spec}: archive is {digest}, pinned is {vendored.sha256}")
        return archive

    def unpack(self, vendored: Vendored, archive: Path, root: Path) -> None:
        into = root / vendored.into
        into.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            for source, name in vendored.files.items():
                member = tar.extractfile(f"package/{source}")
                if member is None:
                    raise CommandError(f"{vendored.package} holds no file {source}")
                (into / name).write_bytes(kept_bytes(name, member.read()))
