"""Cells of the stock lists that say what they hold, and values only read that link no further than the reader may go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.contrib import admin
from django.contrib.admin.helpers import AdminReadonlyField
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html, strip_tags
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


@register.simple_tag(takes_context=True)
def only_read(context: template.Context, field: AdminReadonlyField) -> str:
    """A value as the admin shows it; a thing with a page of its own is a link where this person may open that page."""
    thing = _thing_named(field)
    if thing is None or _is_open(context["request"], thing):
        return field.contents()
    return conditional_escape(str(thing))


def _thing_named(field: AdminReadonlyField) -> Model | None:
    """The other thing that a column names, which the stock admin would link."""
    row, name = field.form.instance, field.field["field"]
    columns = {column.name for column in row._meta.concrete_fields if column.is_relation}
    return getattr(row, name) if isinstance(name, str) and name in columns else None


def _is_open(request: HttpRequest, thing: Model) -> bool:
    kind, site = type(thing), admin.site
    return site.is_registered(kind) and site.get_model_admin(kind).has_view_permission(request, thing)
