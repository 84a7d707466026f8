"""The tour's last chapters: late twice, complained of, determined, confirmed, cleared, barred, and back a year later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.deadlines import settle
from cases.sweep import sweep
from complaints.actions.clearances import approve_clearance, propose_clearance
from complaints.actions.determinations import Ruling, determine
from complaints.actions.filing import ComplaintTerms, file_complaint
from complaints.actions.hearings import answer, notify
from complaints.actions.judging import confirm
from complaints.actions.negotiation import escalate, propose
from complaints.models import Clearance, Complaint, Violation
from complaints.sweep import sweep as sweep_judgement
from sellers.actions.enrolments import apply
from sellers.bars import bar_until
from sellers.models import Enrolment
from sellers.queries import enrolment_of
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.demo.course import Course
from zestech_aftersales.demo.people import at_the_desk
from zestech_aftersales.demo.telling import MICROSECOND, NOW, SECOND, Chapter, Say
from zestech_aftersales.rulebook.services import ServiceMethod, ServiceType
from zestech_aftersales.timeline.relay import relay_batch


class Judgement:
    """What people decide about one seller; `again` is the course of his second unanswered request."""

    complaint: Complaint
    clearance: Clearance
    application: Enrolment

    def __init__(self, standing: StandingClock, say: Say, first: Course, again: Course) -> None:
        self.clock = standing
        self.say = say
        self.first, self.again = first, again
        self.seller = again.cover.seller

    @property
    def things(self) -> dict[str, Any]:
        """What was judged, by the names that the table uses."""
        return {"complaint": self.complaint, "clearance": self.clearance, "application": self.application}

    def late_a_second_time(self) -> Chapter:
        """The same seller leaves another request without an answer."""
        yield datetime.fromisoformat("2026-11-26T09:00:00+08:00")
        self.again.now = self.clock.instant
        self.again.request(NOW, title="again", method=ServiceMethod.DOOR, service_type=ServiceType.FAULT_DETECTION)
        self.say("again", "The same seller is asked once more.")
        due_at = self.again.appointment.deadlines.get(clock="response").due_at or self.clock.instant
        yield due_at + settle() + SECOND
        sweep(now=lambda: self.clock.instant)
        self._read()
        self.say("again", "Late a second time. Two candidates wait for the auditors; nothing is judged by itself.")

    def complained_of(self) -> Chapter:
        """Three natural days to negotiate; the last instant of them is still too early."""
        yield datetime.fromisoformat("2026-11-30T10:00:00+08:00")
        case, breach = self.again.appointment.case, self._violations()[-1].breach
        terms = ComplaintTerms("Twice nobody answered.", breach=breach, remedy="Pay a workshop of my choice.")
        self.complaint = file_complaint(case, terms, by=self.again.buyer, at=self.clock.instant)
        self.say("complaint", "The buyer complains; all nine items of the test are met.", of=self.complaint)
        yield datetime.fromisoformat("2026-12-01T10:00:00+08:00")
        for violation in self._violations():
            notify(violation, by=at_the_desk("auditor1@example.com"), at=self.clock.instant)
            self.say(str(violation), "An auditor tells the seller: he is heard for five natural days.", of=violation)
        propose(self.complaint, "We come on 20 December, free.", by=self.again.seller, at=self.clock.instant)
        self.say("complaint", "The seller proposes a way out; the buyer does not take it.", of=self.complaint)
        until = self.complaint.negotiation_ends_at or self.clock.instant
        yield until
        self.say(
            "complaint", "The buyer escalates in the last instant of the negotiation.", of=self.complaint,
            refused=lambda: escalate(self.complaint, by=self.again.buyer, at=self.clock.instant),
        )  # fmt: skip
        yield until + MICROSECOND
        escalate(self.complaint, by=self.again.buyer, at=self.clock.instant)
        self.say("complaint", "One microsecond later it is the platform's.", of=self.complaint)

    def determined(self) -> Chapter:
        """Support decides with reasons and clauses."""
        yield datetime.fromisoformat("2026-12-04T10:00:00+08:00")
        ruling = Ruling("seller", "No answer came within 48 hours, twice.", ("2.3.1",))
        determine(self.complaint, ruling, by=at_the_desk("support@example.com"), at=self.clock.instant)
        self.say(
            "complaint", "Support determines: the seller is liable. Either side may object once.", of=self.complaint
        )
        first = self._violations()[0]
        answer(first, "Our mail server was away.", by=self.first.seller, at=self.clock.instant)
        self.say(str(first), "The seller answers on the first of the two.", of=first)

    def confirmed(self) -> Chapter:
        """Heard, then judged by people."""
        yield datetime.fromisoformat("2026-12-07T10:00:00+08:00")
        sweep_judgement(at=self.clock.instant)
        for violation in self._violations():
            confirm(violation, reason="The fact stands.", by=at_the_desk("auditor2@example.com"), at=self.clock.instant)
            self.say(str(violation), "Heard, and confirmed by an auditor; an appeal is open for 15 days.", of=violation)

    def cleared(self) -> Chapter:
        """Two auditors, never one."""
        yield datetime.fromisoformat("2026-12-10T15:00:00+08:00")
        enrolment, auditor = enrolment_of(self.seller), at_the_desk("auditor1@example.com")
        if enrolment is None:
            raise LookupError(f"{self.seller} takes no part in the programme.")
        self.clearance = propose_clearance(
            enrolment, violations=self._violations(), reason="Late twice.", by=auditor, at=self.clock.instant
        )
        self.say(
            "clearance", "One auditor proposes to clear the seller, and tries to approve it alone.", of=self.clearance,
            refused=lambda: approve_clearance(self.clearance, reason="Yes.", by=auditor, at=self.clock.instant),
        )  # fmt: skip
        other = at_the_desk("auditor2@example.com")
        approve_clearance(self.clearance, reason="Read and agreed.", by=other, at=self.clock.instant)
        self.say(
            "clearance",
            "A second auditor approves: mark and enrolment end, covers and limits go on.",
            of=self.clearance,
        )
        yield datetime.fromisoformat("2026-12-12T10:00:00+08:00")
        sweep_judgement(at=self.clock.instant)
        self.say("complaint", "Nobody has objected within seven natural days.", of=self.complaint)

    def a_year_later(self) -> Chapter:
        """The bar ends at 24:00 of the corresponding date; its last instant is inside."""
        until = bar_until(self.seller, self.clock.instant) or self.clock.instant
        yield until
        owner = self.first.seller
        self.say(
            "application", "The seller applies in the last instant of the bar.", of=self.clearance,
            refused=lambda: apply(self.seller, by=owner, at=self.clock.instant),
        )  # fmt: skip
        yield until + MICROSECOND
        self.application = apply(self.seller, by=owner, at=self.clock.instant)
        self.say("application", "One microsecond later the application is taken.", of=self.application)

    def _violations(self) -> list[Violation]:
        return list(Violation.objects.filter(seller=self.seller).order_by("occurred_at"))

    def _read(self) -> None:
        while relay_batch(at=self.clock.instant + timedelta(seconds=1)):
            pass
