"""Chapters of the tour about what the two sides agree on: another wish, silence, more time, unclear terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cases.actions.confirm import confirm
from cases.actions.disclose import disclose, find_unclear
from cases.actions.longer_limits import accept_longer_limit, propose_longer_limit
from cases.deadlines import settle
from cases.models import LongerLimit
from cases.sweep import sweep
from cases.terms import DisclosureItems
from zestech_aftersales.accounts.actors import Channel
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.course import DAY, HOUR, ITEMS, Course
from zestech_aftersales.demo.telling import MICROSECOND, NOW, REQUESTED, SECOND, Chapter, Expected, Say
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType

LINES = dict.fromkeys(("another wish", "no word", "more time", "in the queue", "terms"), ("ZS-104262", 2))

# The fresh 48 hours run from the counter-offer, 23 November 06:15:30 Z. An offer made that Monday lapses with the end
# of 30 November in Shanghai.
EXPECTED = (
    Expected(
        "another wish", "the buyer asked for another day; the fresh 48 hours were met in their last instant",
        "confirmed", "appointment.countered", "2026-11-23T06:15:30Z", "2.3.1",
    ),
    Expected(
        "no word", "the buyer said nothing for 7 natural days: nobody’s fault, and free to book again",
        "lapsed", "appointment.lapsed", "2026-11-30T16:00:00Z", "2.3.1",
    ),
    Expected(
        "more time", "the buyer agreed to 72 hours for this request; met in the last second of them",
        "confirmed", "appointment.proposed", "2026-11-26T01:15:29Z", "2.3.1",
    ),
    Expected(
        "in the queue", "answered a second before the end, committed after the sweep: taken back",
        "confirmed", "appointment.rescinded", "2026-11-25T01:15:29Z", "2.3.1",
    ),
    Expected(
        "terms", "confirmed by mail without the four items: valid, a gap; then told, and one item unclear",
        "confirmed", "disclosure.unclear", "2026-11-24T05:15:30Z", "3.1",
    ),
)  # fmt: skip


class Agreements:
    """Plays them; each case is asked for on the Monday."""

    def __init__(self, clock: StandingClock, say: Say, cases: Mapping[str, Course]) -> None:
        self.clock, self.say, self.cases = clock, say, cases

    def course(self, name: str) -> Course:
        """A case, as it stands by the clock."""
        course = self.cases[name]
        course.now = self.clock.instant
        return course

    def asked(self, name: str) -> Course:
        """An engineer to the door is asked for."""
        course = self.course(name)
        course.request(NOW, title=name, method=ServiceMethod.DOOR, service_type=ServiceType.INSTALLATION)
        self.say(name, "The buyer asks for an engineer to the door.")
        return course

    def agreed(self, name: str) -> None:
        """The buyer takes the offer, and the seller confirms it."""
        course = self.course(name)
        course.accept(NOW)
        course.confirm(NOW)
        self.say(name, "Accepted and confirmed, with the four items.")

    def another_wish(self) -> Chapter:
        """A counter-offer begins a fresh 48 hours."""
        yield REQUESTED
        self.asked("another wish")
        yield REQUESTED + 4 * HOUR
        course = self.course("another wish")
        course.offer(NOW, course.window(10, 9))
        self.say("another wish", "The seller offers a Thursday morning.")
        yield REQUESTED + 5 * HOUR
        self.course("another wish").counter(NOW, "A Saturday, please.")
        self.say("another wish", "The buyer wishes for a Saturday: a fresh 48 hours run for the seller.")
        yield REQUESTED + 5 * HOUR + 2 * DAY
        course = self.course("another wish")
        course.offer(NOW, course.window(10, 9))
        self.say("another wish", "The seller offers the Saturday in their last instant.")
        yield REQUESTED + 3 * DAY
        self.agreed("another wish")

    def no_word(self) -> Chapter:
        """A buyer who says nothing lets the offer lapse; the cover stays."""
        yield REQUESTED
        self.asked("no word")
        yield REQUESTED + HOUR
        course = self.course("no word")
        course.offer(NOW, course.window(14, 9))
        self.say("no word", "The seller answers; the buyer has 7 natural days to decide.")
        due_at = course.appointment.deadlines.get(clock="buyer_silence").due_at or REQUESTED
        yield due_at + settle() + MICROSECOND
        sweep(now=lambda: self.clock.instant)
        self.say("no word", "No word from the buyer: the offer lapses without anyone’s fault.")

    def more_time(self) -> Chapter:
        """A longer limit binds only once the buyer has accepted it in time."""
        yield REQUESTED
        self.asked("more time")
        yield REQUESTED + 30 * HOUR
        course = self.course("more time")
        row = course.appointment.deadlines.get(clock="response")
        propose_longer_limit(row, 72, "The part comes on Thursday.", by=course.seller, at=self.clock.instant)
        self.say("more time", "The seller asks for 72 hours. Until the buyer says yes, the 48 run on.")
        yield REQUESTED + 40 * HOUR
        course = self.course("more time")
        proposal = LongerLimit.objects.get(deadline__appointment=course.appointment)
        accept_longer_limit(proposal, by=course.buyer, at=self.clock.instant)
        self.say("more time", "The buyer accepts: for this request the limit is 72 hours.")
        yield REQUESTED + 3 * DAY - SECOND
        course = self.course("more time")
        course.offer(NOW, course.window(14, 9))
        self.say("more time", "The seller answers after 71:59:59, in time.")
        yield REQUESTED + 3 * DAY + HOUR
        self.agreed("more time")

    def in_the_queue(self) -> Chapter:
        """What was received in time counts, however late it is committed."""
        yield REQUESTED
        course = self.asked("in the queue")
        due_at = course.appointment.deadlines.get(clock="response").due_at or REQUESTED
        yield due_at + settle() + 2 * SECOND
        sweep(now=lambda: self.clock.instant)
        self.say("in the queue", "No answer has been seen: deemed refused.")
        yield due_at + 5 * HOUR
        course = self.course("in the queue")
        course.offer(self.clock.instant - due_at + SECOND, course.window(14, 9))
        self.say("in the queue", "The answer that was received a second before the end is committed: taken back.")
        yield due_at + 6 * HOUR
        self.agreed("in the queue")

    def terms(self) -> Chapter:
        """The four items of 3.1: left out by mail, told afterwards, and asked about."""
        yield REQUESTED
        course = self.asked("terms")
        yield REQUESTED + HOUR
        course = self.course("terms")
        course.offer(NOW, course.window(10, 9), disclosure=DisclosureItems())
        yield REQUESTED + 2 * HOUR
        course = self.course("terms")
        course.accept(NOW)
        self.say(
            "terms", "The seller confirms in the dashboard without a word on period, number, scope and charges.",
            refused=lambda: confirm(course.appointment, by=course.seller, at=self.clock.instant),
        )  # fmt: skip
        yield REQUESTED + 3 * HOUR
        course = self.course("terms")
        by_mail = replace(course.seller, channel=Channel.MAIL)
        confirm(course.appointment, by=by_mail, at=self.clock.instant)
        self.say("terms", "By e-mail it is valid, and marked: in a dispute the terms are inferred, free of charge.")
        yield REQUESTED + DAY
        course = self.course("terms")
        told = disclose(course.appointment, ITEMS, by=course.seller, at=self.clock.instant)
        self.say("terms", "The seller tells the four items after all.")
        yield REQUESTED + DAY + 4 * HOUR
        course = self.course("terms")
        find_unclear(told, "charging_standard", "From which workshop?", by=course.buyer, at=self.clock.instant)
        self.say("terms", "One of them is unclear to the buyer: until a clearer version it counts as inferred.")


def chapters(clock: StandingClock, say: Say, cases: Mapping[str, Course]) -> Iterator[Chapter]:
    """The chapters, each to be played beside the others."""
    told = Agreements(clock, say, cases)
    begin: list[Callable[[], Chapter]] = [
        told.another_wish, told.no_word, told.more_time, told.in_the_queue, told.terms
    ]  # fmt: skip
    return (chapter() for chapter in begin)
