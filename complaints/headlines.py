"""What every event of a case and of what was judged in it is called, in one place for whoever shows them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import words
from cases.words import EVENT_WORDS
from complaints.audit_words import AUDIT_WORDS
from complaints.complaint_words import COMPLAINT_WORDS
from complaints.loss_words import LOSS_WORDS
from complaints.notices.clearances import CLEARANCE_WORDS
from complaints.queries.packs import MADE
from complaints.words import VIOLATION_WORDS

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event

HEADLINES: dict[str, str | Promise] = {
    kind: told.headline
    for told_of in (EVENT_WORDS, VIOLATION_WORDS, COMPLAINT_WORDS, LOSS_WORDS, AUDIT_WORDS, CLEARANCE_WORDS)
    for kind, told in told_of.items()
} | {
    "assignment.changed": _("Assigned to an auditor"),
    "note.written": _("Internal note written"),
    MADE: _("Evidence pack made"),
}


def headline_of(event: Event) -> str | Promise:
    """What one event is called; its kind where it has no words."""
    return words.headline_of(event, HEADLINES)
