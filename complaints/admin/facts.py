"""A breach by the fact it is named after, as a link where the admin shows that fact."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from cases.models import Deadline, Message, ServiceAppointment
from complaints.models import AuditItem, Complaint

SHOWN: dict[str, type[Model]] = {
    "deadline": Deadline, "refusal": ServiceAppointment, "audit-item": AuditItem, "complaint": Complaint,
}  # fmt: skip


def links_to(things: Iterable[Model]) -> SafeString | str:
    """Things as links to their pages, each with its state; a dash for none."""
    rows = [
        (
            reverse(f"admin:{each._meta.app_label}_{each._meta.model_name}_change", args=[each.pk]),
            each,
            getattr(each, "get_state_display", lambda: "")(),
        )
        for each in things
    ]
    return format_html_join("", '<div><a href="{}">{}</a> {}</div>', rows) or "–"


def with_photos(message: Message) -> SafeString:
    """A word of the thread with links to its photos."""
    links = [(photo.get_absolute_url(), photo.name) for photo in message.attachments.all()]
    return format_html("{} {}", message.body, format_html_join(" ", '<a href="{}">{}</a>', links))


def fact_link(name: str) -> SafeString | str:
    """The fact in words with the way to it; the bare name of one that has no page here."""
    kind, _sign, of_it = name.partition("/")
    # The second refusal of one request is named refusal/44/2.
    key = of_it.partition("/")[0]
    model = SHOWN.get(kind)
    if model is None or not key.isdigit():
        return name or "-"
    options = model._meta
    page = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[key])
    return format_html('<a href="{}">{} {}</a>', page, capfirst(str(options.verbose_name)), of_it)
