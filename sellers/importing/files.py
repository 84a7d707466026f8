"""A CSV file as numbered rows, and the file of refused rows beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _


class FileError(ValueError):
    """A file that cannot be read as a whole; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the file; `line` is the line it begins on, `fault` what keeps it from being read."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken in, and why."""

    row: Row
    reason: str


def rows_of(file: Path, needed: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    """The rows of a UTF-8 CSV file with a header line; blank lines are passed over.

    Errors: FileError for what concerns the whole file: unreadable, not UTF-8, columns missing,
    unknown or named twice, a quote left open.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = [name.strip().lower() for name in next(reader, [])]
            _check_header(header, needed, optional)
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(line, header, cells)
                line = reader.line_num + 1
    except UnicodeDecodeError as wrong:
        raise FileError(_("The file is not written in UTF-8.")) from wrong
    except csv.Error as wrong:
        raise FileError(
            _("Line %(line)d cannot be read: %(why)s.") % {"line": reader.line_num, "why": wrong}
        ) from wrong
    except OSError as wrong:
        raise FileError(_("The file cannot be read: %(why)s.") % {"why": wrong.strerror or wrong}) from wrong


def _check_header(header: list[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    faults = [
        (_("columns are missing"), [name for name in needed if name not in header]),
        (_("columns are not known"), [name or '""' for name in header if name not in (*needed, *optional)]),
        (_("columns stand twice"), sorted({name for name in header if header.count(name) > 1})),
    ]
    told = [f"{fault}: {', '.join(names)}" for fault, names in faults if names]
    if told:
        raise FileError(_("The header line does not fit: %(faults)s.") % {"faults": "; ".join(told)})


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    named = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
    fault = ""
    if len(cells) != len(header):
        fault = _("%(found)d cells where the header names %(needed)d.") % {"found": len(cells), "needed": len(header)}
    return Row(line, named, fault)


def line_count(file: Path) -> int:
    """How many lines a file has, for the progress bar."""
    with file.open("rb") as raw:
        return sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b"")) + 1


def refused_file(file: Path) -> Path:
    """Where the refused rows of a file are told: beside it."""
    return file.with_name(f"{file.name}.rejected.csv")


def write_refused(file: Path, refused: Sequence[Refused]) -> Path | None:
    """Write the refused rows with line and reason beside the file; without any, an older such file goes.

    Its name is returned. It appears as a whole or not at all. Errors: FileError if it cannot be written.
    """
    target = refused_file(file)
    try:
        if refused:
            _write(target, refused)
            return target
        target.unlink(missing_ok=True)
    except OSError as wrong:
        raise FileError(
            _("The rejected rows cannot be written to %(file)s: %(why)s.") % {"file": target, "why": wrong.strerror}
        ) from wrong
    return None


def _write(target: Path, refused: Sequence[Refused]) -> None:
    draft = target.with_name(f"{target.name}.part")
    columns = ["line", "reason", *refused[0].row.cells]
    with draft.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows([each.row.line, each.reason, *each.row.cells.values()] for each in refused)
    draft.replace(target)
