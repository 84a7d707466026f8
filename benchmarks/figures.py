"""One measured figure, and the table and file they end up in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A job's figure beside its rival's or its limit, with the goal of the ratio and whether it is met."""

    job: str
    ours: str
    rival: str
    ratio: str
    goal: str
    met: bool
    size: int


def at_least(job: str, ours: float, rival: float, goal: float, *, size: int, unit: str = "rows/s") -> Figure:
    """More is better: ours as a share of the rival's."""
    return Figure(
        job, f"{ours:,.0f} {unit}", f"{rival:,.0f} {unit}", f"{ours / rival:.2f}", f">= {goal}", ours >= goal * rival, size
    )  # fmt: skip


def at_most(job: str, ours: float, limit: float, *, size: int, unit: str = "ms") -> Figure:
    """Less is better: a figure and the limit it has to keep."""
    return Figure(job, f"{ours:,.2f} {unit}", "", f"{ours / limit:.2f}", f"<= {limit:g} {unit}", ours <= limit, size)


def show(figures: Sequence[Figure], file: Path) -> None:
    """Print the table and write it as JSON."""
    table = Table(title="make bench")
    for column in ("job", "size", "ours", "rival", "ratio", "goal", "met"):
        table.add_column(column, justify="left" if column in ("job", "met") else "right", no_wrap=column != "job")
    for each in figures:
        row = (each.job, f"{each.size:,}", each.ours, each.rival, each.ratio, each.goal, "yes" if each.met else "NO")
        table.add_row(*row)
    Console(width=140).print(table)
    file.write_text(json.dumps([asdict(each) for each in figures], indent=2) + "\n")
