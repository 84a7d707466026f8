"""Chapters of the tour about what is read of it all: a sum, a question, a recount, other numbers, one case of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cases.actions.case_life import reopen_case
from cases.actions.editions import draft_edition
from cases.actions.merges import merge_cases
from cases.actions.simulations import begin_simulation
from cases.case_file import case_file
from cases.explanation import explanation, limits_for, would_be
from cases.models import Deadline, ServiceAppointment, ServiceCase, Simulation
from cases.simulations import run_simulations
from cases.sums import Explanation
from cases.verification import Tally, verify
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.agreements import Agreements
from zestech_aftersales.demo.course import DAY, HOUR, Course
from zestech_aftersales.demo.people import at_the_desk
from zestech_aftersales.demo.telling import MICROSECOND, NOW, REQUESTED, SECOND, Chapter, Expected, Reading, Say, as_z
from zestech_aftersales.rulebook.queries import edition_in_force
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.timeline.relay import relay_batch

LINES = dict.fromkeys(("taken up", "once more", "duplicate"), ("ZS-104101", 2))

# Monday 25 January 2027, 09:15:30 in Shanghai; and the day of the first Monday's requests.
READ_AT = REQUESTED + 63 * DAY

EXPECTED = (
    Expected(
        "taken up", "signed off in December, and the fault is back: the buyer opens the same case again",
        "completed", "case.taken_up_again", "2027-01-25T02:15:30Z", "2.3.4",
    ),
    Expected(
        "once more", "the second appointment of that case; new limits from its own request",
        "confirmed", "appointment.requested", "2027-01-25T02:15:30Z", "2.3.1",
    ),
    Expected(
        "duplicate", "the same fault booked once again by mistake, withdrawn, and merged into the case",
        "cancelled", "appointment.cancelled", "2027-01-25T05:15:30Z", "2.3.1",
    ),
)  # fmt: skip

READINGS = (
    Reading(
        "the sum", "the limit of the case that was cut off, from its start to its end",
        "2027-01-11T11:15:30Z + 48 hours (rule 2.3.1, edition 1) + 4:00:00 (Outage of the platform) "
        "= 2027-01-13T15:15:30Z, as stored",
    ),
    Reading(
        "what if", "the limits that a door visit would have if it were requested now; nothing is created",
        "Respond to the request: 2027-01-27T01:15:30Z; Confirm the appointment: 2027-02-08T16:00:00Z; created: 0",
    ),
    Reading("the recount", "everything counted again from the events", "0 differences"),
    Reading(
        "by hand", "one due instant was moved by a microsecond in the database, past the rules",
        "due; stored: 2027-01-13T15:15:30.000001Z; counted: 2027-01-13T15:15:30.000000Z",
    ),
    Reading("put right", "and the same case counted again", "0 differences"),
    Reading(
        "24 hours", "a draft with 24 hours instead of 48, over the requests of the first Monday",
        "3 of 13 would have ended otherwise: in the queue, on time, typhoon",
    ),
    Reading(
        "two histories", "what the buyer reads in the case that survives",
        "17 lines of its own; of the duplicate: Service requested, Request cancelled, Case merged",
    ),
)  # fmt: skip


class Recounts(Agreements):
    """Plays them; they change nothing but what they say."""

    def read(self) -> Chapter:
        """Every limit is a sum that anybody can check, and the events are what counts."""
        yield READ_AT
        course = self.course("cut off")
        limit = limits_for(course.seller).get(appointment=course.appointment, clock="response")
        self.say("the sum", "The seller asks how his limit came about.", answer=_sum(explanation(limit)))
        before = _created()
        limits = would_be(course.cover, ServiceMethod.DOOR, at=self.clock.instant)
        told = [f"{each.label}: {as_z(each.due_at)}" for each in limits if each.due_at is not None]
        self.say(
            "what if", "A buyer asks what the limits would be.",
            answer="; ".join([*told, f"created: {_created() - before}"]),
        )  # fmt: skip
        while relay_batch(at=self.clock.instant + SECOND):
            pass
        self.say("the recount", "Clocks, states and hash chains, from the events alone.", answer=self._differences())
        row, due_at = Deadline.objects.filter(pk=limit.pk), limit.due_at or READ_AT
        row.update(due_at=due_at + MICROSECOND)
        self.say("by hand", "Somebody moves a stored instant.", answer=self._differences(course.appointment.case))
        row.update(due_at=due_at)
        self.say("put right", "It is moved back.", answer=self._differences(course.appointment.case))

    def other_numbers(self) -> Chapter:
        """Before new numbers are published, past cases show what they would do."""
        yield READ_AT + HOUR / 2
        administrator, at = at_the_desk("admin1@example.com"), self.clock.instant
        law, day = edition_in_force(at).law, REQUESTED.date()
        draft = draft_edition("Answer in a day", {**law.to_json(), "response_hours": 24}, by=administrator, at=at)
        begun = begin_simulation(
            draft.numbers, first_day=day, last_day=day, draft=draft, by=at_the_desk("auditor1@example.com"), at=at
        )
        run_simulations(now=lambda: at)
        run = Simulation.objects.get(pk=begun.pk)
        titles = run.changes.order_by("appointment__case__title").values_list("appointment__case__title", flat=True)
        self.say(
            "24 hours", "An administrator drafts an edition; an auditor runs it over the first Monday.",
            answer=f"{run.differing} of {run.done} would have ended otherwise: {', '.join(dict.fromkeys(titles))}",
        )  # fmt: skip

    def one_case(self) -> Chapter:
        """A fault that comes back is the same case, and one fault is one case."""
        yield READ_AT + HOUR
        course, case = self.course("taken up"), self.course("nobody came").appointment.case
        course.appointment = self.course("nobody came").appointment
        reopen_case(case, "The lines are gone again.", by=course.buyer, at=self.clock.instant)
        self.say("taken up", "The buyer opens the case again that was signed off in December.")
        self._asked_in("once more", ServiceCase.objects.get(pk=case.pk))
        yield READ_AT + 2 * HOUR
        course = self.course("once more")
        course.offer(NOW, course.window(7, 9))
        self.agreed("once more")
        yield READ_AT + 3 * HOUR
        self._asked_in("duplicate", None)
        yield READ_AT + 4 * HOUR
        self.course("duplicate").cancel(NOW, "Booked twice.")
        self.say("duplicate", "The buyer withdraws what was booked twice.")
        yield READ_AT + 5 * HOUR
        duplicate, survivor = self.course("duplicate").appointment.case, self.course("once more").appointment.case
        support = at_the_desk("support@example.com")
        merge_cases(duplicate, survivor, reason="The same lines.", by=support, at=self.clock.instant)
        self.say("duplicate", "Support merges the two cases; no limit moves.")
        lines = case_file(survivor, self.course("once more").buyer, at=self.clock.instant).history
        merged = [str(line.words) for line in reversed(lines) if line.who.endswith(duplicate.reference)]
        self.say(
            "two histories", "What stands in the case now:",
            answer=f"{len(lines) - len(merged)} lines of its own; of the duplicate: {', '.join(merged)}",
        )  # fmt: skip

    def _asked_in(self, name: str, case: ServiceCase | None) -> None:
        self.course(name).request(
            NOW, case=case, title=name, method=ServiceMethod.DOOR, service_type=ServiceType.FAULT_DETECTION
        )
        self.say(name, "The buyer asks for an engineer to the door.")

    def _differences(self, case: ServiceCase | None = None) -> str:
        found = [
            f"{each.what}; stored: {each.stored}; counted: {each.counted}".replace("+00:00", "Z")
            for each in verify(Tally(), at=self.clock.instant, case=case)
        ]
        return "; ".join(found) or "0 differences"


def _created() -> int:
    return ServiceAppointment.objects.count() + ServiceCase.objects.count() + Deadline.objects.count()


def _sum(told: Explanation) -> str:
    """As anybody can add it up: start, length with its clause and edition, pauses that count, end."""
    length = f"{told.amount_words} (rule {told.clause}, edition {told.edition})"
    pauses = [f"{each.counted} ({each.cause_words})" for each in told.pauses if each.counted]
    end = "it stands still" if told.due_at is None else as_z(told.due_at)
    stored = "as stored" if told.agrees else f"but {told.stored_due_at} is stored"
    return f"{' + '.join([as_z(told.started_at), length, *pauses])} = {end}, {stored}"


def chapters(clock: StandingClock, say: Say, cases: Mapping[str, Course]) -> Iterator[Chapter]:
    """The chapters, each to be played beside the others."""
    told = Recounts(clock, say, cases)
    return (chapter() for chapter in (told.read, told.other_numbers, told.one_case))
