"""The words of a reminder, as the limit stands when they are said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cases.events import instant_text
from cases.reminders.kind import Kind
from cases.reminders.schedule import last_step
from cases.words import limit_sentence
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event

if TYPE_CHECKING:
    from zestech_aftersales.accounts.models import User


class ReminderAnnouncer:
    """Speaks for the stream of one kind of limit."""

    def __init__(self, kind: Kind[Any]) -> None:
        self.kind = kind

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Whom the loop wrote down; the last reminder waits for nobody's quiet hours."""
        sent = self.kind.sent(event=event).select_related("person").order_by("person_id")
        for reminder in sent:
            yield Recipient(reminder.person, at_once=reminder.step >= last_step())

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words for one person; None once the duty is done, the limit stands or is another one, or a later
        reminder was sent."""
        kind = self.kind
        row = kind.rows().filter(pk=int(event.subject.partition("/")[2])).first()
        told = kind.sent(event=event, person=recipient).first()
        if row is None or told is None or not row.reminds or row.due_at is None:
            return None
        if any(getattr(told, name) != now for name, now in kind.marked(row).items()):
            return None
        if kind.sent(**{kind.link: row.pk}, person=recipient, pk__gt=told.pk).exists():
            return None
        said = kind.said(row, recipient)
        if said is None:
            return None
        clock = kind.clock(row)
        limit = limit_sentence({"clock": clock, "due_at": instant_text(row.due_at)})
        return Notice(
            subject=_("%(reference)s: reminder, %(what)s (%(step)d %% of the time is over)")
            % {"reference": said.reference, "what": LIMITS[clock].label, "step": told.step},
            text="\n\n".join(part for part in (limit, said.at_its_end) if part),
            url=said.url,
        )
