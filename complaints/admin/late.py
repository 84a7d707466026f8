"""What came after its time, on the page of the thing that is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from cases.threads import SIDES
from complaints.admin.facts import with_photos
from complaints.queries.late import Late, kept_late

if TYPE_CHECKING:
    from complaints.events import Judged


class ShowsLate:
    """An admin with the field `late`: what a side sent after its time, in its words."""

    @admin.display(description=gettext_lazy("came late"))
    def late(self, thing: Judged) -> SafeString | str:
        """Nobody has to go by it, but whoever judges reads it."""
        rows = [
            (each.headline, display_for_value(each.at, "–"), SIDES[each.side], _said(each)) for each in kept_late(thing)
        ]
        return format_html_join("", "<div><b>{}</b> {} ({}): {}</div>", rows) or "–"


def _said(late: Late) -> SafeString:
    sent = with_photos(late.message) if late.message else ""
    return format_html_join(" ", "{}", ((part,) for part in (late.stance, late.text, sent) if part))
