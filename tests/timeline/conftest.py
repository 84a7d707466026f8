"""An announcer for the streams test/..., and the loops run to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from django.utils import timezone, translation

from zestech_aftersales.accounts.models import User
from zestech_aftersales.timeline import announcers
from zestech_aftersales.timeline.announcers import Notice, Recipient
from zestech_aftersales.timeline.models import Event


@dataclass
class SpokenAnnouncer:
    """Tells `recipients` of every event, in words that show language and zone."""

    recipients: list[Recipient] = field(default_factory=list)
    poison: set[int] = field(default_factory=set)
    words: Callable[[Event, User], Notice | None] | None = None

    def audience(self, event: Event) -> Iterable[Recipient]:
        if event.pk in self.poison:
            raise LookupError("poison")
        return self.recipients

    def notice(self, event: Event, recipient: User) -> Notice | None:
        if self.words is not None:
            return self.words(event, recipient)
        place = f"{translation.get_language()} {timezone.get_current_timezone_name()}"
        return Notice(f"About {event.subject}", f"{event.kind} for {recipient.name}, {place}", "/portal/cases/1/")


@pytest.fixture
def announcer(monkeypatch) -> SpokenAnnouncer:
    spoken = SpokenAnnouncer()
    monkeypatch.setitem(announcers._announcers, "test", spoken)
    return spoken
