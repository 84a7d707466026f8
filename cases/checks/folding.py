"""What a case must be by its events alone: states and clocks, folded without a look at any other row.

Independent of `cases.deadlines`: it knows no action and no engine, only what events tell, and the arithmetic of
the rulebook.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.events import instant_text
from cases.models import Clock, DeadlineState
from cases.models.case import CaseState
from zestech_aftersales.rulebook.limits import limit_due
from zestech_aftersales.rulebook.periods import Pause

if TYPE_CHECKING:
    from zestech_aftersales.rulebook.editions import EditionNumbers
    from zestech_aftersales.timeline.models import Event

RUNNING = DeadlineState.RUNNING.value
ENDED = {"met", "missed", "voided"}
RUNS_AGAIN = {"restored", "reopened"}
# The platform's own limit is nobody's next one.
NOBODYS = {Clock.OFFER_RULING.value}
# Told of what has ended already, it has ended then: a cancellation received before another one.
MOVES_THE_END = {"appointment.cancelled"}
# What binds a request was judged after its receipt, or judged anew.
TERMS_TOLD = {"promise.reached", "promise.put_right"}
LawOf = Callable[[int], "EditionNumbers"]


@dataclass(slots=True)
class FoldedPause:
    """A time in which a clock stood, as events tell it."""

    cause: str
    begins_at: datetime
    ends_at: datetime | None

    @property
    def key(self) -> tuple[str, datetime, datetime | None]:
        """What a stored pause is compared by."""
        return self.cause, self.begins_at, self.ends_at


@dataclass(slots=True)
class FoldedClock:
    """A clock as events tell it; its due instant is counted, never read."""

    clock: str
    started_at: datetime
    amount: int
    law: EditionNumbers
    state: str = RUNNING
    ended_at: datetime | None = None
    # What rules and promises gave before the two sides agreed on a longer limit for this request.
    agreed_from: int | None = None
    agreed: int = 0
    # Whether it has had another length: reminders of that are told by their events, too.
    is_of_another_length: bool = False
    pauses: list[FoldedPause] = field(default_factory=list)

    @property
    def due_at(self) -> datetime | None:
        """Counted by the rulebook from start, amount and pauses; None while a pause is open."""
        pauses = [Pause(pause.begins_at, pause.ends_at) for pause in self.pauses]
        return limit_due(self.clock, self.started_at, self.law, amount=self.amount, pauses=pauses)

    def change(self, told: dict[str, Any], effective_at: datetime) -> None:
        """Take one change over."""
        what = told["change"]
        if what in ENDED:
            self.state, self.ended_at = what, _instant(told.get("ended_at")) or effective_at
        elif what in RUNS_AGAIN:
            self.state, self.ended_at = RUNNING, None
        elif what == "paused":
            begins_at = _instant(told.get("begins_at")) or effective_at
            self.pauses.append(FoldedPause(told.get("cause", ""), begins_at, _instant(told.get("ends_at"))))
        elif what == "resumed":
            self._resume(told.get("closed"), effective_at)
        elif what == "agreed":
            self.agreed_from = self.amount if self.agreed_from is None else self.agreed_from
            self.amount = self.agreed = told["amount"]
            self.is_of_another_length = True
        elif what == "promised":
            self._count_by(told["amount"])
        elif what == "pause_voided":
            since = _instant(told.get("since"))
            self.pauses = [
                pause
                for pause in self.pauses
                if pause.cause != told["cause"] or (since is not None and pause.begins_at <= since)
            ]

    def _count_by(self, amount: int) -> None:
        """What binds the request was judged: a longer limit that was agreed on stays, whatever it was instead of."""
        self.is_of_another_length = True
        if self.agreed_from is None:
            self.amount = amount
        else:
            self.agreed_from, self.amount = amount, max(amount, self.agreed)

    def _resume(self, closed: dict[str, str] | None, effective_at: datetime) -> None:
        for pause in self.pauses:
            if pause.ends_at is None and (closed is None or pause.cause in closed):
                pause.ends_at = max(pause.begins_at, effective_at) if closed is None else _instant(closed[pause.cause])


@dataclass(slots=True)
class FoldedState:
    """The state of one thing as its events tell it, and since when."""

    now: str = ""
    begun: datetime | None = None
    since: datetime | None = None
    passed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class FoldedCase:
    """Everything the events of one case say; `flaws` are contradictions inside the history itself."""

    law_of: LawOf
    case_state: str = CaseState.OPEN.value
    states: dict[str, FoldedState] = field(default_factory=lambda: defaultdict(FoldedState))
    clocks: dict[int, list[FoldedClock]] = field(default_factory=lambda: defaultdict(list))
    # Units put in place of others, and what each request was about.
    units: list[tuple[datetime, str, str]] = field(default_factory=list)
    unit_of: dict[str, str] = field(default_factory=dict)
    # What was last told to bind a request, where that was judged after its receipt.
    terms_of: dict[str, dict[str, Any]] = field(default_factory=dict)
    merged: tuple[int, datetime] | None = None
    flaws: list[tuple[str, str, str, str]] = field(default_factory=list)

    def next_due_at(self, appointment: int) -> datetime | None:
        """The earliest due instant that waits for buyer or seller."""
        running = [each for each in self.clocks[appointment] if each.state == RUNNING and each.clock not in NOBODYS]
        return min((each.due_at for each in running if each.due_at is not None), default=None)

    def take(self, event: Event) -> None:
        """Take one event over."""
        detail = event.detail or {}
        if event.before is not None and event.after is not None:
            self._move(event)
        if "case" in detail and isinstance(detail["case"], dict):
            self._move_case(event, detail["case"])
        if unit := detail.get("unit"):
            self.units.append((event.effective_at, unit["old"], unit["new"]))
        if event.kind == "appointment.requested":
            self.unit_of[event.subject] = detail.get("unit_serial", "")
        if event.kind in TERMS_TOLD:
            self.terms_of[event.subject] = detail["terms"]
        if event.kind == "case.merged":
            self.merged = (detail["into"], event.effective_at)
        if changes := detail.get("clocks"):
            self._change_clocks(event, _appointment(event, detail), changes)

    def _move(self, event: Event) -> None:
        thing = self.states[event.subject]
        before, after = str((event.before or {}).get("state", "")), str((event.after or {}).get("state", ""))
        if before != thing.now:
            self._flaw(event, "state before", before, thing.now)
        thing.begun = thing.begun or event.effective_at
        if after != thing.now or event.kind in MOVES_THE_END:
            thing.since = event.effective_at
        thing.now = after
        thing.passed.add(after)

    def _move_case(self, event: Event, told: dict[str, str]) -> None:
        if told["before"] != self.case_state:
            self._flaw(event, "state of the case before", told["before"], self.case_state)
        self.case_state = told["after"]

    def _change_clocks(self, event: Event, appointment: int, changes: Iterable[dict[str, Any]]) -> None:
        for told in changes:
            if told["change"] == "started":
                started_at = _instant(told.get("started_at")) or event.effective_at
                folded: FoldedClock | None = FoldedClock(
                    told["clock"], started_at, told["amount"], self.law_of(appointment)
                )
                self.clocks[appointment].append(folded)  # type: ignore[arg-type]  # just made
            else:
                folded = self._meant(appointment, told)
                if folded is not None:
                    folded.change(told, event.effective_at)
            if folded is None:
                self._flaw(event, f"{told['clock']} {told['change']}", "a clock", "none was started")
                continue
            counted = instant_text(folded.due_at) if folded.due_at else None
            if counted != told["due_at"]:
                self._flaw(event, f"{told['clock']} due", str(told["due_at"]), str(counted))

    def _meant(self, appointment: int, told: dict[str, Any]) -> FoldedClock | None:
        """The clock that a change is about: by its start; the running one where an event does not tell the start."""
        kind = [each for each in self.clocks[appointment] if each.clock == told["clock"]]
        if started_at := _instant(told.get("started_at")):
            kind = [each for each in kind if each.started_at == started_at]
        elif told["change"] in RUNS_AGAIN:
            kind = [each for each in kind if each.state != RUNNING]
        else:
            kind = [each for each in kind if each.state == RUNNING]
        return kind[-1] if kind else None

    def _flaw(self, event: Event, what: str, told: str, counted: str) -> None:
        self.flaws.append((event.subject, f"event {event.pk}: {what}", told, counted))


def folded(events: Iterable[Event], law_of: LawOf) -> FoldedCase:
    """Fold the events of one case, oldest first; `law_of` gives the numbers for an appointment by its key."""
    case = FoldedCase(law_of)
    for event in events:
        case.take(event)
    return case


def _appointment(event: Event, detail: dict[str, Any]) -> int:
    kind, _slash, pk = event.subject.partition("/")
    return int(pk) if kind == "appointment" else int(detail["appointment"])


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
