"""The laws of many orders, each asked for once."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import TYPE_CHECKING

from zestech_aftersales.rulebook.queries import editions, law_for_order

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.rulebook.models import RuleEdition


class Laws:
    """What `law_for_order` gives, remembered by edition and by the time between two editions."""

    def __init__(self) -> None:
        self._begin = sorted(each.effective_at for each in editions())
        self._known: dict[tuple[int, int], EditionNumbers] = {}

    def at(self, edition: RuleEdition, instant: datetime) -> EditionNumbers:
        """The numbers for an order of an edition, for a duty that begins at an instant."""
        key = edition.number, bisect_right(self._begin, instant)
        if key not in self._known:
            self._known[key] = law_for_order(edition, instant)
        return self._known[key]

    def is_before_the_rules(self, instant: datetime) -> bool:
        """Whether no edition was in force yet (5.2)."""
        return instant < self._begin[0]
