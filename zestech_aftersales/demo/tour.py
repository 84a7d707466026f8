"""The tour in a terminal: every step with its instant, state and clause, and a table at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cases.deadlines import is_provisional
from cases.models import Clock, Deadline, DeadlineState, ServiceAppointment
from cases.queries import clocks_of
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.course import Course
from zestech_aftersales.demo.files import import_files
from zestech_aftersales.demo.people import bring_people
from zestech_aftersales.demo.script import EXPECTED, READINGS, Script
from zestech_aftersales.demo.shop import open_shop
from zestech_aftersales.demo.telling import REQUESTED, Expected, Reading, as_z
from zestech_aftersales.rulebook.editions import EditionNumbers
from zestech_aftersales.rulebook.limits import LIMITS
from zestech_aftersales.rulebook.refusals import RuleBroken
from zestech_aftersales.timeline.models import Event
from zestech_aftersales.timeline.queries import events_of

MARGIN = " " * 16
MIDNIGHT = datetime.min.time()
COLOURS = {"confirmed": "green", "agreed": "green", "deemed_refused": "red", "refused": "red"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one of the cases, beside what the rules say."""

    expected: Expected
    state: str
    effective_at: datetime
    clause: str

    @property
    def is_right(self) -> bool:
        """Whether state, instant and clause are what the rules say, to the microsecond."""
        wanted = self.expected
        return (self.state, self.effective_at, self.clause) == (
            wanted.state,
            datetime.fromisoformat(wanted.effective_at),
            wanted.clause,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the system has answered, beside what it must."""

    expected: Reading
    found: str

    @property
    def is_right(self) -> bool:
        """Whether it is the same word for word."""
        return self.found == self.expected.answer


class Teller:
    """Shows the steps as they happen."""

    def __init__(self, console: Console, standing: StandingClock, law: EditionNumbers, *, pace: float) -> None:
        self.console = console
        self.clock = standing
        self.law = law
        self.pace = pace
        self.script = Script(standing, self.step)
        self._shown: datetime | None = None
        self._answers: dict[str, str] = {}

    def step(
        self,
        name: str,
        words: str,
        *,
        refused: Callable[[], object] | None = None,
        of: object | None = None,
        answer: str = "",
    ) -> None:
        """Show one step of one case, or of what is judged: what happens, its state, the clause and what runs."""
        if self._shown != self.clock.instant:
            self._show_clock()
        self.console.print(Text("  ").append(f"{name:14}", style="bold").append(words))
        if refused is not None:
            self.console.print(Text(f"{MARGIN}→ {_refusal_of(refused)}", style="yellow"))
        if answer:
            self._answers[name] = answer
            for line in answer.split("; "):
                self.console.print(Text(f"{MARGIN}{line}", style="green"))
        elif of is None:
            self._show_state(self.script.cases[name])
        else:
            self._show_judged(of)
        if self.pace:
            time.sleep(self.pace)

    def _show_clock(self) -> None:
        instant = self._shown = self.clock.instant
        platform = instant.astimezone(self.law.zone_info)
        # Midnight is the end of the day before, which is what a limit in days ends with.
        day = (platform - datetime.resolution).date() - REQUESTED.astimezone(self.law.zone_info).date()
        end = ", 24:00" if platform.time() == MIDNIGHT else ""
        told = f"{as_z(instant)}   {platform:%a %d %b %H:%M:%S.%f} {platform:%z}   day {day.days}{end}"
        self.console.print()
        self.console.print(Text(told, style="bold cyan"))

    def _show_state(self, course: Course) -> None:
        appointment = ServiceAppointment.objects.get(pk=course.appointment.pk)
        state = Text(appointment.get_state_display(), style=COLOURS.get(appointment.state, "blue"))
        self.console.print(Text(MARGIN).append_text(state).append(_cited(appointment)))
        for clock in clocks_of(appointment):
            if clock.state == DeadlineState.RUNNING:
                self.console.print(Text(f"{MARGIN}{self._limit(clock)}", style="dim"))

    def _show_judged(self, thing: Any) -> None:
        now = type(thing).objects.get(pk=thing.pk)
        last = _events_about(now).exclude(clause="").last()
        cited = f"   rule {last.clause}" if last else ""
        self.console.print(Text(MARGIN).append(now.get_state_display(), style="blue").append(cited))
        for limit in now.deadlines.filter(state="running") if hasattr(now, "deadlines") else ():
            told = f"{LIMITS[limit.clock].label}: {as_z(limit.due_at)}, rule {limit.clause}" if limit.due_at else ""
            self.console.print(Text(f"{MARGIN}{told}", style="dim"))

    def _limit(self, clock: Deadline) -> str:
        due = f"stands still while the {'platform rules' if clock.clock == Clock.BUYER_SILENCE else 'buyer decides'}"
        if clock.due_at is not None:
            due = as_z(clock.due_at) + (" (the page's promise)" if clock.promised else "")
            if is_provisional(clock.due_at, at=self.clock.instant):
                due += " (passed, being established)"
        return f"{LIMITS[clock.clock].label}: {due}, rule {clock.clause}"

    def outcomes(self) -> list[Outcome]:
        """What came out, case by case."""
        found = []
        for wanted in EXPECTED:
            course = self.script.cases.get(wanted.case)
            thing: Any = self.script.judgement.things[wanted.case] if course is None else course.appointment
            now = type(thing).objects.get(pk=thing.pk)
            event = _events_about(now).get(kind=wanted.event)
            found.append(Outcome(wanted, now.state, event.effective_at, event.clause))
        return found

    def answers(self) -> list[Answer]:
        """What was answered, question by question."""
        return [Answer(wanted, self._answers[wanted.case]) for wanted in READINGS]

    def table_of_answers(self, answers: list[Answer]) -> Table:
        """The answers beside what they must be."""
        table = Table(title="What could be read of it", title_style="bold", show_lines=True)
        table.add_column("question", no_wrap=True)
        table.add_column("what was asked")
        table.add_column("answer", overflow="fold")
        table.add_column("")
        for each in answers:
            told = Text(each.found.replace("; ", "\n"))
            if not each.is_right:
                told.append(f"\nshould be {each.expected.answer}", style="red")
            mark = Text("✓", style="green") if each.is_right else Text("✗", style="red")
            table.add_row(Text(each.expected.case, style="bold"), each.expected.lesson, told, mark)
        return table

    def table(self, outcomes: list[Outcome]) -> Table:
        """The outcomes beside what the rules say."""
        table = Table(title="What came out", title_style="bold", show_lines=True)
        table.add_column("case", no_wrap=True)
        table.add_column("what happened")
        table.add_column("effective", no_wrap=True)
        table.add_column("rule", no_wrap=True)
        table.add_column("")
        for each in outcomes:
            state = Text(each.state.replace("_", " "), style=COLOURS.get(each.state, "blue"))
            platform = each.effective_at.astimezone(self.law.zone_info)
            when = Text(f"{as_z(each.effective_at)}\n{platform:%Y-%m-%d %H:%M:%S %z}")
            if not each.is_right:
                when.append(f"\nshould be {each.expected.state}\n{each.expected.effective_at}", style="red")
            table.add_row(
                Text(f"{each.expected.case}\n", style="bold").append_text(state),
                each.expected.lesson,
                when,
                each.clause,
                Text("✓", style="green") if each.is_right else Text("✗", style="red"),
            )
        return table


def prepare(console: Console) -> None:
    """Sellers, products and orders of the demo, by the real imports."""
    console.print(Text("ZESTECH After-sales: twenty requests, what became of them, and a year of a bar", style="bold"))
    open_shop(bring_people(), at=REQUESTED)
    import_files(at=REQUESTED, told=lambda line: console.print(Text(f"  {line}", style="dim")))


def tell(console: Console, standing: StandingClock, law: EditionNumbers, *, pace: float) -> list[Outcome | Answer]:
    """Play the story on an empty, migrated database and show it; returns what came out and what was answered.

    `standing` is the clock that is moved; `pace` is how many seconds each step stays on the screen.
    """
    standing.move_to(REQUESTED)
    prepare(console)
    teller = Teller(console, standing, law, pace=pace)
    teller.script.play()
    outcomes, answers = teller.outcomes(), teller.answers()
    console.print()
    console.print(teller.table(outcomes))
    console.print(teller.table_of_answers(answers))
    return [*outcomes, *answers]


def _events_about(thing: Any) -> QuerySet[Event]:
    """The events of one thing, whichever stream they stand in."""
    subject = getattr(thing, "subject", f"enrolment/{thing.pk}")
    return Event.objects.filter(subject=subject).order_by("id")


def _cited(appointment: ServiceAppointment) -> str:
    """The clause of the event that led to the present state, and its instant where it is not the recorded one."""
    events = events_of(f"case/{appointment.case_id}").filter(subject=appointment.subject)
    last = [event for event in events if event.after != event.before][-1]
    told = f"   rule {last.clause}"
    if last.recorded_at == last.effective_at:
        return told
    return f"{told}   effective {as_z(last.effective_at)}, recorded {as_z(last.recorded_at)}"


def _refusal_of(refused: Callable[[], object]) -> str:
    try:
        refused()
    except RuleBroken as broken:
        return f"{broken.status} {broken.code}, rule {broken.clause}: {broken.detail}"
    except PermissionDenied as denied:
        return f"403: {denied}"
    raise AssertionError("The rules refuse this step, and it was taken.")
