"""Restrictions held against their events: states, the buyer's time to be heard and to appeal, reminders (4.1.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from cases.beside import HEARING, limits_of_restriction
from cases.checks.findings import Difference, differing, written
from cases.checks.reminders import Reminders
from cases.laws import Laws
from cases.models import Cover, CoverState, Restriction, RestrictionState
from cases.reminders.kinds import RESTRICTIONS
from cases.tolled_limits import TolledOutages
from zestech_aftersales.timeline.models import Event


def differences_of_restrictions(keys: Sequence[int], laws: Laws) -> Iterator[Difference]:
    """Everything of some restrictions that is not as their events say."""
    for pk, found in _found(keys, laws):
        if not found:
            continue
        # Somebody may have been writing: look again while nobody can.
        with transaction.atomic():
            list(Cover.objects.select_for_update(of=("self",), no_key=True).filter(restrictions=pk))
            [(_pk, found)] = _found([pk], laws)
        yield from found


def _found(keys: Sequence[int], laws: Laws) -> list[tuple[int, list[Difference]]]:
    rows = list(Restriction.objects.filter(pk__in=keys).select_related("cover__order", "cover__edition").order_by("pk"))
    told: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(stream__in=[row.subject for row in rows]).order_by("id"):
        told[event.stream].append(event)
    reminders, outages = Reminders(RESTRICTIONS, rows), TolledOutages.known()
    return [(row.pk, list(_of_restriction(row, told[row.subject], laws, reminders, outages))) for row in rows]


def _of_restriction(
    row: Restriction, events: Sequence[Event], laws: Laws, reminders: Reminders, outages: TolledOutages
) -> Iterator[Difference]:
    place, thing, now = row.cover.order.number, row.subject, ""
    at: dict[str, datetime] = {}
    for event in events:
        before, after = str((event.before or {}).get("state", "")), str((event.after or {}).get("state", ""))
        if before != now:
            yield Difference(place, thing, f"event {event.pk}: state before", written(before), written(now))
        now = after
        at[event.kind] = event.effective_at
    yield from differing(
        place,
        thing,
        state=(str(row.state), now),
        proposed=(row.proposed_at, at.get("restriction.proposed")),
        answered=(row.answered_at, at.get("restriction.answered")),
        begins=(row.begins_at, at.get("restriction.in_force")),
        appealed=(row.appealed_at, at.get("restriction.appealed")),
    )
    if now == RestrictionState.ENDED:
        yield from differing(place, thing, ends=(row.ends_at, at.get("restriction.ended")))
    if row.is_standing and row.cover.state == CoverState.ACTIVE:
        yield Difference(place, f"cover/{row.cover_id}", "state", str(row.cover.state), str(CoverState.RESTRICTED))
    due: dict[str, datetime] = {}
    for limit in limits_of_restriction(row, events):
        due[limit.kind] = limit.counted(laws.at(row.cover.edition, limit.ruled_at), outages)
        yield from differing(place, f"{thing} {limit.kind}", due=(limit.due_at, due[limit.kind]))
    reminded_by = due[HEARING] if row.is_heard else due.get("appeal", row.due_at)
    yield from reminders.differences(place, thing, row, due_at=reminded_by)
