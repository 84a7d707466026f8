"""The conversation of a case as one person sees it: messages, what was recorded from them, and lines across."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import queries
from cases.models import Attachment, ChatPromise, Deadline, Message, ServiceCase
from cases.permissions import side_of
from cases.promises import may_record
from cases.words import EVENT_WORDS, words_of
from zestech_aftersales.accounts.actors import ActorKind

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor
    from zestech_aftersales.timeline.models import Event

SIDES = {"buyer": gettext_lazy("buyer"), "seller": gettext_lazy("seller"), "platform": gettext_lazy("platform")}
# Clocks that a plain message of the seller might be thought to stop.
ANSWER_CLOCKS = ("response", "solution", "counter")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the thread, or a line across it (`rule`)."""

    at: datetime
    is_mine: bool = False
    author: str = ""
    side: str = ""
    text: str = ""
    badges: tuple[str, ...] = ()
    photos: tuple[Attachment, ...] = ()
    rule: str = ""
    key: int = 0
    # What was recorded from it as a promise, and whether this person can record one.
    promises: tuple[ChatPromise, ...] = ()
    is_recordable: bool = False


def thread_entries(case: ServiceCase, by: Actor, clocks: list[Deadline], events: list[Event]) -> list[Entry]:
    """Messages and the events between them, in the order in which they happened."""
    mine = side_of(case, by)
    entries = [
        _entry(message, mine=mine, clocks=clocks, is_recordable=may_record(message, case, by))
        for message in queries.thread_of(case)
    ]
    entries += [
        Entry(at=event.effective_at, rule=str(words_of(event).headline))
        for event in events
        if event.kind in EVENT_WORDS and not event.kind.startswith(("message.", "case."))
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _entry(message: Message, *, mine: str, clocks: Iterable[Deadline], is_recordable: bool) -> Entry:
    was_running = any(
        row.clock in ANSWER_CLOCKS
        and row.started_at <= message.received_at
        and (row.ended_at is None or message.received_at < row.ended_at)
        for row in clocks
    )
    stops_nothing = message.side == ActorKind.SELLER and was_running
    return Entry(
        at=message.received_at,
        is_mine=message.side == mine,
        author=message.author_name,
        side=str(SIDES[message.side]),
        text=message.body,
        badges=(_("does not stop the clock"),) if stops_nothing else (),
        photos=tuple(message.attachments.all()),
        key=message.pk,
        promises=tuple(message.promises.all()),
        is_recordable=is_recordable and not any(each.side == mine for each in message.promises.all()),
    )
