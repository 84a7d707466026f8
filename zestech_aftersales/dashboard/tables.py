"""Tables to take away: CSV whose cells no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

from zestech_aftersales.ui.tables import MARK, harmless


def csv_answer(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """The rows as a file to save; with the mark that lets spreadsheets read it as UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    answer = HttpResponse(MARK + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
