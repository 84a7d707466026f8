"""What else falls with a violation, in the same transaction: clearance and losses register here (3.2, 3.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from complaints.models import Violation
    from zestech_aftersales.accounts.actors import Actor


class Consequence(Protocol):
    """Called under the locks of the seller and the violation, which counts no longer."""

    def __call__(self, violation: Violation, *, by: Actor, at: datetime) -> object:
        """Write what follows; `by` has no key to give away."""


CONSEQUENCES: list[Consequence] = []


def after_fall(violation: Violation, *, by: Actor, at: datetime) -> None:
    """Let everything follow that rests on a violation which was overturned or fell."""
    for consequence in CONSEQUENCES:
        consequence(violation, by=by.with_key(""), at=at)
