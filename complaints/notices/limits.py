"""The limit that a notice tells of; of one that an outage moved, what it has become by then (T7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.utils.translation import gettext as _

from cases.models import DeadlineState
from cases.words import limit_sentence
from complaints.deadlines import told_of
from complaints.models import JudgementDeadline
from complaints.tolling import TOLLED
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.periods import on_time
from zestech_aftersales.ui.instants import instant_words

if TYPE_CHECKING:
    from zestech_aftersales.timeline.models import Event


@dataclass(frozen=True, slots=True)
class ToldLimit:
    """The limit of an event. An outage is often approved days later: what it moved may be over again, or used."""

    event: Event
    told: dict[str, Any] | None
    moved: JudgementDeadline | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """The limit that an event tells of, if any, as it is now."""
        told = (event.detail or {}).get("limit")
        moved = JudgementDeadline.objects.get(pk=told["id"]) if told and event.kind == TOLLED else None
        return cls(event, told, moved)

    @property
    def is_open(self) -> bool:
        """Whether there was time left when it was moved, and it runs still; of what no outage moved that is so."""
        if self.moved is None:
            return True
        due_at = self.moved.due_at
        return self.moved.is_running and due_at is not None and on_time(self.event.recorded_at, due_at)

    @property
    def is_missed(self) -> bool:
        """Whether it is over once more, and what follows from that is written down."""
        return self.moved is not None and self.moved.state == DeadlineState.MISSED

    @property
    def words(self) -> str:
        """Until when there is time, in the reader's zone, or when it ended; nothing of a limit that was used."""
        if self.moved is None:
            return limit_sentence(self.told) if self.told else ""
        if self.is_open:
            return limit_sentence(told_of(self.moved))
        if self.moved.due_at is None or not (self.is_missed or self.moved.is_running):
            return ""
        ended = {"what": LIMITS[self.moved.clock].label, "due": instant_words(self.moved.due_at)}
        return _("%(what)s: counted anew, the time ended on %(due)s.") % ended
