"""Cells of tables that people take away: no spreadsheet takes one for a formula."""

from __future__ import annotations

# The wide ones are the same signs to a spreadsheet that is set to Chinese or Japanese.
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What stands before a sign without taking its meaning; the last two are a fixed and a wide blank.
BLANKS = " \u00a0\u3000"
# The mark that lets spreadsheets read a file as UTF-8.
MARK = "\ufeff"


def harmless(cell: object) -> str:
    """The cell as text; what would begin a formula gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if text.lstrip(BLANKS).startswith(FORMULA_BEGINS) else text
