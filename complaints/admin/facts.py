"""A breach by the fact it is named after, as a link where the admin shows that fact."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from cases.models import Deadline
from complaints.models import AuditItem, Complaint

SHOWN: dict[str, type[Model]] = {"deadline": Deadline, "audit-item": AuditItem, "complaint": Complaint}


def fact_link(name: str) -> SafeString | str:
    """The fact in words with the way to it; the bare name of one that has no page here."""
    kind, _sign, key = name.partition("/")
    model = SHOWN.get(kind)
    if model is None or not key.isdigit():
        return name or "-"
    options = model._meta
    page = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[key])
    return format_html('<a href="{}">{} {}</a>', page, capfirst(str(options.verbose_name)), key)
