"""Chapters of the tour about January: an outage of the platform, an offer that is no solution, and who hears of a limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cases.actions.no_shows import report_seller_no_show
from cases.actions.outages import decide_outage, propose_outage
from cases.actions.rulings import flag, rule_on_offer
from cases.dates import grace
from cases.deadlines import settle
from cases.models import Deadline, Offer, ReminderSent
from cases.outages import apply_outages
from cases.reminders import loop
from cases.reminders.watch_list import near_its_end, without_reaction
from cases.sweep import sweep
from sellers.models import Engineer
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.agreements import Agreements
from zestech_aftersales.demo.course import DAY, HOUR, Course
from zestech_aftersales.demo.people import at_the_desk
from zestech_aftersales.demo.telling import MICROSECOND, NOW, REQUESTED, SECOND, Chapter, Expected, Reading, Say, as_z

LINES = dict.fromkeys(("counted out", "cut off", "flagged", "never came"), ("ZS-104262", 2))

# Two more Mondays, 11 and 18 January 2027, 09:15:30 in Shanghai.
OUTAGE_WEEK, NEXT_WEEK = REQUESTED + 49 * DAY, REQUESTED + 56 * DAY

# The 48 hours from 11 January 01:15:30 Z end at 52 by the four hours of the outage; the others began ten hours later.
# The new date was owed 48 hours from 20 January 10:30 Z: half past eleven in Berlin, half an hour after the window.
EXPECTED = (
    Expected(
        "counted out", "deemed refused for want of an answer; taken back, as the platform itself was away for 4 hours",
        "confirmed", "appointment.rescinded", "2027-01-13T03:15:30Z", "2.3.1",
    ),
    Expected(
        "cut off", "touched by the same outage; answered in the last instant of the moved limit",
        "confirmed", "appointment.proposed", "2027-01-13T15:15:30Z", "2.3.1",
    ),
    Expected(
        "flagged", "answered in time with what is no solution; held unreasonable later, effective at the due instant",
        "deemed_refused", "appointment.deemed_refused", "2027-01-20T01:15:30Z", "2.3.1",
    ),
    Expected(
        "never came", "nobody came, and no new date within 48 hours, whoever was reminded of it",
        "deemed_refused", "appointment.deemed_refused", "2027-01-22T10:30:00Z", "2.3.1",
    ),
)  # fmt: skip

_LADDER = (
    "50 %: Demo Engineer, Demo Seller Staff; 75 %: Demo Seller Owner, Demo Seller Staff; "
    "90 %: Demo Seller Owner, Demo Seller Staff, the watch list; after the end: the watch list"
)
READINGS = (
    Reading(
        "the outage", "which limits it has moved, once two administrators had decided so",
        "counted out: 2027-01-13T05:15:30Z; cut off: 2027-01-13T15:15:30Z",
    ),
    Reading("the ladder", "who heard of the 48 hours for a new date, and when", _LADDER),
)  # fmt: skip


class Incidents(Agreements):
    """Plays them."""

    def outage(self) -> Chapter:
        """What the platform itself has cut off counts against nobody."""
        yield OUTAGE_WEEK
        self.asked("counted out")
        yield OUTAGE_WEEK + 10 * HOUR
        self.asked("cut off")
        yield OUTAGE_WEEK + 2 * DAY + settle() + SECOND
        self._sweep()
        self.say("counted out", "No answer within 48 hours: deemed refused. But for four of them nobody could log in.")
        yield OUTAGE_WEEK + 49 * HOUR
        one, other = at_the_desk("admin1@example.com"), at_the_desk("admin2@example.com")
        begins_at = OUTAGE_WEEK + 40 * HOUR
        outage = propose_outage(
            begins_at=begins_at,
            ends_at=begins_at + 4 * HOUR,
            reason="The database was away.",
            by=one,
            at=self.clock.instant,
        )
        self.say(
            "cut off", "An administrator proposes to toll every limit that ran then, and tries to approve it alone.",
            refused=lambda: decide_outage(outage, approved=True, reason="Yes.", by=one, at=self.clock.instant),
        )  # fmt: skip
        yield OUTAGE_WEEK + 50 * HOUR
        decide_outage(outage, approved=True, reason="The logs say so.", by=other, at=self.clock.instant)
        apply_outages(now=lambda: self.clock.instant)
        self.say("counted out", "A second administrator approves: four hours more, and the refusal is taken back.")
        self.say("cut off", "The same four hours, by the same decision.")
        moved = Deadline.objects.filter(clock="response", pauses__cause=outage.cause).order_by("due_at")
        rows = moved.values_list("appointment__case__title", "due_at")
        told = [f"{title}: {as_z(due_at)}" for title, due_at in rows if due_at is not None]
        self.say("the outage", "What it has moved:", answer="; ".join(told))
        yield OUTAGE_WEEK + 52 * HOUR
        self._answered("counted out")
        yield OUTAGE_WEEK + 62 * HOUR
        self._answered("cut off")

    def a_flag(self) -> Chapter:
        """An answer in time is not enough: it must be a reasonable solution."""
        yield NEXT_WEEK
        self.asked("flagged")
        yield NEXT_WEEK + 2 * HOUR
        course = self.course("flagged")
        course.offer(NOW, course.window(60, 9))
        self.say("flagged", "The seller answers in time: a visit in two months.")
        yield NEXT_WEEK + 3 * HOUR
        course = self.course("flagged")
        flagged = flag(
            course.appointment.offers.get(), "Two months for a camera?", by=course.buyer, at=self.clock.instant
        )
        if not isinstance(flagged, Offer):
            raise flagged
        self.say("flagged", "The buyer flags it: the platform has three natural days to rule, the 14 days stand still.")
        yield NEXT_WEEK + 50 * HOUR
        reason = "The first window lies later than 14 natural days, without a cause."
        auditor = at_the_desk("auditor1@example.com")
        rule_on_offer(flagged, is_reasonable=False, reason=reason, by=auditor, at=self.clock.instant)
        self.say("flagged", "An auditor holds it unreasonable. The 48 hours are over: it counts from their end.")

    def a_ladder(self) -> Chapter:
        """Reminders at 50, 75 and 90 % of a limit; nothing follows from them, and nothing from their absence."""
        yield NEXT_WEEK
        self.asked("never came")
        yield NEXT_WEEK + HOUR
        course, engineer = self.course("never came"), Engineer.objects.get(user__email="engineer@example.com")
        course.offer(NOW, course.window(2, 9), engineer=engineer)
        course.accept(NOW)
        course.confirm(NOW, engineer)
        self.say("never came", "Answered, accepted and confirmed on the same day, with the engineer’s name.")
        visit = course.appointment.visits.get()
        yield (visit.ends_at or visit.starts_at) + grace()
        course = self.course("never came")
        report_seller_no_show(visit, "I waited all morning.", by=course.buyer, at=self.clock.instant)
        self.say("never came", "Nobody came: 48 hours for a new date.")
        limit = course.appointment.deadlines.get(clock="new_date")
        heard = []
        while limit.next_reminder_at is not None:
            yield limit.next_reminder_at
            loop.remind(now=lambda: self.clock.instant)
            limit = Deadline.objects.get(pk=limit.pk)
            heard.append(f"{limit.reminded_step} %: {', '.join(self._hearers(limit))}")
            self.say("never came", f"Reminded at {heard[-1]}.")
        yield (limit.due_at or NEXT_WEEK) + settle() + MICROSECOND
        self._sweep()
        self.say("never came", "No new date: the sweep finds it, and dates it at the due instant.")
        heard.append(f"after the end: {', '.join(self._hearers(limit, after_its_end=True))}")
        self.say("the ladder", "Who has heard of this limit:", answer="; ".join(heard))

    def _hearers(self, limit: Deadline, *, after_its_end: bool = False) -> list[str]:
        """Who was reminded of a limit by now, at its last step; and whether the platform's staff watches it."""
        told = ReminderSent.objects.filter(deadline=limit, sent_at=self.clock.instant)
        watched = without_reaction if after_its_end else near_its_end
        is_watched = watched(Deadline.objects.filter(pk=limit.pk), at=self.clock.instant).exists()
        return [*told.order_by("person__name").values_list("person__name", flat=True), *["the watch list"] * is_watched]

    def _answered(self, name: str) -> None:
        course = self.course(name)
        course.offer(NOW, course.window(7, 9))
        self.say(name, "The seller answers in the last instant of the moved limit.")
        self.agreed(name)

    def _sweep(self) -> None:
        sweep(now=lambda: self.clock.instant)


def chapters(clock: StandingClock, say: Say, cases: Mapping[str, Course]) -> Iterator[Chapter]:
    """The chapters, each to be played beside the others."""
    told = Incidents(clock, say, cases)
    return (chapter() for chapter in (told.outage, told.a_flag, told.a_ladder))
