"""Cells of tables that people take away: no spreadsheet takes one for a formula."""

from __future__ import annotations

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
# The mark that lets spreadsheets read a file as UTF-8.
MARK = "\ufeff"


def harmless(cell: object) -> str:
    """The cell as text; what would begin a formula gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_BEGINS) else text
