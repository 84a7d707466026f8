"""What the tour tells: a Monday on which five buyers ask for service, the days after it, and what is judged of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cases.deadlines import settle
from cases.sweep import sweep
from cases.terms import DisclosureItems
from sellers.models import ServicePoint
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo import agreements, incidents, obstacles, recounts
from zestech_aftersales.demo.course import DAY, HOUR, ITEMS, Course, cover_of
from zestech_aftersales.demo.judgement import Judgement
from zestech_aftersales.demo.telling import MICROSECOND, NOW, REQUESTED, SECOND, Chapter, Expected, Say, side_by_side
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

# The 48 hours end on 25 November 01:15:30 Z. Day 14 after 23 November is 7 December; it ends at 16:00 Z. An offer
# that lay with the buyer for some hours moves that limit to the end of day 15.
OF_THE_FIRST_WEEK = (
    Expected(
        "on time", "answered at 47:59:59, confirmed in the last second of day 14",
        "confirmed", "appointment.confirmed", "2026-12-07T15:59:59Z", "2.3.1",
    ),
    Expected(
        "too late", "answered one microsecond after 48:00:00; the buyer takes the late offer, the breach stays",
        "confirmed", "appointment.deemed_refused", "2026-11-25T01:15:30Z", "2.3.1",
    ),
    Expected(
        "never", "not answered; found by the sweep, effective at the due instant",
        "deemed_refused", "appointment.deemed_refused", "2026-11-25T01:15:30Z", "2.3.1",
    ),
    Expected(
        "unconfirmed", "agreed, and not confirmed by the end of day 15",
        "deemed_refused", "appointment.deemed_refused", "2026-12-08T16:00:00Z", "2.3.1",
    ),
    Expected(
        "workshop", "service point; the charges were left out first, and the page promised 24 hours",
        "confirmed", "appointment.confirmed", "2026-11-23T02:45:30Z", "2.3.2",
    ),
    Expected(
        "again", "the same seller, not answered a second time",
        "deemed_refused", "appointment.deemed_refused", "2026-11-28T01:00:00Z", "2.3.1",
    ),
)  # fmt: skip

OF_THE_JUDGEMENT = (
    Expected(
        "complaint", "escalated one microsecond after the third day of negotiation; the seller is liable",
        "closed", "complaint.escalated", "2026-12-03T16:00:00.000001Z", "3.3",
    ),
    Expected(
        "clearance", "proposed by one auditor, approved by another; barred until 24:00 of the same date next year",
        "in_force", "clearance.in_force", "2026-12-10T07:00:00Z", "3.2",
    ),
    Expected(
        "application", "refused in the last instant of the bar, taken one microsecond later",
        "applied", "enrolment.applied", "2027-12-10T16:00:00.000001Z", "1.1",
    ),
)  # fmt: skip

EXPECTED = (
    *OF_THE_FIRST_WEEK,
    *agreements.EXPECTED,
    *obstacles.EXPECTED,
    *incidents.EXPECTED,
    *recounts.EXPECTED,
    *OF_THE_JUDGEMENT,
)
READINGS = (*incidents.READINGS, *recounts.READINGS)

# Which order line each of them is about.
LINES = {
    **agreements.LINES,
    **obstacles.LINES,
    **incidents.LINES,
    **recounts.LINES,
    "on time": ("ZS-104101", 2),
    "too late": ("ZS-104177", 1),
    "never": ("ZS-104190", 1),
    "unconfirmed": ("ZS-104202", 1),
    "workshop": ("#1041", 2),
    "again": ("ZS-104190", 1),
}


class Script:
    """Plays the steps one after the other; `say` shows each with the clock and the case it is about."""

    def __init__(self, standing: StandingClock, say: Say) -> None:
        self.clock = standing
        self.say = say
        self.cases = {name: Course(cover_of(*line), now=REQUESTED) for name, line in LINES.items()}
        self.judgement = Judgement(standing, say, self.cases["never"], self.cases["again"])

    def play(self) -> None:
        """The whole story, its chapters side by side as their limits run."""
        others = (
            *agreements.chapters(self.clock, self.say, self.cases),
            *obstacles.chapters(self.clock, self.say, self.cases),
            *incidents.chapters(self.clock, self.say, self.cases),
            *recounts.chapters(self.clock, self.say, self.cases),
        )
        side_by_side(self.clock, self.limits(), *others)

    def limits(self) -> Chapter:
        """Forty-eight hours, fourteen days, and what is judged of those who let them pass."""
        yield from self.monday()
        yield from self.the_workshop()
        yield from self.a_quick_agreement()
        yield from self.forty_eight_hours()
        yield from self.afterwards()
        yield from self.judgement.late_a_second_time()
        yield from self.judgement.complained_of()
        yield from self.judgement.determined()
        yield from self.judgement.confirmed()
        yield from self.fourteen_days()
        yield from self.judgement.cleared()
        yield from self.judgement.a_year_later()

    def monday(self) -> Chapter:
        """Four door visits and a service point are asked for."""
        yield REQUESTED
        for name in ("on time", "too late", "never", "unconfirmed"):
            self._course(name).request(
                NOW, title=name, method=ServiceMethod.DOOR, service_type=ServiceType.INSTALLATION
            )
            self.say(name, "The buyer asks for an engineer to the door.")
        point = ServicePoint.objects.get(name="Berlin workshop")
        slot = point.slots_between(REQUESTED + 2 * DAY, REQUESTED + 7 * DAY)[0]
        self._course("workshop").request(
            NOW, title="workshop", method=ServiceMethod.POINT, service_type=ServiceType.DEBUGGING,
            point=point, slot_starts_at=slot.starts_at,
        )  # fmt: skip
        self.say("workshop", "The buyer books a time at the workshop; its page promises a solution in 24 hours.")

    def the_workshop(self) -> Chapter:
        """The four items of 3.1 are a part of the solution."""
        plan = "Read the adapter and load the profile of the car."
        yield REQUESTED + HOUR
        course = self._course("workshop")
        terms: dict[str, Any] = {
            "plan": plan,
            "next_step": "Come at the booked time",
            "next_step_at": course.appointment.slot_starts_at,
        }
        left_out = DisclosureItems(ITEMS.service_period, ITEMS.number_of_services, ITEMS.service_scope)
        self.say(
            "workshop",
            "The seller plans the service, but does not say what it costs.",
            refused=lambda: course.offer(NOW, **terms, disclosure=left_out),
        )
        course.offer(NOW, **terms)
        self.say("workshop", "Now with all four items.")
        yield REQUESTED + HOUR + HOUR / 2
        self._course("workshop").accept(NOW)
        self.say("workshop", "The buyer accepts; at a service point that confirms it.")

    def a_quick_agreement(self) -> Chapter:
        """The buyer's three hours do not count."""
        yield REQUESTED + 2 * HOUR
        course = self._course("unconfirmed")
        course.offer(NOW, course.window(18, 9))
        self.say("unconfirmed", "The seller answers; while the buyer decides, the 14 days stand still.")
        yield REQUESTED + 5 * HOUR
        self._course("unconfirmed").accept(NOW)
        self.say(
            "unconfirmed", "The buyer took three hours: the limit ends with day 15 now. It must be confirmed by then."
        )

    def forty_eight_hours(self) -> Chapter:
        """A second before, a microsecond after, and not at all."""
        due_at = self.cases["on time"].appointment.deadlines.get(clock="response").due_at or REQUESTED
        yield due_at - SECOND
        course = self._course("on time")
        course.offer(NOW, course.window(14, 9))
        self.say("on time", "The seller answers after 47:59:59.")
        yield due_at + MICROSECOND
        course = self._course("too late")
        self.say(
            "too late",
            "The seller answers one microsecond after 48:00:00.",
            refused=lambda: course.offer(NOW, course.window(14, 9)),
        )
        yield due_at + SECOND
        self._sweep()
        self.say("never", f"Nobody answers. The sweep waits {settle().seconds} s for what may still be under way.")
        yield due_at + settle() + SECOND
        self._sweep()
        self.say("never", "Now the sweep finds it, and dates it at the due instant.")

    def afterwards(self) -> Chapter:
        """What both sides make of it."""
        yield REQUESTED + 2 * DAY + HOUR
        self._course("on time").accept(NOW)
        self.say("on time", "The buyer accepts.")
        yield REQUESTED + 3 * DAY - HOUR
        self._course("too late").accept(NOW)
        self.say(
            "too late",
            "The buyer takes the late offer all the same: 14 new days to confirm, the refusal stays on record.",
        )

    def fourteen_days(self) -> Chapter:
        """Natural days end at midnight in Shanghai."""
        yield datetime.fromisoformat("2026-12-07T23:59:59+08:00")
        self._course("on time").confirm(NOW)
        self.say("on time", "The last second of day 14: the seller confirms, with the four items.")
        self._course("too late").confirm(NOW)
        self.say("too late", "So does the seller whose late offer was taken: within his 14 new days.")
        due_at = self.cases["unconfirmed"].appointment.deadlines.get(clock="confirmation").due_at or REQUESTED
        yield due_at
        self._sweep()
        self.say("unconfirmed", "The end of day 15: the last instant is still inside.")
        yield due_at + settle() + SECOND
        self._sweep()
        self.say("unconfirmed", "Not confirmed: the sweep finds it.")

    def _course(self, name: str) -> Course:
        course = self.cases[name]
        course.now = self.clock.instant
        return course

    def _sweep(self) -> None:
        sweep(now=lambda: self.clock.instant)
