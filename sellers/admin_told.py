"""How the history pages of this app's things tell their events."""

from __future__ import annotations

from typing import Any

from sellers.notices import EVENT_WORDS
from zestech_aftersales.timeline.models import Event


class Told:
    """History pages name events as notices do."""

    def headline(self, event: Event) -> Any:
        words = EVENT_WORDS.get(event.kind)
        return event.kind if words is None else words.headline
