"""What came after its time: kept in the words in which it was sent, and counting for nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Message
from complaints.complaint_words import EVIDENCE_LATE, OBJECTION_LATE
from complaints.headlines import headline_of
from complaints.models import Complaint
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

if TYPE_CHECKING:
    from complaints.events import Judged

LATE = (
    EVIDENCE_LATE, OBJECTION_LATE, "violation.hearing_late", "violation.appeal_late", "audit.hearing_late",
    "loss.answer_late",
)  # fmt: skip
# What the same words become when an outage made their time longer; its event names the one that kept them.
COUNTED = (
    "complaint.evidence_given", "complaint.objected", "violation.answered", "violation.appealed", "audit.answered",
    "loss.accepted", "loss.contested",
)  # fmt: skip

TITLES: dict[str, str | Promise] = {
    "evidence": _("Evidence"),
    "objection": _("Objection"),
    "hearing": _("Answer"),
    "appeal": _("Appeal"),
    "answer": _("Answer"),
}
STANCES: dict[bool | None, str | Promise] = {None: "", True: _("contests the claim."), False: _("accepts the claim.")}


@dataclass(frozen=True, slots=True)
class Late:
    """What a side sent after its time: its own text, or the word in the thread with its photos, or both."""

    # evidence, objection, hearing, appeal or answer (to a loss claim).
    kind: str
    headline: str | Promise
    at: datetime
    side: str
    text: str = ""
    message: Message | None = None
    # Of the answer to a loss claim: whether it contests it.
    contests: bool | None = None

    @property
    def title(self) -> str | Promise:
        """What it would have been in time."""
        return TITLES[self.kind]

    @property
    def stance(self) -> str | Promise:
        """Of the answer to a loss claim: yes or no to it, in words."""
        return STANCES[self.contests]

    @property
    def words(self) -> str:
        """What was said: the objection, or the answer."""
        return self.text or (self.message.body if self.message else "")


def kept_late(thing: Judged) -> list[Late]:
    """What came late for a complaint, a violation, an audit or a loss claim; at most three queries."""
    return late_among(events_of(thing.subject).filter(kind__in=[*LATE, *COUNTED]))


def late_among(events: Iterable[Event]) -> list[Late]:
    """What came late by the events of one thing, oldest first; not what an outage made count."""
    late = [(event, event.detail or {}) for event in _not_counted(events)]
    keys = [detail["message"] for _event, detail in late if "message" in detail]
    messages = Message.objects.prefetch_related("attachments").in_bulk(keys)
    return [
        Late(
            kind=event.kind.partition(".")[2].removesuffix("_late"),
            headline=headline_of(event),
            at=event.effective_at,
            # Violations, audits and losses are answered by the seller alone.
            side=detail.get("side", "seller"),
            text=detail.get("text", "") or detail.get("words", ""),
            message=messages.get(detail.get("message", 0)),
            contests=detail.get("contests"),
        )
        for event, detail in late
    ]


def late_messages(complaints: Collection[Complaint]) -> set[int]:
    """The keys of the words in the thread that came late for these complaints; one query, none without complaints."""
    subjects = [each.subject for each in complaints]
    told = Event.objects.filter(stream__in=subjects, kind__in=[*LATE, *COUNTED]) if subjects else ()
    return {(event.detail or {})["message"] for event in _not_counted(told)}


def _not_counted(events: Iterable[Event]) -> list[Event]:
    told = list(events)
    counted = {(event.detail or {}).get("kept") for event in told if event.kind in COUNTED}
    return [event for event in told if event.kind in LATE and event.pk not in counted]
