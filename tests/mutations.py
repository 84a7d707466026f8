"""Change one character of the law and see the suite turn red: `DATABASE_URL=postgres://… make mutations`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault put into one file, and the tests that must notice it."""

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "the last instant falls outside", "zestech_aftersales/rulebook/periods.py",
        "return received_at <= due_at", "return received_at < due_at", ("tests/scenarios/test_replies.py",),
    ),
    Mutation(
        "the sweep takes what its lock should keep from it", "cases/sweep_sql.py",
        "FOR NO KEY UPDATE OF a SKIP LOCKED", "", ("tests/cases/test_sweep.py", "tests/cases/test_races.py"),
    ),
    Mutation(
        "a command does not lock its appointment", "cases/actions/steps.py",
        '.select_for_update(of=("self",), no_key=True)\n        .get(pk=appointment.pk)', ".get(pk=appointment.pk)",
        ("tests/cases/test_races.py::test_of_two_answers_at_once_one_is_the_offer",),
    ),
    Mutation(
        "no settle margin", "cases/deadlines.py",
        "return timedelta(seconds=settings.SETTLE_SECONDS)", "return timedelta(0)", ("tests/scenarios/test_replies.py",),
    ),
    Mutation(
        "another zone", "zestech_aftersales/rulebook/first_edition.py",
        "Asia/Shanghai", "Europe/Berlin", ("tests/scenarios/test_covers_and_points.py",),
    ),
    Mutation(
        "overlapping pauses are added up", "zestech_aftersales/rulebook/periods.py",
        "or begin <= joined[-1].end", "or begin < joined[-1].begin", ("tests/rulebook/test_periods.py",),
    ),
)  # fmt: skip


def is_caught(mutation: Mutation, copy: Path) -> bool:
    """Whether the tests turn red with the fault; the file is put right again afterwards."""
    path = copy / mutation.file
    text = path.read_text()
    if mutation.right not in text:
        raise SystemExit(f"{mutation.file} no longer says {mutation.right!r}: mend the mutation")
    path.write_text(text.replace(mutation.right, mutation.wrong))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *mutation.tests]
    try:
        return subprocess.run(command, cwd=copy, capture_output=True, check=False).returncode == 1
    finally:
        path.write_text(text)


def main() -> int:
    """Try every mutation on a copy of the tree; 1 when one goes unnoticed."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        # SQLite has no row locks: nobody would notice that one is gone.
        raise SystemExit(
            "Two of the faults are dropped row locks, which need PostgreSQL: set DATABASE_URL=postgres://…"
        )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".tools", "var", "__pycache__"))
        unnoticed = 0
        for mutation in MUTATIONS:
            caught = is_caught(mutation, copy)
            unnoticed += not caught
            print("caught   " if caught else "UNNOTICED", mutation.name, f"({mutation.file})", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main())
