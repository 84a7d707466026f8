"""What a buyer complains of: a fact of the case, or what he tells himself (3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zestech_aftersales.rulebook.limits import LIMITS

if TYPE_CHECKING:
    from cases.models import ServiceAppointment

# The duties a buyer can complain of: the clauses of section 2 (3.3).
DUTIES = ("2.1.1", "2.2.1", "2.3.1", "2.3.2", "2.3.3", "2.3.4")


@dataclass(frozen=True, slots=True)
class Matter:
    """A breach, named by its fact (deadline/12, refusal/44, refusal/44/2, visit/9), or "" for what the buyer tells.

    `clock` is the missed limit of a fact that is one, `cured_at` when the service went on after it. `appointment` is
    the request it is about; None if there was none at that instant.
    """

    key: str
    clause: str
    at: datetime
    appointment: ServiceAppointment | None
    clock: str = ""
    cured_at: datetime | None = None

    @property
    def words(self) -> str:
        """What happened, in a few words."""
        return matter_words(self.key, self.clock)


def matter_words(key: str, clock: str = "") -> str:
    """A breach in a few words, by its name and the clock that was missed."""
    match key.partition("/")[0]:
        case "deadline" if clock:
            return _("Limit missed: %(limit)s") % {"limit": LIMITS[clock].label}
        case "deadline":
            return _("A limit was missed")
        case "refusal":
            return _("The seller refused the service")
        case "visit":
            return _("The seller did not come to the visit")
    return _("As the buyer tells it")
