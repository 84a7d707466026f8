"""Internal notes: written by the staff for the staff, never changed and never shown to a party."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from complaints.models import InternalNote
from complaints.permissions import STAFF, must_be, must_say
from zestech_aftersales.action import action
from zestech_aftersales.timeline.record import earlier, record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor


@action
def add_note(subject: str, text: str, *, by: Actor, at: datetime) -> InternalNote:
    """Write a note about a thing (case/17, complaint/3). RuleBroken: reason_required (422).

    The event stands in the note's own stream, which no party reads, and does not repeat the text.
    """
    author = must_be(STAFF, by)
    words = must_say(text, "")
    event = earlier(by)
    if event is not None:
        return InternalNote.objects.get(pk=int(event.stream.partition("/")[2]))
    note = InternalNote.objects.create(subject=subject, text=words, author=author, written_at=at)
    record(
        stream=f"note/{note.pk}", subject=subject, kind="note.written", by=by, effective_at=at, recorded_at=at
    )  # fmt: skip
    return note
