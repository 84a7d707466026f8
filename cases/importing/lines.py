"""A text file as a stream of lines: UTF-8, of bounded length, counted."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

# Longer than this no order line is; without a bound a file without line ends would fill the memory.
LONGEST_LINE = 1024 * 1024
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; the text says where and what to do."""


class Lines:
    """Iterates over the lines of a file, decoded; `number` and `bytes_read` tell how far it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        self.bytes_read = 0
        try:
            self._file = path.open("rb")
        except OSError as missing:
            raise UnreadableFileError(f"{path}: {missing.strerror}.") from missing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        while raw := self._file.readline(LONGEST_LINE + 1):
            self.number += 1
            self.bytes_read += len(raw)
            if len(raw) > LONGEST_LINE:
                raise UnreadableFileError(_("Line %(line)d is longer than a megabyte.") % {"line": self.number})
            yield self._decoded(raw)

    def _decoded(self, raw: bytes) -> str:
        if self.number == 1:
            if raw.startswith(OTHER_MARKS):
                raise UnreadableFileError(_("The file is UTF-16 or UTF-32. Save it as UTF-8."))
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            return raw.decode()
        except UnicodeDecodeError as wrong:
            raise UnreadableFileError(
                _("Line %(line)d is not UTF-8 (byte %(byte)d). Save the file as UTF-8.")
                % {"line": self.number, "byte": wrong.start + 1}
            ) from wrong
