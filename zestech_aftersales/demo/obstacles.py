"""Chapters of the tour about what comes between: a typhoon, a claim that does not hold, a visit nobody made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cases.actions.claim_rulings import grant, reject
from cases.actions.exclusions import add_proof, file_claim
from cases.actions.new_dates import accept_new_date, propose_new_date
from cases.actions.no_shows import report_seller_no_show
from cases.actions.sign_offs import sign_off
from cases.dates import grace
from cases.models import ExclusionClaim, VisitState
from cases.terms import ClaimTerms
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.agreements import Agreements
from zestech_aftersales.demo.course import DAY, HOUR, Course
from zestech_aftersales.demo.people import at_the_desk
from zestech_aftersales.demo.telling import NOW, REQUESTED, Chapter, Expected, Say

LINES = dict.fromkeys(("typhoon", "no typhoon", "nobody came"), ("ZS-104101", 2))

# Sixteen hours of storm: the 48 hours end at 64, on 25 November 17:15:30 Z.
EXPECTED = (
    Expected(
        "typhoon", "16 hours of force majeure, proven and granted; answered in the last instant of the moved limit",
        "confirmed", "appointment.proposed", "2026-11-25T17:15:30Z", "2.3.1",
    ),
    Expected(
        "no typhoon", "paused provisionally and answered meanwhile; rejected, so that the old limit counts",
        "deemed_refused", "appointment.deemed_refused", "2026-11-25T01:15:30Z", "2.3.1",
    ),
    Expected(
        "nobody came", "the buyer waited in vain; a new date came within 48 hours, and the service was signed off",
        "completed", "visit.planned_anew", "2026-12-01T02:15:30Z", "2.3.1",
    ),
)  # fmt: skip


class Obstacles(Agreements):
    """Plays them; each case is asked for on the Monday."""

    def claimed(self, name: str) -> ExclusionClaim:
        """The seller claims a storm of sixteen hours that has just passed; its proof is awaited."""
        course = self.course(name)
        terms = ClaimTerms(
            "force_majeure", "The office was without power.", kind="typhoon", place="Berlin",
            begins_at=REQUESTED + 4 * HOUR, ends_at=REQUESTED + 20 * HOUR, duties=("response",),
        )  # fmt: skip
        claim = file_claim(course.appointment, terms, by=course.seller, at=self.clock.instant)
        if not isinstance(claim, ExclusionClaim):
            raise claim
        return claim

    def typhoon(self) -> Chapter:
        """A temporary event pauses what it stops, and nothing else."""
        yield REQUESTED
        self.asked("typhoon")
        yield REQUESTED + 22 * HOUR
        claim = self.claimed("typhoon")
        self.say("typhoon", "The seller claims a storm of 16 hours: his 48 are paused by it provisionally.")
        yield REQUESTED + 30 * HOUR
        course = self.course("typhoon")
        add_proof(claim, "Warning 7 of the weather office.", by=course.seller, at=self.clock.instant)
        self.say("typhoon", "He proves it, well within the 15 natural days.")
        yield REQUESTED + 50 * HOUR
        grant(claim, reason="Proven.", by=at_the_desk("auditor1@example.com"), at=self.clock.instant)
        self.say("typhoon", "An auditor grants it: the limit has moved for good.")
        yield REQUESTED + 64 * HOUR
        course = self.course("typhoon")
        course.offer(NOW, course.window(14, 9))
        self.say("typhoon", "The seller answers in the last instant of the moved limit.")
        yield REQUESTED + 65 * HOUR
        self.agreed("typhoon")

    def no_typhoon(self) -> Chapter:
        """A rejected pause is as if it had never been."""
        yield REQUESTED
        self.asked("no typhoon")
        yield REQUESTED + 23 * HOUR
        claim = self.claimed("no typhoon")
        self.say("no typhoon", "The same claim on another request.")
        yield REQUESTED + 52 * HOUR
        course = self.course("no typhoon")
        course.offer(NOW, course.window(14, 9))
        self.say("no typhoon", "The seller answers under the provisional pause, after the unmoved limit.")
        yield REQUESTED + 54 * HOUR
        course = self.course("no typhoon")
        add_proof(claim, "It was in the news.", by=course.seller, at=self.clock.instant)
        yield REQUESTED + 56 * HOUR
        reason = "The storm was elsewhere."
        reject(claim, reason=reason, by=at_the_desk("auditor2@example.com"), at=self.clock.instant)
        self.say("no typhoon", "Rejected: the pause is void, and by the old limit the answer was late.")

    def nobody_came(self) -> Chapter:
        """A seller’s no-show keeps the appointment and begins 48 hours for a new date."""
        yield REQUESTED
        self.asked("nobody came")
        yield REQUESTED + 3 * HOUR
        course = self.course("nobody came")
        course.offer(NOW, course.window(5, 9))
        course.accept(NOW)
        course.confirm(NOW)
        self.say("nobody came", "Answered, accepted and confirmed on the same day.")
        visit = course.appointment.visits.get()
        yield (visit.ends_at or visit.starts_at) + grace()
        course = self.course("nobody came")
        report_seller_no_show(visit, "I waited all morning.", by=course.buyer, at=self.clock.instant)
        self.say("nobody came", "Nobody came. The appointment stays; the seller owes a new date within 48 hours.")
        yield REQUESTED + 7 * DAY
        course = self.course("nobody came")
        windows = [course.window(3, 9)]
        proposal = propose_new_date(course.appointment, windows, by=course.seller, at=self.clock.instant)
        self.say("nobody came", "The seller proposes one.")
        yield REQUESTED + 8 * DAY + HOUR
        course = self.course("nobody came")
        accept_new_date(proposal, window=0, by=course.buyer, at=self.clock.instant)
        self.say("nobody came", "The buyer takes it. The missed visit stays on record, for people to judge.")
        yield course.appointment.visits.get(state=VisitState.PLANNED).starts_at
        course = self.course("nobody came")
        course.acknowledge(NOW)
        course.check_in(NOW)
        self.say("nobody came", "This time the engineer checks in.")
        yield self.clock.instant + HOUR
        course = self.course("nobody came")
        course.complete(NOW, "Fitted the camera and set its lines.")
        sign_off(course.appointment, by=course.buyer, at=self.clock.instant)
        self.say("nobody came", "Done, reported, and signed off by the buyer.")


def chapters(clock: StandingClock, say: Say, cases: Mapping[str, Course]) -> Iterator[Chapter]:
    """The chapters, each to be played beside the others."""
    told = Obstacles(clock, say, cases)
    return (chapter() for chapter in (told.typhoon, told.no_typhoon, told.nobody_came))
