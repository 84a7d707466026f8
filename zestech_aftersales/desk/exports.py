"""A list as CSV: its columns as the page shows them, row by row, with instants in UTC."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Field, Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zestech_aftersales.ui.tables import MARK, harmless

ROWS_AT_ONCE = 1000


class _Line:
    """A file that gives back what is written to it, so that nothing piles up."""

    def write(self, text: str) -> str:
        return text


def columns_of(names: list[Any]) -> list[Any]:
    """The columns to take away: all but the boxes to tick."""
    return [name for name in names if name != "action_checkbox"]


def streamed(name: str, shown: ModelAdmin[Any], columns: list[Any], rows: QuerySet[Any]) -> StreamingHttpResponse:
    """The rows as a file to save; no more than ROWS_AT_ONCE of them are in memory at a time."""
    heads = [str(label_for_field(column, shown.model, shown)) for column in columns]
    answer = StreamingHttpResponse(_lines(shown, heads, columns, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(shown: ModelAdmin[Any], heads: list[str], columns: list[Any], rows: QuerySet[Any]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield MARK + writer.writerow([harmless(head) for head in heads])
    for thing in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield writer.writerow([harmless(_cell(shown, column, thing)) for column in columns])


def _cell(shown: ModelAdmin[Any], column: Any, thing: Model) -> str:
    try:
        field, _attribute, value = lookup_field(column, thing, shown)
    except ObjectDoesNotExist:
        return ""
    if isinstance(field, Field) and field.flatchoices:
        value = dict(field.flatchoices).get(value, value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    # A cell that the page shows as a link is its words.
    return unescape(strip_tags(value)) if isinstance(value, SafeString) else str(value)
