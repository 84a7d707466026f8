"""One appointment driven by the actions or over the API: the same words, and the code of what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from cases.actions import answers, cancel, confirm, disclose, offers, rulings
from cases.models import Cover, Deadline, Offer, ServiceAppointment
from cases.terms import DisclosureItems, OfferTerms
from tests.api.bodies import ITEMS
from tests.factories import cases as make
from tests.factories import claims as claim
from tests.factories.api import Caller, a_caller
from zestech_aftersales.clock import StandingClock
from zestech_aftersales.rulebook import RuleBroken

OK = ""


class Story:
    """What both channels share: what became of the appointment, and the auditor's ruling."""

    def __init__(self, frozen: StandingClock) -> None:
        self.frozen = frozen

    def request(self, at: datetime, cover: Cover | None = None, **given: Any) -> ServiceAppointment:
        """A request received at an instant; a point without published slots for that method."""
        cover = cover or make.a_cover()
        if given.get("method") == "point":
            given["point"] = make.a_point(cover.seller, has_published_slots=False)
        self.appointment = make.requested(cover, at=at, **given)
        return self.appointment

    @property
    def now(self) -> ServiceAppointment:
        """The appointment as stored."""
        found: ServiceAppointment = make.fresh(self.appointment)
        return found

    @property
    def outcome(self) -> tuple[str, datetime | None]:
        """Its state, and the instant at which it ended."""
        return self.now.state, self.now.ended_at

    def clock(self, kind: str) -> Deadline:
        """The latest clock of a kind."""
        return Deadline.objects.filter(appointment=self.appointment, clock=kind).latest("id")

    def due(self, kind: str) -> datetime | None:
        """When the latest clock of a kind is due."""
        return self.clock(kind).due_at

    def last(self, **given: Any) -> Offer:
        """The latest offer."""
        return Offer.objects.filter(appointment=self.appointment, **given).latest("id")

    def rule(self, flagged: Offer, at: datetime, *, is_reasonable: bool) -> str:
        """An auditor's ruling, at the desk in either case."""
        by = claim.an_auditor()
        return code_of(rulings.rule_on_offer, flagged, is_reasonable=is_reasonable, reason="So it is.", by=by, at=at)

    def terms(self, at: datetime, **given: Any) -> OfferTerms:
        """An effective response whose times lie beyond every limit."""
        return make.offer_terms(at, **{"method": self.now.method, "windows": make.far_off(at), **given})


class ByActions(Story):
    """The actions themselves."""

    @property
    def seller(self) -> Any:
        return make.seller_of(self.appointment)

    @property
    def buyer(self) -> Any:
        return make.buyer_of(self.appointment)

    def offer(self, at: datetime, **given: Any) -> str:
        return code_of(offers.offer, self.appointment, self.terms(at, **given), by=self.seller, at=at)

    def revise(self, standing: Offer, at: datetime, **given: Any) -> str:
        return code_of(offers.revise, standing, self.terms(at, **given), by=self.seller, at=at)

    def accept(self, standing: Offer, at: datetime) -> str:
        by = self.buyer if standing.side == "seller" else self.seller
        return code_of(answers.accept, standing, window=0, by=by, at=at)

    def counter(self, standing: Offer, at: datetime) -> str:
        return code_of(answers.counter, standing, windows=make.far_off(at), by=self.buyer, at=at)

    def flag(self, standing: Offer, at: datetime) -> str:
        return code_of(rulings.flag, standing, "Too far away.", by=self.buyer, at=at)

    def refuse(self, at: datetime) -> str:
        return code_of(offers.refuse, self.appointment, "Nobody is free.", by=self.seller, at=at)

    def cancel(self, at: datetime) -> str:
        return code_of(cancel.cancel, self.appointment, by=self.buyer, at=at)

    def confirm(self, at: datetime, items: DisclosureItems | None = make.ALL_ITEMS) -> str:
        return code_of(confirm.confirm, self.appointment, items=items, by=self.seller, at=at)

    def disclose(self, at: datetime, items: DisclosureItems = make.ALL_ITEMS) -> str:
        return code_of(disclose.disclose, self.appointment, items, by=self.seller, at=at)


class ByApi(Story):
    """The same over HTTP; the clock of the server is what counts."""

    def request(self, at: datetime, cover: Cover | None = None, **given: Any) -> ServiceAppointment:
        made = super().request(at, cover, **given)
        self.seller, self.buyer = a_caller(seller=made.seller), a_caller(buyer=made.buyer)
        return made

    def _post(self, who: Caller, verb: str, body: dict[str, Any], at: datetime) -> str:
        self.frozen.move_to(at)
        answer = who.post(f"appointments/{self.appointment.pk}/{verb}/", body)
        return OK if answer.status_code < HTTPStatus.BAD_REQUEST else str(answer.json()["code"])

    def _told(self, at: datetime, **given: Any) -> dict[str, Any]:
        terms = self.terms(at, **given)
        names = ("method", "service_type", "next_step", "contact_name", "price_terms", "plan")
        body = {name: str(getattr(terms, name)) for name in names}
        return body | {"windows": windows(terms.windows), "disclosure": told(terms.disclosure)}

    def offer(self, at: datetime, **given: Any) -> str:
        return self._post(self.seller, "offer", self._told(at, **given), at)

    def revise(self, standing: Offer, at: datetime, **given: Any) -> str:
        return self._post(self.seller, "revise", self._told(at, **given) | {"replaces": standing.pk}, at)

    def accept(self, standing: Offer, at: datetime) -> str:
        who = self.buyer if standing.side == "seller" else self.seller
        return self._post(who, "accept", {"offer": standing.pk, "window": 0}, at)

    def counter(self, standing: Offer, at: datetime) -> str:
        return self._post(self.buyer, "counter", {"offer": standing.pk, "windows": windows(make.far_off(at))}, at)

    def flag(self, standing: Offer, at: datetime) -> str:
        return self._post(self.buyer, "flag", {"offer": standing.pk, "reason": "Too far away."}, at)

    def refuse(self, at: datetime) -> str:
        return self._post(self.seller, "refuse", {"reason": "Nobody is free."}, at)

    def cancel(self, at: datetime) -> str:
        return self._post(self.buyer, "cancel", {}, at)

    def confirm(self, at: datetime, items: DisclosureItems | None = make.ALL_ITEMS) -> str:
        return self._post(self.seller, "confirm", {} if items is None else {"disclosure": told(items)}, at)

    def disclose(self, at: datetime, items: DisclosureItems = make.ALL_ITEMS) -> str:
        return self._post(self.seller, "disclose", told(items), at)


def code_of(command: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    """Carry an action out; the code of its refusal, OK without one."""
    try:
        command(*args, **kwargs)
    except RuleBroken as refused:
        return refused.code
    return OK


def windows(offered: Any) -> list[dict[str, str]]:
    """Times as a body tells them."""
    return [each.as_json() for each in offered]


def told(items: DisclosureItems) -> dict[str, str]:
    """The four items as a body tells them."""
    return {item: getattr(items, item) for item in ITEMS}
