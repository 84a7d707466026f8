"""The course of one case, told in steps that lie so long ago; each step is the real action."""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from cases.actions.answers import accept, counter
from cases.actions.bookings import request_service
from cases.actions.cancel import cancel
from cases.actions.confirm import confirm
from cases.actions.disclose import acknowledge
from cases.actions.messages import write
from cases.actions.offers import offer, refuse
from cases.actions.visits import check_in, complete
from cases.models import Cover, Offer, OfferState, OrderLine, ServiceAppointment, ServiceCase, VisitState
from cases.photos import Photo, safe_photo
from cases.terms import DisclosureItems, OfferTerms, ServiceRequest, Window
from sellers.models import Engineer, Membership
from sellers.queries import actor_of
from zestech_aftersales.accounts.actors import Actor, Channel, Seat
from zestech_aftersales.rulebook import RuleBroken

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ITEMS = DisclosureItems(
    service_period="One year from payment, to the end of the cover.",
    number_of_services="As often as the fault comes back.",
    service_scope="Fault detection, fitting, program set-up and spare parts of the delivered unit.",
    charging_standard="Free within 50 km of the workshop, then EUR 0.60 a kilometre, told before we leave.",
)


class Course:
    """One case from its request on; `ago` is counted back from the instant for which the demo is made."""

    appointment: ServiceAppointment

    def __init__(self, cover: Cover, *, now: datetime) -> None:
        self.cover = cover
        self.now = now
        self.buyer = Actor(channel=Channel.PORTAL, user=cover.buyer)
        owner = Membership.objects.select_related("user").get(seller=cover.seller, seat=Seat.OWNER)
        self.seller = actor_of(owner.user, Channel.DASHBOARD)
        self.zone = ZoneInfo(cover.seller.time_zone)

    def request(self, ago: timedelta, *, case: ServiceCase | None = None, **wanted: Any) -> None:
        """The buyer books, by default an engineer to the address that the order was sent to; anew, or in a `case`."""
        order = self.cover.order
        place = {"address": order.ship_address, "city": order.ship_city, "country": order.ship_country}
        asked = ServiceRequest(**{**place, "phone": order.phone, **wanted})
        requested = request_service(self.cover, asked, by=self.buyer, at=self.now - ago, case=case)
        if isinstance(requested, RuleBroken):
            raise requested
        self.appointment = requested

    def say(self, ago: timedelta, words: str) -> None:
        """The seller writes a word, which stops no clock."""
        write(self.appointment.case, words, by=self.seller, at=self.now - ago)

    def offer(self, ago: timedelta, *windows: Window, **terms: Any) -> None:
        """The seller answers with everything that makes a response effective; RuleBroken as the action says."""
        wanted: dict[str, Any] = {
            "method": self.appointment.method,
            "service_type": self.appointment.service_type,
            "windows": windows,
            "contact_name": self.cover.seller.name,
            "point": self.appointment.point,
            "price_terms": "Free of charge inside the cover.",
            "disclosure": ITEMS,
        }
        offer(self.appointment, OfferTerms(**{**wanted, **terms}), by=self.seller, at=self.now - ago)

    def offer_late(self, ago: timedelta, *windows: Window) -> None:
        """An answer after the limit: refused, and kept as a late offer."""
        try:
            self.offer(ago, *windows)
        except RuleBroken as broken:
            if broken.code != "deadline_passed":
                raise

    def counter(self, ago: timedelta, wish: str) -> None:
        """The buyer wishes for another time."""
        counter(self._standing(), wish=wish, by=self.buyer, at=self.now - ago)

    def accept(self, ago: timedelta) -> None:
        """The buyer takes the first window of the standing offer."""
        standing = self._standing()
        accept(standing, window=0 if standing.windows else None, by=self.buyer, at=self.now - ago)

    def confirm(self, ago: timedelta, engineer: Engineer | None = None) -> None:
        """The seller confirms the door visit and tells the four items of 3.1."""
        confirm(self.appointment, items=ITEMS, engineer=engineer, by=self.seller, at=self.now - ago)

    def acknowledge(self, ago: timedelta) -> None:
        """The buyer says that he has read what was told."""
        acknowledge(self.appointment.disclosures.latest("version"), by=self.buyer, at=self.now - ago)

    def check_in(self, ago: timedelta) -> None:
        """The service begins."""
        check_in(self.appointment.visits.get(state=VisitState.PLANNED), by=self.seller, at=self.now - ago)

    def complete(self, ago: timedelta, report: str) -> None:
        """The service is done."""
        complete(self.appointment.visits.get(state=VisitState.CHECKED_IN), report, by=self.seller, at=self.now - ago)

    def refuse(self, ago: timedelta, reason: str) -> None:
        """The seller refuses."""
        refuse(self.appointment, reason, by=self.seller, at=self.now - ago)

    def cancel(self, ago: timedelta, reason: str) -> None:
        """The buyer withdraws the request."""
        cancel(self.appointment, reason, by=self.buyer, at=self.now - ago)

    def window(self, days: int, hour: int) -> Window:
        """Two hours on a day so many days from now, by the seller's clock on the wall."""
        day = (self.now + days * DAY).astimezone(self.zone).date()
        begins = datetime.combine(day, time(hour), self.zone)
        return Window(begins, begins + 2 * HOUR)

    def _standing(self) -> Offer:
        return self.appointment.offers.get(state=OfferState.STANDING)


def cover_of(number: str, position: int) -> Cover:
    """The cover of a line of one of the demo's orders."""
    line = OrderLine.objects.get(order__number=number, position=position)
    return Cover.objects.select_related("order", "seller", "buyer", "line").get(line=line)


def drawn_photo(name: str) -> Photo:
    """A drawing of two loose cables, as a photo that went through the same door as an upload."""
    picture = Image.new("RGB", (960, 640), "#2b3640")
    pen = ImageDraw.Draw(picture)
    pen.line([(0, 420), (240, 300), (480, 430), (720, 250), (960, 330)], fill="#e2703a", width=34, joint="curve")
    pen.line([(0, 520), (260, 470), (520, 560), (760, 400), (960, 470)], fill="#2a9db5", width=34, joint="curve")
    pen.rounded_rectangle([(430, 170), (700, 330)], radius=24, fill="#c9d2d9")
    pen.text((470, 220), "E-17", fill="#b3261e", font_size=64)
    file = io.BytesIO()
    picture.save(file, "PNG")
    file.seek(0)
    return safe_photo(file, name)
