"""Staff merges two cases about the same fault of one order line; both histories are kept (domain section 3, cover)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cases.actions.steps import apply_passed_limits_of, is_repeat
from cases.models import ServiceCase
from zestech_aftersales.accounts.models import PlatformRole
from zestech_aftersales.action import action
from zestech_aftersales.rulebook import RuleBroken
from zestech_aftersales.timeline.record import record

if TYPE_CHECKING:
    from zestech_aftersales.accounts.actors import Actor

MERGERS = (PlatformRole.SUPPORT, PlatformRole.AUDITOR)


@action
def merge_cases(
    duplicate: ServiceCase, survivor: ServiceCase, *, reason: str, by: Actor, at: datetime
) -> ServiceCase | RuleBroken:
    """The duplicate stays as it is and points to the surviving case, which shows both; no clock moves.

    RuleBroken: reason_required (422), same_case, case_of_another_line (422), already_merged, has_merged,
    open_in_duplicate (409: an appointment is open in it: merge the other way round, or let it end first).
    """
    if by.platform_role not in MERGERS or by.acting_for is not None:
        raise PermissionDenied(_now("Cases are merged by the platform's support or an auditor."))
    held = ServiceCase.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[duplicate.pk, survivor.pk])
    rows = {row.pk: row for row in held.order_by("pk")}
    duplicate, survivor = rows[duplicate.pk], rows[survivor.pk]
    if is_repeat(duplicate.stream, "case.merged", by):
        return survivor
    _must_fit(duplicate, survivor, reason)
    if apply_passed_limits_of(duplicate, by=by, at=at) is not None:
        return RuleBroken(
            "2.3.4",
            "open_in_duplicate",
            detail=_("An appointment is open in this case. Merge the other way round, or let it end first."),
        )
    duplicate.merged_into, duplicate.merged_at = survivor, at
    duplicate.save(update_fields=["merged_into", "merged_at"])
    record(
        stream=duplicate.stream,
        subject=duplicate.stream,
        kind="case.merged",
        by=by,
        effective_at=at,
        recorded_at=at,
        detail={"into": survivor.pk, "reference": survivor.reference, "reason": reason.strip()},
    )
    return survivor


def case_merged(survivor: ServiceCase) -> RuleBroken:
    """The refusal of what belongs in the surviving case now."""
    return RuleBroken(
        "",
        "case_merged",
        detail=_("This case was merged. Go on in %(reference)s.") % {"reference": survivor.reference},
        context={"reference": survivor.reference},
    )


def _must_fit(duplicate: ServiceCase, survivor: ServiceCase, reason: str) -> None:
    if not reason.strip():
        raise RuleBroken("", "reason_required", status=422, detail=_("Say why they are one case."))
    if duplicate.pk == survivor.pk:
        raise RuleBroken("", "same_case", status=422, detail=_("Name another case."))
    if duplicate.cover_id != survivor.cover_id:
        raise RuleBroken("", "case_of_another_line", status=422, detail=_("The cases are about different order lines."))
    if duplicate.merged_into_id is not None or survivor.merged_into_id is not None:
        raise RuleBroken("", "already_merged", detail=_("One of them was merged before. Take the surviving case."))
    if duplicate.merged.exists():
        raise RuleBroken("", "has_merged", detail=_("Others were merged into this case. Merge the other way round."))
