"""What becomes of a request under excuses, at the door or not: a pure function of what was received, and of what is known of excuses.

Told again from the request on each time, with the excuses that hold at an instant; written without our code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.cases.appointment_oracle import BEFORE_SERVICE, DAY, HOUR, day_end, days_after

ENDED_BY_SELLER = ("refused", "deemed_refused")
# In which states the seller's offer is the answer that is waited for.
ANSWERABLE = ("requested", "countered")
FITS = {
    "offer": ANSWERABLE,
    "counter": ("proposed",),
    "accept": ("proposed",),
    "take_up": ("countered",),
    "confirm": ("agreed",),
}
# What sets the other side a limit of its own, and in which states: it begins when that side can know of it.
ASKS = {"offer": ANSWERABLE, "counter": ("proposed",)}


@dataclass(frozen=True)
class Excuse:
    """An interval in which some clocks stand, known from one instant on, and to another if it did not hold."""

    begins_at: datetime
    ends_at: datetime
    clocks: frozenset[str]
    known_from: datetime
    known_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.known_from <= at and (self.known_to is None or at < self.known_to)


@dataclass(frozen=True)
class Command:
    """What was received, when; `amount` is the limit that the buyer agreed to."""

    name: str
    at: datetime
    amount: int = 0
    clock: str = ""


@dataclass
class Clock:
    started_at: datetime
    amount: int
    in_days: bool
    # The time in which the buyer decides; its end is None while he does.
    own: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def due(self, excuses: list[tuple[datetime, datetime | None]]) -> datetime | None:
        """Each part counts that begins at or before the due instant as moved so far; days are rounded up once."""
        end = days_after(self.started_at, self.amount) if self.in_days else self.started_at + self.amount * HOUR
        total, covered = timedelta(), self.started_at
        for begin, ends in sorted([*excuses, *self.own], key=lambda each: each[0]):
            begin = max(begin, covered)
            if ends is not None and ends <= begin:
                continue
            if begin > (day_end(end + total) if self.in_days else end + total):
                break
            if ends is None:
                return None
            total, covered = total + (ends - begin), ends
        return day_end(end + total) if self.in_days and total else end + total


@dataclass
class Telling:
    """One telling of the story, with the excuses that hold in it."""

    received_at: datetime
    excuses: list[Excuse]
    is_door: bool = True
    state: str = "requested"
    clocks: dict[str, Clock] = field(default_factory=dict)
    ended_at: datetime | None = None
    standing: bool = False

    def __post_init__(self) -> None:
        at = self.received_at
        door = {"response": Clock(at, 48, False), "confirmation": Clock(at, 14, True)}
        self.clocks = door if self.is_door else {"solution": Clock(at, 48, False)}

    def due(self, name: str) -> datetime | None:
        clock = self.clocks[name]
        stops = [(each.begins_at, each.ends_at) for each in self.excuses if name in each.clocks]
        return clock.due([(begin, end) for begin, end in stops if end > clock.started_at])

    def running(self) -> dict[str, datetime | None]:
        return {name: self.due(name) for name in self.clocks}

    def pass_time(self, at: datetime) -> None:
        missed = [(due, name) for name, due in self.running().items() if due is not None and due < at]
        if missed:
            due, name = min(missed)
            self.state, self.ended_at, self.clocks = "deemed_refused", due, {}
            if name == "buyer_silence":
                self.state, self.standing = "lapsed", False

    def take(self, command: Command, learned_at: datetime) -> None:
        self.pass_time(command.at)
        getattr(self, command.name)(command, learned_at)

    def offer(self, command: Command, learned_at: datetime) -> None:
        if self.state in ANSWERABLE:
            self.state, self.standing = "proposed", True
            self.clocks = {name: clock for name, clock in self.clocks.items() if name == "confirmation"}
            if self.is_door:
                self.clocks["confirmation"].own.append((command.at, None))
            self.clocks["buyer_silence"] = Clock(learned_at, 7, True)
        elif self.state in ENDED_BY_SELLER:
            self.standing = True

    def counter(self, command: Command, learned_at: datetime) -> None:
        if self.state == "proposed":
            self.state, self.standing = "countered", False
            self._go_on(command.at)
            self.clocks["counter"] = Clock(learned_at, 48, False)

    def accept(self, command: Command, _learned_at: datetime) -> None:
        if self.state == "proposed":
            self._go_on(command.at)
        elif self.state in ENDED_BY_SELLER and self.standing:
            self.clocks, self.ended_at = {"confirmation": Clock(command.at, 14, True)}, None
        else:
            return
        self._agree()

    def take_up(self, _command: Command, _learned_at: datetime) -> None:
        """The seller says yes to the counter-offer."""
        if self.state == "countered":
            del self.clocks["counter"]
            self._agree()

    def _agree(self) -> None:
        """What is agreed on needs no confirmation but at the door."""
        self.state, self.standing = "agreed", False
        if not self.is_door:
            self.state, self.clocks = "confirmed", {}

    def _go_on(self, at: datetime) -> None:
        """The buyer has decided: only the 14 days go on, if there are any."""
        self.clocks = {name: clock for name, clock in self.clocks.items() if name == "confirmation"}
        for clock in self.clocks.values():
            clock.own[-1] = (clock.own[-1][0], at)

    def confirm(self, _command: Command, _learned_at: datetime) -> None:
        if self.state == "agreed":
            self.state, self.clocks = "confirmed", {}

    def refuse(self, command: Command, _learned_at: datetime) -> None:
        self._end("refused", command.at)

    def cancel(self, command: Command, _learned_at: datetime) -> None:
        self._end("cancelled", command.at)

    def waive(self, command: Command, _learned_at: datetime) -> None:
        self._end("excluded", command.at)

    def refund(self, command: Command, _learned_at: datetime) -> None:
        self._end("cancelled", command.at)

    def fits(self, name: str) -> bool:
        """Whether the state allows a command, so that it cannot be a step that nobody may take."""
        return self.state in FITS.get(name, BEFORE_SERVICE)

    def longer(self, command: Command, _learned_at: datetime) -> None:
        if command.clock in self.clocks:
            self.clocks[command.clock].amount = command.amount

    def _end(self, state: str, at: datetime) -> None:
        if self.state in BEFORE_SERVICE:
            self.state, self.ended_at, self.clocks, self.standing = state, at, {}, False


@dataclass
class Chronicle:
    """Everything that was received, and every excuse with the time for which it was known."""

    received_at: datetime
    is_door: bool = True
    commands: list[Command] = field(default_factory=list)
    excuses: list[Excuse] = field(default_factory=list)

    def told(self, known_at: datetime, *, before: int | None = None) -> Telling:
        """The story as it is told at an instant: of the first `before` commands as they were received."""
        telling = Telling(self.received_at, [each for each in self.excuses if each.holds(known_at)], self.is_door)
        for index, command in enumerate(self._received()[:before]):
            telling.take(command, self._learned_at(index, command, known_at))
        return telling

    def as_of(self, at: datetime, known_at: datetime) -> Telling:
        """The story up to what was received by an instant, as it is known at another."""
        telling = self.told(known_at, before=sum(each.at <= at for each in self.commands))
        telling.pass_time(at)
        return telling

    def _received(self) -> list[Command]:
        return sorted(self.commands, key=lambda each: each.at)

    def _learned_at(self, index: int, command: Command, known_at: datetime) -> datetime:
        """Since when, without a break, it has counted as in time: the other side's own time begins then."""
        if command.name not in ASKS:
            return command.at
        turns = {each for excuse in self.excuses for each in (excuse.known_from, excuse.known_to) if each is not None}
        learned = None
        for turn in sorted({command.at, *(each for each in turns if command.at < each <= known_at)}):
            telling = self.told(turn, before=index)
            telling.pass_time(command.at)
            learned = (learned or turn) if telling.state in ASKS[command.name] else None
        return learned or command.at


__all__ = ["DAY", "Chronicle", "Command", "Excuse"]
