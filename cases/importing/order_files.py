"""Taking over a file of orders: read twice, first to the end without storing anything, then order by order."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from django.db import DataError, transaction
from django.utils.translation import gettext as _

from cases.actions.orders import Ingested, ingest_order
from cases.importing import order_csv, order_jsonl, shopify
from cases.importing.lines import Lines
from cases.importing.rejected import RejectedFile
from cases.importing.seen import Numbers
from cases.importing.told import Read, Rejection, Told
from cases.terms import OrderRecord
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.rulebook import RuleBroken

REJECTED = "rejected"
# Told how many bytes of how many have been read, both passes together.
Progress = Callable[[int, int], None]


class Format(StrEnum):
    """The formats of order files."""

    CSV = "csv"
    JSONL = "jsonl"
    SHOPIFY = "shopify"


class Take(Protocol):
    """What is done with each order."""

    def __call__(self, told: OrderRecord, *, by: Actor, at: datetime) -> Ingested: ...


READERS: dict[Format, Callable[[Lines], Iterator[Read]]] = {
    Format.CSV: order_csv.read,
    Format.JSONL: order_jsonl.read,
    Format.SHOPIFY: shopify.read,
}


def format_of(path: Path) -> Format:
    """The format that the file's name suggests; Shopify's export is a CSV, too, and must be asked for."""
    return Format.JSONL if path.suffix.lower() in (".jsonl", ".ndjson") else Format.CSV


def import_orders(
    path: Path,
    kind: Format,
    *,
    by: Actor,
    now: Callable[[], datetime],
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Counter[str]:
    """Take over every order of the file; returns how many were created, changed, unchanged and rejected.

    Each order is one action at an instant of its own, so one that is rejected stops no other; what is
    rejected stands in FILE.rejected.csv. Doing it again changes nothing. `dry_run` stores nothing and
    counts what would happen. UnreadableFileError, before anything is stored, for a file that cannot be
    read to its end.
    """
    counts: Counter[str] = Counter()
    take: Take = _rehearsed if dry_run else ingest_order
    with Numbers() as numbers, RejectedFile(path) as rejected:
        for read in _reads(path, kind, progress, passed=0):
            numbers.add(read.number, read.line)
        for read in _reads(path, kind, progress, passed=1):
            told = _once(read, numbers)
            result = told if isinstance(told, Rejection) else _taken(told, take, by=by, at=now())
            if isinstance(result, Rejection):
                rejected.add(result)
            counts[REJECTED if isinstance(result, Rejection) else result.outcome] += 1
    return counts


def _reads(path: Path, kind: Format, progress: Progress | None, *, passed: int) -> Iterator[Read]:
    with Lines(path) as lines:
        size = path.stat().st_size
        for read in READERS[kind](lines):
            yield read
            if progress is not None:
                progress(passed * size + lines.bytes_read, 2 * size)


def _once(read: Read, numbers: Numbers) -> Read:
    """An order whose number begins twice is not taken over at all: its rows would be two halves."""
    at_lines = numbers.twice(read.number) if read.number else None
    if at_lines is None:
        return read
    reason = _("The order begins at line %(first)d and again at line %(again)d: put its rows together.")
    return Rejection(read.line, read.number, "not_together", reason % {"first": at_lines[0], "again": at_lines[1]})


def _taken(told: Told, take: Take, *, by: Actor, at: datetime) -> Ingested | Rejection:
    try:
        return take(told.order, by=by, at=at)
    except RuleBroken as broken:
        return Rejection(told.line, told.number, broken.code, broken.detail)
    except DataError as refused:
        return Rejection(told.line, told.number, "not_stored", str(refused).strip())


def _rehearsed(told: OrderRecord, *, by: Actor, at: datetime) -> Ingested:
    """What `ingest_order` would do: the same steps in a transaction that is always taken back."""
    with transaction.atomic(durable=True):
        try:
            outcome: Ingested = inspect.unwrap(ingest_order)(told, by=by, at=at)
        finally:
            transaction.set_rollback(True)
    return outcome
