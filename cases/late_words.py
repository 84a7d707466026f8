"""What a buyer said of a restriction after his time: kept in his words, and counting for nothing (4.1.3).

An outage that is tolled afterwards can make it count: then it was in time (T7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from cases.models import Restriction

ANSWER_LATE, APPEAL_LATE = "restriction.answer_late", "restriction.appeal_late"
# What the same words become when an outage made their time longer; its event names the one that kept them.
COUNTED = ("restriction.answered", "restriction.appealed")
TITLES: dict[str, str | Promise] = {ANSWER_LATE: _("Answer"), APPEAL_LATE: _("Appeal")}


@dataclass(frozen=True, slots=True)
class LateWords:
    """The buyer's late answer or appeal; `event` is the key of the one that kept it."""

    kind: str
    at: datetime
    text: str
    event: int

    @property
    def title(self) -> str | Promise:
        """What it would have been in time."""
        return TITLES[self.kind]


def late_words(restriction: Restriction) -> list[LateWords]:
    """What came late, oldest first, without what an outage made count; one query."""
    told = list(events_of(restriction.subject).filter(kind__in=[*TITLES, *COUNTED]))
    counted = {(event.detail or {}).get("kept") for event in told if event.kind in COUNTED}
    return [
        LateWords(event.kind, event.effective_at, str((event.detail or {})["words"]), event.pk)
        for event in told
        if event.kind in TITLES and event.pk not in counted
    ]
