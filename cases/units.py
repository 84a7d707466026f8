"""Units that are replaced, and the services used under a cover (2.3.3, 2.3.4): neither moves the cover's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from cases.models import Cover, ServiceAppointment, UnitReplacement, Visit
from zestech_aftersales.rulebook import RuleBroken

if TYPE_CHECKING:
    from cases.terms import UnitTerms
    from zestech_aftersales.accounts.actors import Actor


@dataclass(frozen=True, slots=True)
class Services:
    """How many services were completed under a cover, against the number that was promised, if one was.

    A used-up promise takes nothing away: the rules know no limit of number (2.3.3).
    """

    used: int
    promised: int | None

    @property
    def is_used_up(self) -> bool:
        """Whether as many as promised were given."""
        return self.promised is not None and self.used >= self.promised


def services(cover: Cover, used: int, terms: dict[str, Any] | None = None) -> Services:
    """The services under a cover; `terms` are those of a request, which may be better than the cover's."""
    numbers = [told.get("number_of_services") for told in (cover.terms, terms or {})]
    counted = [number for number in numbers if isinstance(number, int)]
    # A word instead of a number is "unlimited": the best there is.
    is_unlimited = any(number is not None and not isinstance(number, int) for number in numbers)
    return Services(used, None if is_unlimited or not counted else max(counted))


def hold_cover(pk: int) -> Cover:
    """Lock the row of a cover until the action ends; always before its case."""
    return Cover.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def put_in_place(
    cover: Cover, appointment: ServiceAppointment, unit: UnitTerms, *, visit: Visit | None, by: Actor, at: datetime
) -> dict[str, str]:
    """Keep that a unit was replaced; the cover's row is locked. What the event tells of it.

    The old unit is the one the cover knew, unless another is named. RuleBroken unit_incomplete (422).
    """
    new = unit.new_serial.strip()
    old = unit.old_serial.strip() or cover.unit_serial
    if not new or new == old:
        raise RuleBroken(
            "2.3.4",
            "unit_incomplete",
            status=422,
            detail=_("Give the serial number of the new unit; it differs from the replaced one."),
            context={"missing": ["new_serial"]},
        )
    UnitReplacement.objects.create(
        cover=cover,
        appointment=appointment,
        visit=visit,
        old_serial=old,
        new_serial=new,
        replaced_at=at,
        recorded_by=by.user,
    )
    cover.unit_serial = new
    cover.save(update_fields=["unit_serial"])
    return {"old": old, "new": new}
