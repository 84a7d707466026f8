"""The limits of the judgement at the staff desk, each with the way to its sum."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import JudgementDeadline
from zestech_aftersales.staff import ReadOnlyRows

COUNTED = gettext_lazy("how it is counted")


def sum_link(address: str) -> SafeString:
    """The way to the page of a sum."""
    return format_html('<a href="{}">{}</a>', address, _("The limit as a sum"))


def limit_link(limit: JudgementDeadline) -> SafeString:
    """The way to the sum of a limit of the judgement."""
    return sum_link(reverse("portal:judged_limit", args=[limit.pk]))


class LimitRows(ReadOnlyRows):
    """The limits of what `fk_name` names."""

    model = JudgementDeadline
    fields = readonly_fields = ("clock", "state", "clause", "started_at", "due_at", "ended_at", "counted")
    verbose_name_plural = gettext_lazy("limits")

    @admin.display(description=COUNTED)
    def counted(self, limit: JudgementDeadline) -> SafeString:
        return limit_link(limit)
