"""What the tour tells: a Monday on which five buyers ask for service, the days after it, and what is judged of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.deadlines import settle
from cases.sweep import sweep
from cases.terms import DisclosureItems
from sellers.models import ServicePoint
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.course import DAY, HOUR, ITEMS, Course, cover_of
from zestech_aftersales.demo.judgement import Judgement
from zestech_aftersales.demo.telling import MICROSECOND, NOW, SECOND, Say
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

# Monday 23 November 2026, 09:15:30 in Shanghai: the instant at which all requests are received.
REQUESTED = datetime.fromisoformat("2026-11-23T09:15:30+08:00")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rules say must come out, worked out by hand from clause and instant."""

    case: str
    lesson: str
    state: str
    event: str
    effective_at: str
    clause: str


# The 48 hours end on 25 November 01:15:30 Z. Day 14 after 23 November is 7 December; it ends at 16:00 Z. An offer
# that lay with the buyer for some hours moves that limit to the end of day 15.
EXPECTED = (
    Expected(
        "on time", "answered at 47:59:59, confirmed in the last second of day 14",
        "confirmed", "appointment.confirmed", "2026-12-07T15:59:59Z", "2.3.1",
    ),
    Expected(
        "too late", "answered one microsecond after 48:00:00; the buyer takes the late offer, the breach stays",
        "agreed", "appointment.deemed_refused", "2026-11-25T01:15:30Z", "2.3.1",
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

# Which order line each of them is about.
LINES = {
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
        """The whole story."""
        self.monday()
        self.the_workshop()
        self.a_quick_agreement()
        self.forty_eight_hours()
        self.afterwards()
        self.judgement.late_a_second_time()
        self.judgement.complained_of()
        self.judgement.determined()
        self.judgement.confirmed()
        self.fourteen_days()
        self.judgement.cleared()
        self.judgement.a_year_later()

    def monday(self) -> None:
        """Four door visits and a service point are asked for."""
        self.clock.move_to(REQUESTED)
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

    def the_workshop(self) -> None:
        """The four items of 3.1 are a part of the solution."""
        plan = "Read the adapter and load the profile of the car."
        self.clock.move_to(REQUESTED + HOUR)
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
        self.clock.move_to(REQUESTED + HOUR + HOUR / 2)
        self._course("workshop").accept(NOW)
        self.say("workshop", "The buyer accepts; at a service point that confirms it.")

    def a_quick_agreement(self) -> None:
        """The buyer's three hours do not count."""
        self.clock.move_to(REQUESTED + 2 * HOUR)
        course = self._course("unconfirmed")
        course.offer(NOW, course.window(18, 9))
        self.say("unconfirmed", "The seller answers; while the buyer decides, the 14 days stand still.")
        self.clock.move_to(REQUESTED + 5 * HOUR)
        self._course("unconfirmed").accept(NOW)
        self.say(
            "unconfirmed", "The buyer took three hours: the limit ends with day 15 now. It must be confirmed by then."
        )

    def forty_eight_hours(self) -> None:
        """A second before, a microsecond after, and not at all."""
        due_at = self.cases["on time"].appointment.deadlines.get(clock="response").due_at or REQUESTED
        self.clock.move_to(due_at - SECOND)
        course = self._course("on time")
        course.offer(NOW, course.window(14, 9))
        self.say("on time", "The seller answers after 47:59:59.")
        self.clock.move_to(due_at + MICROSECOND)
        course = self._course("too late")
        self.say(
            "too late",
            "The seller answers one microsecond after 48:00:00.",
            refused=lambda: course.offer(NOW, course.window(14, 9)),
        )
        self.clock.move_to(due_at + SECOND)
        self._sweep()
        self.say("never", f"Nobody answers. The sweep waits {settle().seconds} s for what may still be under way.")
        self.clock.move_to(due_at + settle() + SECOND)
        self._sweep()
        self.say("never", "Now the sweep finds it, and dates it at the due instant.")

    def afterwards(self) -> None:
        """What both sides make of it."""
        self.clock.move_to(REQUESTED + 2 * DAY + HOUR)
        self._course("on time").accept(NOW)
        self.say("on time", "The buyer accepts.")
        self.clock.move_to(REQUESTED + 3 * DAY)
        self._course("too late").accept(NOW)
        self.say(
            "too late",
            "The buyer takes the late offer all the same: 14 new days to confirm, the refusal stays on record.",
        )

    def fourteen_days(self) -> None:
        """Natural days end at midnight in Shanghai."""
        self.clock.move_to("2026-12-07T23:59:59+08:00")
        self._course("on time").confirm(NOW)
        self.say("on time", "The last second of day 14: the seller confirms, with the four items.")
        due_at = self.cases["unconfirmed"].appointment.deadlines.get(clock="confirmation").due_at or REQUESTED
        self.clock.move_to(due_at)
        self._sweep()
        self.say("unconfirmed", "The end of day 15: the last instant is still inside.")
        self.clock.move_to(due_at + settle() + SECOND)
        self._sweep()
        self.say("unconfirmed", "Not confirmed: the sweep finds it.")

    def _course(self, name: str) -> Course:
        course = self.cases[name]
        course.now = self.clock.instant
        return course

    def _sweep(self) -> None:
        sweep(now=lambda: self.clock.instant)
