"""One of each thing that somebody can do something with, all of one seller and one buyer, by the real actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from cases.actions.editions import draft_edition
from cases.actions.longer_limits import propose_longer_limit
from cases.actions.outages import propose_outage
from cases.actions.sign_offs import object_to
from cases.actions.simulations import begin_simulation
from cases.actions.visits import check_in
from cases.actions.waivers import state_waiver
from cases.models import Cover, ServiceAppointment
from complaints.models import Complaint
from sellers.models import Product
from tests.factories import audits, claims, complaints, editions, service, visits
from tests.factories import cases as make
from tests.factories.timeline import DeliveryFactory, make_event
from zestech_aftersales.accounts.actors import Actor
from zestech_aftersales.desk.actions import open_reading, save_filter
from zestech_aftersales.rulebook.first_edition import NUMBERS
from zestech_aftersales.timeline.models import DeliveryState

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Everything:
    """What is under way between a seller and a buyer at an instant, and at the desk: there by one auditor and one administrator."""

    def __init__(
        self, product: Product, buyer_email: str, *, auditor: Actor, administrator: Actor, at: datetime
    ) -> None:
        self.product, self.buyer_email, self.at = product, buyer_email, at
        self.auditor, self.administrator = auditor, administrator
        # First what was swept long ago: what is asked for later is not to be swept with it.
        self.escalated = self._complain()
        self._claim()
        self.planned, self.signed = self._visit()
        self._agree()
        self._send()
        audits.an_audit(self.planned, by=auditor, at=at)
        self._restrict()
        self._platform()

    def _cover(self) -> Cover:
        return make.a_cover(self.product, buyer_email=self.buyer_email)

    def _request(self, *, ago: timedelta = 2 * HOUR) -> ServiceAppointment:
        return make.requested(self._cover(), at=self.at - ago)

    def _complain(self) -> Complaint:
        """A complaint in the hands of support, which has asked the seller for evidence."""
        swept = complaints.unanswered(product=self.product, buyer_email=self.buyer_email, at=self.at - 10 * DAY)
        complaint = complaints.filed(swept, at=self.at - 5 * DAY)
        complaints.asked(complaints.escalated(complaint, at=self.at - HOUR), at=self.at - MINUTE)
        return complaint

    def _claim(self) -> None:
        """A claim that is granted, to be revoked; one with its proof, one without, and an event for all."""
        event: dict[str, Any] = {"begins_at": self.at - 3 * HOUR, "ends_at": self.at + 20 * HOUR}
        granted = claims.claimed(self._request(), at=self.at - HOUR, proven=True, **event)
        claims.granted(granted, at=self.at - MINUTE)
        claims.propose_revocation(granted, reason="Another year.", by=self.auditor, at=self.at)
        claims.claimed(self._request(), at=self.at - HOUR, proven=True, **event)
        claims.claimed(self._request(), at=self.at - HOUR, **event)
        claims.declared(at=self.at, **event)

    def _visit(self) -> tuple[ServiceAppointment, ServiceAppointment]:
        """A visit that is due, one begun, one with another date proposed, one to be signed and one objected to."""
        ago = self.at - 3 * DAY
        due = visits.planned(cover=self._cover(), at=ago)
        begun = visits.planned(cover=self._cover(), at=ago)
        check_in(begun, by=make.seller_of(begun.appointment), at=begun.starts_at)
        moved = visits.planned(cover=self._cover(), at=self.at - 2 * HOUR).appointment
        visits.proposed(moved, by=make.seller_of(moved), at=self.at - HOUR)
        signed = visits.done(visits.planned(cover=self._cover(), at=ago))
        objected = visits.done(visits.planned(cover=self._cover(), at=ago))
        object_to(objected, "It still does nothing.", by=make.buyer_of(objected), at=self.at)
        return due.appointment, signed

    def _agree(self) -> None:
        """A longer limit that the buyer may accept, and a cover that he may give up."""
        asked = self._request()
        row = asked.deadlines.get(clock="response")
        propose_longer_limit(row, row.amount + 24, "The part comes late.", by=make.seller_of(asked), at=self.at - HOUR)
        cover = self._cover()
        number = cover.order.number
        state_waiver(cover, order_number=number, statement="Sold.", by=make.buyer_of(cover), at=self.at)

    def _send(self) -> None:
        service.announced(self._request(), at=self.at - HOUR)
        service.sent_to(self._request(), at=self.at - HOUR)

    def _restrict(self) -> None:
        claims.a_restriction(self._cover(), at=self.at, by=self.auditor)

    def _platform(self) -> None:
        """An edition drafted and one proposed, one tried out, an outage, and what the desk keeps of its people."""
        editions.a_proposal(date(2026, 9, 1), at=self.at, by=self.administrator, response_hours=24)
        draft_edition("Slower", {**NUMBERS, "response_hours": 72}, by=self.administrator, at=self.at)
        begin_simulation(NUMBERS, first_day=date(2026, 2, 1), last_day=date(2026, 3, 1), by=self.auditor, at=self.at)
        propose_outage(begins_at=self.at - HOUR, ends_at=self.at, reason="Away.", by=self.administrator, at=self.at)
        save_filter("complaints/violation", name="Mine", query="state=confirmed", by=self.auditor, at=self.at)
        open_reading(reason="A lost password.", hours=1, by=self.administrator, at=self.at)
        DeliveryFactory(event=make_event("test/1", at=self.at), state=DeliveryState.QUARANTINED, attempts=12)
