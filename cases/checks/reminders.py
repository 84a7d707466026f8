"""What reminds, when next and who was told, held against the limits and the events of the reminders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.checks.findings import Difference, differing, written
from cases.models import Pause, Reminder, Visit, VisitReminder
from cases.reminders.kind import Kind
from cases.reminders.schedule import next_reminder_at
from cases.reminders.visits import STREAM
from zestech_aftersales.timeline.models import Event

REMINDED = "limit.reminded"


@dataclass(frozen=True, slots=True)
class _Counted:
    """A limit with the due instant that is counted, whatever is stored."""

    started_at: datetime
    due_at: datetime | None
    reminded_step: int
    reminds: bool


class Reminders:
    """The reminders of some limits of one kind, and the events that tell of them; two queries whatever their number."""

    def __init__(self, kind: Kind[Any], rows: Sequence[Any]) -> None:
        self.kind = kind
        self.sent: dict[int, list[Reminder]] = defaultdict(list)
        self.told: dict[str, list[Event]] = defaultdict(list)
        if not rows:
            return
        for reminder in kind.sent(**{f"{kind.link}__in": [row.pk for row in rows]}).order_by("id"):
            self.sent[getattr(reminder, f"{kind.link}_id")].append(reminder)
        streams = [f"{kind.stream}/{row.pk}" for row in rows]
        for event in Event.objects.filter(stream__in=streams, kind=REMINDED).order_by("id"):
            self.told[event.stream].append(event)

    def differences(
        self,
        place: str,
        thing: str,
        row: Any,
        pauses: Iterable[Pause] = (),
        *,
        due_at: datetime | None,
        may_skip: bool = False,
    ) -> Iterator[Difference]:
        """The next reminder follows from the limit as it is counted; who was reminded of which step from the events.

        `may_skip`: the limit has got another length, and the steps of it that were behind by then are told by nobody.
        """
        counted = _Counted(row.started_at, due_at, row.reminded_step, row.reminds)
        events = self.told[f"{self.kind.stream}/{row.pk}"]
        yield from differing(place, thing, next_reminder=(row.next_reminder_at, next_reminder_at(counted, pauses)))
        names, marked = self.kind.marks, self.kind.marked(row)
        stored = {
            (*(getattr(each, name) for name in names), each.step, each.person_id, each.event_id, each.sent_at)
            for each in self.sent[row.pk]
        }
        told = {
            (*(event.detail[name] for name in names), event.detail["step"], person, event.pk, event.recorded_at)
            for event in events
            if event.detail
            for person in event.detail.get("people", ())
        }
        yield from differing(place, thing, reminded=(_listed(stored), _listed(told)))
        of_this_one = (e.detail for e in events if e.detail and all(e.detail[n] == now for n, now in marked.items()))
        last = max((detail["step"] for detail in of_this_one), default=0)
        if row.reminded_step < last or (row.reminded_step > last and not may_skip):
            yield Difference(place, thing, "reminded step", str(row.reminded_step), str(last))


class VisitReminders:
    """Which engineers were reminded of the visits of some cases, and the events that say so; two queries."""

    def __init__(self, cases: Sequence[int]) -> None:
        self.sent: dict[int, list[VisitReminder]] = defaultdict(list)
        self.told: dict[str, list[Event]] = defaultdict(list)
        visits = Visit.objects.filter(appointment__case__in=cases).values_list("pk", flat=True)
        for reminder in VisitReminder.objects.filter(visit__appointment__case__in=cases).order_by("id"):
            self.sent[reminder.visit_id].append(reminder)
        for event in Event.objects.filter(stream__in=[f"{STREAM}/{pk}" for pk in visits]).order_by("id"):
            self.told[event.stream].append(event)

    def differences(self, place: str, visits: Iterable[Visit]) -> Iterator[Difference]:
        """Each record has its event, each event its record: of the same step, at the same instant."""
        for visit in visits:
            sent = sorted((each.event_id, each.step, each.sent_at) for each in self.sent[visit.pk])
            told = [
                (event.pk, (event.detail or {}).get("step", ""), event.recorded_at)
                for event in self.told[f"{STREAM}/{visit.pk}"]
            ]
            yield from differing(place, f"visit/{visit.pk}", reminded=(_steps(sent), _steps(told)))


def _steps(found: list[tuple[int, str, datetime]]) -> str:
    return "; ".join(f"{step} at {written(at)}, event {event}" for event, step, at in found)


def _listed(found: set[tuple[Any, ...]]) -> str:
    return "; ".join(
        f"{' '.join(map(str, marks))}: {step} % person {person} event {event} at {written(sent_at)}"
        for *marks, step, person, event, sent_at in sorted(found)
    )
