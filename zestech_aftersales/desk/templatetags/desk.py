"""Cells of the stock lists that say what they hold, for screens too narrow for a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def labelled(cells: Iterable[str], heads: Sequence[Mapping[str, Any]]) -> list[SafeString]:
    """A row's cells as the admin renders them, each with its head's words in `data-label`."""
    return [_with_label(cell, head) for cell, head in zip(cells, heads, strict=False)]


def _with_label(cell: str, head: Mapping[str, Any]) -> SafeString:
    label = format_html(' data-label="{}"', capfirst(strip_tags(str(head["text"]))))
    # The cell is the admin's own, escaped by it; what is added is escaped above.
    return mark_safe(re.sub(r"^<t[dh]\b", lambda opening: opening.group() + label, str(cell)))  # noqa: S308
