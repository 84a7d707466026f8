"""Who is told of an event, and in what words: each app registers an announcer for its streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline.models import Event, Medium

BOTH = (Medium.IN_APP, Medium.MAIL)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to tell, by which media, and not before when.

    `at_once`: what cannot wait; its mail heeds neither quiet hours nor a digest.
    """

    user: User
    media: Iterable[Medium] = BOTH
    not_before: datetime | None = None
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said: one subject line, plain text in paragraphs, and the path of the page to open."""

    subject: str
    text: str
    url: str


class Announcer(Protocol):
    """Speaks for one kind of stream. Both methods only read."""

    def audience(self, event: Event) -> Iterable[Recipient]:
        """Who is to be told; asked once, soon after the event was committed."""

    def notice(self, event: Event, recipient: User) -> Notice | None:
        """The words, in the active language and zone (the recipient's), asked at each attempt to
        send; None if by now there is nothing left to say: the notice is superseded."""


_announcers: dict[str, Announcer] = {}


def register(stream_kind: str, announcer: Announcer) -> None:
    """Let `announcer` speak for the streams `stream_kind/...`; called in an app's ready()."""
    _announcers[stream_kind] = announcer


def announcer_of(stream: str) -> Announcer | None:
    """The announcer of a stream like case/17; None if nobody is ever told of such streams."""
    return _announcers.get(stream.partition("/")[0])
